import type * as tf from '@tensorflow/tfjs';
import { CONVOLUTIONAL_GRU, CONVOLUTIONAL_GRU_GRADIENT, PICK_AND_SUM } from './kernel-names.js';
import type { KernelArguments, WasmHeap } from './wasm-heap.js';

/** The part of src/kernels/assembly that this registers; arguments are addresses, then R, n, B and the number of maps. */
export interface ConvolutionalGruModule {
  convolutionalGruScratchBytes(n: number, B: number, maps: number): number;
  convolutionalGru(...numbers: number[]): void;
  convolutionalGruGradient(...numbers: number[]): void;
  pickAndSum(
    out: number,
    x: number,
    indices: number,
    rows: number,
    columns: number,
    count: number,
    group: number,
  ): void;
}

/** Columns of the image, as in the assembly. */
const WIDTH = 4;

export function registerConvolutionalGru(
  module: ConvolutionalGruModule,
  heap: WasmHeap,
  workspace: number,
): void {
  const call = (
    run: (...numbers: number[]) => void,
    outputs: tf.TensorInfo[],
    inputs: tf.TensorInfo[],
    shape: readonly number[],
    ...rest: number[]
  ): tf.TensorInfo[] => {
    const [R, n, B, C] = shape as [number, number, number, number];
    // Taken after the outputs: making them may move what is there.
    const scratch = heap.scratch(module.convolutionalGruScratchBytes(n, B, C / WIDTH));
    run(...[...outputs, ...inputs].map((t) => heap.address(t)), scratch, ...rest, R, n, B, C / WIDTH);
    return outputs;
  };
  const inputsOf = ({ inputs }: KernelArguments, names: readonly string[]) =>
    names.map((name) => inputs[name]!);

  heap.register(CONVOLUTIONAL_GRU, (args) => {
    const { shape } = args.inputs.state!;
    const [R, n, B, C] = shape as [number, number, number, number];
    const outputs = [shape, [R, n * B, 2 * C], [R, n * B, C]].map((s) => heap.output(s));
    const names = ['state', 'gates', 'gateBias', 'candidate', 'candidateBias', 'hold'];
    return call(module.convolutionalGru, outputs, inputsOf(args, names), shape, workspace);
  });

  heap.register(CONVOLUTIONAL_GRU_GRADIENT, (args) => {
    const { state, gates, candidate } = args.inputs;
    const { shape } = state!;
    const [R, , , C] = shape as [number, number, number, number];
    const shapes = [shape, gates!.shape, [R, 2 * C], candidate!.shape, [R, C]];
    const names = ['dy', 'state', 'gates', 'candidate', 'opened', 'proposal', 'hold'];
    const outputs = shapes.map((s) => heap.output(s));
    return call(module.convolutionalGruGradient, outputs, inputsOf(args, names), shape);
  });

  heap.register(PICK_AND_SUM, ({ inputs }) => {
    const { x, indices } = inputs as { [name: string]: tf.TensorInfo };
    const [rows, columns] = x!.shape as [number, number];
    const [count, group] = indices!.shape as [number, number];
    const out = heap.output([rows, count]);
    const [to, from, at] = [out, x!, indices!].map((t) => heap.address(t)) as [number, number, number];
    module.pickAndSum(to, from, at, rows, columns, count, group);
    return out;
  });
}
