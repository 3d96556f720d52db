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
    zeros: number,
    likelihood: number,
    logits: number,
    registers: number,
    memory: number,
    targets: number,
    scratch: number,
    workspace: number,
    epsilon: number,
    ...shape: number[]
  ): void;
  machineStepGradient(
    logitGradient: number,
    registerGradient: number,
    memoryGradient: number,
    dRegisters: number,
    dMemory: number,
    dEntropy: number,
    dZeros: number,
    dLikelihood: number,
    logits: number,
    registers: number,
    memory: number,
    targets: number,
    limits: number,
    scratch: number,
    workspace: number,
    epsilon: number,
    ...shape: number[]
  ): void;
}

export function registerMachine(module: MachineModule, heap: WasmHeap, workspace: number): void {
  const scratchFor = ([, ...shape]: Shape) => heap.scratch(module.machineScratchBytes(...shape));
  const addresses = <T extends number[]>(tensors: readonly tf.TensorInfo[]) =>
    tensors.map((tensor) => heap.address(tensor)) as T;

  heap.register(MACHINE_STEP, ({ inputs, attrs }) => {
    const { logits, registers, memory, targets } = inputs as { [name: string]: tf.TensorInfo };
    const [N, R] = registers!.shape as [number, number];
    const outputs = [registers!.shape, memory!.shape, [N], [N, R], [N]].map((shape) => heap.output(shape));
    const shape = shapeOf(registers!, attrs);
    const scratch = scratchFor(shape);
    module.machineStep(
      ...addresses<[number, number, number, number, number]>(outputs),
      ...addresses<[number, number, number, number]>([logits!, registers!, memory!, targets!]),
      scratch,
      workspace,
      attrs.epsilon as number,
      ...shape,
    );
    return outputs;
  });

  heap.register(MACHINE_STEP_GRADIENT, ({ inputs, attrs }) => {
    const { logits, registers, memory, targets, limits } = inputs as { [name: string]: tf.TensorInfo };
    const { dRegisters, dMemory, dEntropy, dZeros, dLikelihood } = inputs as {
      [name: string]: tf.TensorInfo;
    };
    const outputs = [logits!, registers!, memory!].map(({ shape }) => heap.output(shape));
    const shape = shapeOf(registers!, attrs);
    const scratch = scratchFor(shape);
    module.machineStepGradient(
      ...addresses<[number, number, number]>(outputs),
      ...addresses<[number, number, number, number, number]>([
        dRegisters!,
        dMemory!,
        dEntropy!,
        dZeros!,
        dLikelihood!,
      ]),
      ...addresses<[number, number, number, number, number]>([
        logits!,
        registers!,
        memory!,
        targets!,
        limits!,
      ]),
      scratch,
      workspace,
      attrs.epsilon as number,
      ...shape,
    );
    return outputs;
  });
}

/** Examples, cells, registers, repetitions. */
type Shape = [number, number, number, number];

function shapeOf({ shape }: tf.TensorInfo, attrs: KernelArguments['attrs']): Shape {
  const [N, registers, cells] = shape as [number, number, number];
  return [N, cells, registers, attrs.repetitions as number];
}
