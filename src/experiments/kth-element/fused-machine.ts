import * as tf from '@tensorflow/tfjs';
import { MACHINE_STEP, MACHINE_STEP_GRADIENT } from '../../kernels/kernel-names.js';
import type { MachineShape } from './layout.js';
import type { MachineState, MachineStep, Stepper } from './machine.js';

/** Whether the current backend has a time step as one kernel. */
export function hasFusedMachine(): boolean {
  return tf.getKernel(MACHINE_STEP, tf.getBackend()) !== undefined;
}

/** What `Machine` computes, by one kernel forwards and one backwards. */
export class FusedMachine implements Stepper {
  /** @param limits as for `Machine`: [N, 1, 1], stays the caller's. */
  constructor(
    private readonly shape: MachineShape,
    private readonly limits: tf.Tensor3D,
    private readonly epsilon: number,
  ) {}

  step(logits: tf.Tensor2D, { registers, memory }: MachineState, targets: tf.Tensor2D): MachineStep {
    const outputs = tf
      .engine()
      .runKernel(
        MACHINE_STEP,
        { logits, registers, memory, targets, limits: this.limits },
        { repetitions: this.shape.repetitions, epsilon: this.epsilon },
      ) as unknown as tf.Tensor[];
    return {
      registers: outputs[0] as tf.Tensor3D,
      memory: outputs[1] as tf.Tensor3D,
      entropy: outputs[2] as tf.Tensor1D,
      zeros: outputs[3] as tf.Tensor2D,
      likelihood: outputs[4] as tf.Tensor1D,
    };
  }

  dispose(): void {
    // Owns nothing.
  }
}

tf.registerGradient({
  kernelName: MACHINE_STEP,
  inputsToSave: ['logits', 'registers', 'memory', 'targets', 'limits'],
  gradFunc(dys, saved, attributes) {
    const [dRegisters, dMemory, dEntropy, dZeros, dLikelihood] = dys as tf.Tensor[];
    const [logits, registers, memory, targets, limits] = saved;
    const state = { logits, registers, memory, targets, limits };
    const inputs = { ...state, dRegisters, dMemory, dEntropy, dZeros, dLikelihood };
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
