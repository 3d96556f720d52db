import type * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../../kernels/registry.js';
import { registerGradient } from '../../ops/gradients.js';
import { shapeCheck } from '../../ops/shapes.js';
import { logitCount, type MachineShape } from './layout.js';
import type { MachineState, MachineStep, Stepper } from './machine.js';

/** Whether the current backend has a time step as one kernel. */
export function hasFusedMachine(): boolean {
  return hasKernel('RandomAccessMachineStep');
}

const check = shapeCheck('RandomAccessMachineStep', {
  logits: 'N logits',
  registers: 'N registers M',
  memory: 'N M M',
  targets: 'int32 N M',
});

/** Limits belong to training examples; tests take other ones, and no gradient. */
const checkLimits = shapeCheck('RandomAccessMachineStep, to be differentiated,', {
  registers: 'N registers M',
  limits: 'N 1 1',
});

/** What `Machine` computes, by one kernel forwards and one backwards. */
export class FusedMachine implements Stepper {
  /** @param limits as for `Machine`: [N, 1, 1], stays the caller's. */
  constructor(
    private readonly shape: MachineShape,
    private readonly limits: tf.Tensor3D,
    private readonly epsilon: number,
  ) {}

  /** @throws RangeError when the shapes do not fit, or where a target is no integer of the machine. */
  step(logits: tf.Tensor2D, state: MachineState, targets: tf.Tensor2D): MachineStep {
    const { memory: M, registers: R, repetitions } = this.shape;
    const inputs = { logits, registers: state.registers, memory: state.memory, targets };
    check(inputs, { M, registers: R, logits: logitCount(this.shape) });
    const [registers, memory, entropy, zeros, likelihood] = runKernel(
      'RandomAccessMachineStep',
      { ...inputs, limits: this.limits },
      { repetitions, epsilon: this.epsilon },
    );
    return { registers, memory, entropy, zeros, likelihood };
  }

  dispose(): void {
    // Owns nothing.
  }
}

registerGradient(
  'RandomAccessMachineStep',
  ['logits', 'registers', 'memory', 'targets', 'limits'],
  ([dRegisters, dMemory, dEntropy, dZeros, dLikelihood], inputs, attributes) => {
    checkLimits(inputs);
    const dys = { dRegisters, dMemory, dEntropy, dZeros, dLikelihood };
    const gradients = runKernel('RandomAccessMachineStepGradient', { ...inputs, ...dys }, attributes);
    const [logits, registers, memory] = gradients;
    return { logits, registers, memory };
  },
);
