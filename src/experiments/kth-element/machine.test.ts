import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { HostStream } from '../../random/streams.js';
import { FusedMachine, hasFusedMachine } from './fused-machine.js';
import { logitCount } from './layout.js';
import { Machine, type MachineState, type MachineStep } from './machine.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
  await registerWasmKernels();
});

const EPSILON = 1e-6;

const shapes = [
  { memory: 3, registers: 1, repetitions: 1 },
  { memory: 8, registers: 4, repetitions: 1 },
  { memory: 9, registers: 3, repetitions: 2 },
];

describe.each(shapes)(
  'the fused machine, $memory cells, $registers registers, lists $repetitions',
  (shape) => {
    // Not a multiple of the kernel's four lanes, and fewer than four.
    it.each([1, 6, 50])('takes the same step as the ops for %d examples', (N) => {
      const { logits, state, targets, limit } = example(shape, N, 1e9);
      const [fused, ops] = [new FusedMachine(shape, limit, EPSILON), new Machine(shape, limit, EPSILON)].map(
        (m) => m.step(logits, state, targets),
      ) as [MachineStep, MachineStep];
      expectClose(fused.registers, ops.registers);
      expectClose(fused.memory, ops.memory);
      expectClose(fused.entropy, ops.entropy);
    });

    it.each([1e9, 0.05])('has the same gradient as the ops, with entries clipped at %d', (clip) => {
      const N = 6;
      const { logits, state, targets, limit } = example(shape, N, clip);
      const weights = example(shape, N, clip, 100);
      const gradients = (machine: FusedMachine | Machine) =>
        tf.grads((z, registers, memory) => {
          const first = machine.step(z as tf.Tensor2D, { registers, memory } as MachineState, targets);
          const second = machine.step(z as tf.Tensor2D, first, targets);
          return tf.addN([
            tf.sum(tf.mul(second.registers, weights.state.registers)),
            tf.sum(tf.mul(second.memory, tf.square(weights.state.memory))),
            tf.sum(tf.mul(tf.add(first.entropy, second.entropy), 0.1)),
            tf.sum(tf.mul(tf.add(first.likelihood, tf.square(second.likelihood)), 0.1)),
            tf.sum(tf.mul(tf.concat([first.zeros, tf.square(second.zeros)], 1), 0.5)),
          ]);
        })([logits, state.registers, state.memory]);
      const [fused, ops] = [new FusedMachine(shape, limit, EPSILON), new Machine(shape, limit, EPSILON)].map(
        gradients,
      );
      for (const [i, gradient] of fused!.entries()) expectClose(gradient, ops![i]!);
    });
  },
);

describe('the machine', () => {
  it('keeps registers and cells distributions, over many steps', () => {
    const shape = { memory: 9, registers: 4, repetitions: 1 };
    for (const machine of [machineOf(shape), new FusedMachine(shape, tf.ones([6, 1, 1]), EPSILON)]) {
      const start = example(shape, 6, 1);
      let state: MachineState = start.state;
      for (let t = 0; t < 30; t++) state = machine.step(example(shape, 6, 1, t).logits, state, start.targets);
      const rows = [...sums(state.registers), ...sums(state.memory)];
      for (const sum of rows) expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
    }
  });

  it('is fused on the wasm backend', () => expect(hasFusedMachine()).toBe(true));
});

function machineOf(shape: (typeof shapes)[number]): Machine {
  return new Machine(shape, tf.ones([6, 1, 1]), EPSILON);
}

function example(shape: (typeof shapes)[number], N: number, clip: number, seed = 1) {
  const { memory: M, registers } = shape;
  const stream = new HostStream(seed, 'task');
  const normals = (dimensions: number[]) =>
    tf.tensor(
      Array.from({ length: dimensions.reduce((a, b) => a * b) }, () => 2 * stream.normal()),
      dimensions,
    );
  return {
    logits: normals([N, logitCount(shape)]) as tf.Tensor2D,
    state: {
      registers: tf.softmax(normals([N, registers, M])) as tf.Tensor3D,
      memory: tf.softmax(normals([N, M, M])) as tf.Tensor3D,
    },
    // Some cells may hold anything.
    targets: tf.tensor2d(
      Array.from({ length: N * M }, () => stream.integer(M + 1) - 1),
      [N, M],
      'int32',
    ),
    limit: tf.fill([N, 1, 1], clip) as tf.Tensor3D,
  };
}

function sums(x: tf.Tensor): number[] {
  return [...x.sum(-1).dataSync()];
}

/** Within 1e-5 of the largest entry. */
function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const difference = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
  expect(difference / tf.max(tf.abs(expected)).dataSync()[0]!).toBeLessThan(1e-5);
}
