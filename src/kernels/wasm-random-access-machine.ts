import type * as tf from '@tensorflow/tfjs';
import { MACHINE_STEP, MACHINE_STEP_GRADIENT } from './kernel-names.js';
import type { KernelArguments, WasmHeap } from './wasm-heap.js';

/** The part of src/kernels/assembly that this registers. */
export interface MachineModule {
  machineScratchBytes(cells: number, registers: number, repetitions: number): number;
  machineStep(
    newRegisters: number,
    newMemory: number,
    entropy: number,
    logits: number,
    registers: number,
    memory: number,
    scratch: number,
    ...shape: number[]
  ): void;
  machineStepGradient(
    logitGradient: number,
    registerGradient: number,
    memoryGradient: number,
    dRegisters: number,
    dMemory: number,
    dEntropy: number,
    logits: number,
    registers: number,
    memory: number,
    limits: number,
    scratch: number,
    ...shape: number[]
  ): void;
}

type Inputs<Name extends string> = { readonly [name in Name]: tf.TensorInfo };

export function registerMachine(module: MachineModule, heap: WasmHeap): void {
  const scratchFor = (shape: number[]) =>
    heap.scratch(module.machineScratchBytes(shape[1]!, shape[2]!, shape[3]!));

  heap.register(MACHINE_STEP, (args) => {
    const { logits, registers, memory } = args.inputs as Inputs<'logits' | 'registers' | 'memory'>;
    const shape = shapeOf(args, registers);
    const outputs = [registers.shape, memory.shape, [shape[0]!]].map((s) => heap.output(s));
    const scratch = scratchFor(shape);
    const [r, m, e, ...from] = [...outputs, logits, registers, memory].map((t) => heap.address(t));
    module.machineStep(r!, m!, e!, from[0]!, from[1]!, from[2]!, scratch, ...shape);
    return outputs;
  });

  heap.register(MACHINE_STEP_GRADIENT, (args) => {
    const { logits, registers, memory, limits, dRegisters, dMemory, dEntropy } = args.inputs as Inputs<
      'logits' | 'registers' | 'memory' | 'limits' | 'dRegisters' | 'dMemory' | 'dEntropy'
    >;
    const shape = shapeOf(args, registers);
    const outputs = [logits, registers, memory].map((t) => heap.output(t.shape));
    const scratch = scratchFor(shape);
    const to = outputs.map((t) => heap.address(t)) as [number, number, number];
    const gradients = [dRegisters, dMemory, dEntropy].map((t) => heap.address(t)) as [number, number, number];
    const from = [logits, registers, memory, limits].map((t) => heap.address(t));
    module.machineStepGradient(
      ...to,
      ...gradients,
      ...(from as [number, number, number, number]),
      scratch,
      ...shape,
    );
    return outputs;
  });
}

/** Examples, cells, registers, repetitions. */
function shapeOf({ attrs }: KernelArguments, registers: tf.TensorInfo): number[] {
  const [N, count, cells] = registers.shape as [number, number, number];
  return [N, cells, count, attrs.repetitions as number];
}
