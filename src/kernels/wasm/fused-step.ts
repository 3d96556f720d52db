import * as tf from '@tensorflow/tfjs';
import { type KernelArguments, type KernelName, registerKernel } from '../registry.js';
import { FLOAT, type Tools } from './declaration.js';
import { writeTable } from './tables.js';

/** Words of a block of the generator. */
const BLOCK = 4;

/** Registers the steps that move all parameters of a network in one call, and the norms of all their gradients. */
export function registerFusedSteps(tools: Tools): void {
  registerKernel('wasm', 'SquaredNormsOfAll', (call) => norms(tools, call));
  registerStep(tools, 'NoisyDescent', {
    run: 'noisyDescent',
    outputs: 1,
    inputs: ['p', 'g'],
    numbers: 'rates',
  });
  registerStep(tools, 'NoisyAdam', {
    run: 'noisyAdam',
    outputs: 3,
    inputs: ['p', 'mean', 'square', 'g'],
    numbers: 'numbers',
  });
}

function norms(
  { heap, functions }: Tools,
  { inputs, attrs }: KernelArguments<'SquaredNormsOfAll'>,
): tf.TensorInfo[] {
  const tensors = Object.values(inputs);
  const replicas = tensors[0]!.shape[0]!;
  const out = heap.output([attrs.each ? tensors.length : 1, 2, replicas]);
  const rows = tensors.flatMap((x) => [heap.address(x), sizeOf(x)]);
  const { table, scratch } = writeTable(heap, rows, 2 * replicas * FLOAT);
  functions.squaredNormsOfAll(
    heap.address(out),
    table,
    scratch,
    tensors.length,
    replicas,
    Number(attrs.each),
  );
  return [out];
}

interface Form {
  readonly run: 'noisyDescent' | 'noisyAdam';
  /** For each parameter; the first is the parameter itself. */
  readonly outputs: number;
  /** Of parameter i under these names with i behind them; first those that the outputs follow, which can take their places. */
  readonly inputs: readonly string[];
  readonly numbers: string;
}

function registerStep(
  { heap, functions, workspace }: Tools,
  name: KernelName & `Noisy${string}`,
  form: Form,
): void {
  const { run, outputs: count, inputs: own, numbers } = form;
  registerKernel('wasm', name as 'NoisyDescent', ({ inputs, attrs: { starts } }) => {
    const tensors = starts.length;
    const replicas = inputs.p0!.shape[0]!;
    const outputs: tf.TensorInfo[] = [];
    for (let i = 0; i < tensors; i++)
      for (let k = 0; k < count; k++) outputs.push(heap.successor(inputs[`${own[k]}${i}`]!));
    const words: number[] = [];
    for (let i = 0; i < tensors; i++) {
      for (let k = 0; k < count; k++) words.push(heap.address(outputs[count * i + k]!));
      for (const each of own) words.push(heap.address(inputs[`${each}${i}`]!));
      words.push(sizeOf(inputs[`p${i}`]!), starts[i]! / BLOCK);
    }
    const { table } = writeTable(heap, words);
    const { scales, seeds, deviations, factors } = inputs;
    const address = (tensor: typeof scales) => (tensor ? heap.address(tensor) : 0);
    const scaleStep = scales && scales.shape[0]! > 1 ? replicas * FLOAT : 0;
    functions[run](
      ...[
        table,
        address(scales),
        address(seeds),
        address(deviations),
        address(inputs[numbers]!),
        address(factors),
      ],
      ...[workspace, tensors, replicas, scaleStep],
    );
    return outputs;
  });
}

/** Numbers of each replica. */
function sizeOf({ shape }: Pick<tf.TensorInfo, 'shape'>): number {
  return tf.util.sizeFromShape(shape) / shape[0]!;
}
