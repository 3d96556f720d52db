import * as tf from '@tensorflow/tfjs';
import { MACHINE_STEP, MACHINE_STEP_GRADIENT } from '../../kernels/kernel-names.js';
import type { MachineShape } from './layout.js';
import type { MachineState, MachineStep } from './machine.js';

/** Whether the current backend has a time step as one kernel. */
export function hasFusedMachine(): boolean {
  return tf.getKernel(MACHINE_STEP, tf.getBackend()) !== undefined;
}

/** What `Machine` computes, by one kernel forwards and one backwards. */
export class FusedMachine {
  /** @param limit as for `Machine`: [N, 1, 1], stays the caller's. */
  constructor(
    private readonly shape: MachineShape,
    private readonly limits: tf.Tensor3D,
  ) {}

  step(logits: tf.Tensor2D, { registers, memory }: MachineState): MachineStep {
    const inputs = { logits, registers, memory, limits: this.limits };
    const outputs = tf.engine().runKernel(MACHINE_STEP, inputs, { repetitions: this.shape.repetitions });
    const [newRegisters, newMemory, entropy] = outputs as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor1D];
    return { registers: newRegisters, memory: newMemory, entropy };
  }

  dispose(): void {
    // Owns nothing.
  }
}

tf.registerGradient({
  kernelName: MACHINE_STEP,
  inputsToSave: ['logits', 'registers', 'memory', 'limits'],
  gradFunc(dys, saved, attributes) {
    const [dRegisters, dMemory, dEntropy] = dys as tf.Tensor[];
    const [logits, registers, memory, limits] = saved;
    const inputs = { logits, registers, memory, limits, dRegisters, dMemory, dEntropy };
    const gradients = tf
      .engine()
      .runKernel(
        MACHINE_STEP_GRADIENT,
        inputs as tf.NamedTensorMap,
        attributes as never,
      ) as unknown as tf.Tensor[];
    return { logits: () => gradients[0]!, registers: () => gradients[1]!, memory: () => gradients[2]! };
  },
});
