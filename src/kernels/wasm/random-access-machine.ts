import type { Call, Declarations } from './declaration.js';

type Step = Call<'RandomAccessMachineStep'>;

export const randomAccessMachine = {
  RandomAccessMachineStep: {
    run: 'machineStep',
    inputs: ['logits', 'registers', 'memory', 'targets'],
    outputs({ inputs: { registers, memory } }) {
      const [N, R] = registers.shape;
      return [registers.shape, memory.shape, [N], [N, R], [N]];
    },
    scratch,
    numbers,
    ranges: ({ inputs: { memory } }) => ({ targets: [-1, memory.shape[1]] }),
  },
  RandomAccessMachineStepGradient: {
    run: 'machineStepGradient',
    inputs: [
      ...['dRegisters', 'dMemory', 'dEntropy', 'dZeros', 'dLikelihood'],
      ...['logits', 'registers', 'memory', 'targets', 'limits'],
    ] as const,
    outputs: ({ inputs: { logits, registers, memory } }) => [logits.shape, registers.shape, memory.shape],
    scratch,
    numbers,
  },
} satisfies Declarations;

function scratch({ inputs: { registers }, attrs, functions }: Step): number {
  const [, R, M] = registers.shape;
  return functions.machineScratchBytes(M, R, attrs.repetitions);
}

function numbers({ inputs: { registers }, attrs, workspace }: Step): number[] {
  const [N, R, M] = registers.shape;
  return [workspace, attrs.epsilon, N, M, R, attrs.repetitions];
}
