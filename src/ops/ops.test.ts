import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { FusedMachine, hasFusedMachine } from '../experiments/kth-element/fused-machine.js';
import { logitCount } from '../experiments/kth-element/layout.js';
import { Machine, type MachineState } from '../experiments/kth-element/machine.js';
import { spread } from '../experiments/neural-gpu/relaxation.js';
import type { KernelName } from '../kernels/registry.js';
import { registerWasmKernels, wasmKernels } from '../kernels/wasm/index.js';
import { adam } from '../method/adam.js';
import { clipByGlobalNorm } from '../method/clip.js';
import { descend } from '../method/descend.js';
import { addNoise } from '../method/noise.js';
import { constant } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain, type GradientTransformation } from '../method/transformation.js';
import { HostStream } from '../random/streams.js';
import { cgru, cgruWeights } from './convolutional-gru.js';
import { dense } from './dense.js';
import { denseStack } from './dense-stack.js';
import { dropout } from './dropout.js';
import { embedBags } from './embed-bags.js';
import { lstmCell } from './lstm-cell.js';
import { memoryHop } from './memory-hop.js';
import { pickAndSum } from './pick-and-sum.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';
import { norms, squaredNorm } from './squared-norm.js';
import { addStatelessNormal, statelessNormal, statelessUniform } from './stateless-random.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const R = 3;

/** Draws the same tensors on every backend. */
class Draw {
  readonly #numbers = new HostStream(1, 'task');

  normals<T extends tf.Tensor>(...shape: number[]): T {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => this.#numbers.normal());
    return tf.tensor(values, shape) as T;
  }

  /** Integers below a limit. */
  integers<T extends tf.Tensor>(limit: number, ...shape: number[]): T {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => this.#numbers.integer(limit));
    return tf.tensor(values, shape, 'int32') as T;
  }

  /** A table whose nil row is zero. */
  table(words: number, width: number): tf.Tensor3D {
    return tf.concat([tf.zeros([R, 1, width]), this.normals<tf.Tensor3D>(R, words - 1, width)], 1);
  }

  seeds(): tf.Tensor2D {
    return this.integers(2 ** 31, R, 2);
  }
}

/** The value of an op of all `inputs` together, and its gradients with respect to them. */
function differentiated(
  draw: Draw,
  inputs: tf.Tensor[],
  op: (...inputs: never[]) => tf.Tensor | tf.Tensor[],
): tf.Tensor[] {
  const run = op as (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  const values = [run(...inputs)].flat();
  const weights = values.map(({ shape }) => draw.normals(...shape));
  const loss = (...inputs: tf.Tensor[]) =>
    tf.addN([run(...inputs)].flat().map((value, i) => tf.sum(tf.mul(value, weights[i]!))));
  return [...values, ...tf.grads(loss)(inputs)];
}

const machineShape = { memory: 6, registers: 3, repetitions: 1 };

interface Case {
  readonly op: string;
  readonly kernels: readonly KernelName[];
  run(draw: Draw): tf.Tensor[];
}

const cases: readonly Case[] = [
  {
    op: 'statelessNormal',
    kernels: ['StatelessRandomNormalPerReplica'],
    run: (draw) => [statelessNormal(draw.seeds(), 50)],
  },
  {
    op: 'statelessUniform',
    kernels: ['StatelessRandomUniformPerReplica'],
    run: (draw) => [statelessUniform(draw.seeds(), 50)],
  },
  {
    op: 'addStatelessNormal',
    kernels: ['AddStatelessRandomNormalPerReplica'],
    run: (draw) => [addStatelessNormal(draw.normals(R, 7, 2), draw.seeds(), draw.normals(R), 8)],
  },
  {
    op: 'dense, relu',
    kernels: ['DensePerReplica', 'ReluGradientPerReplica'],
    run: (draw) =>
      differentiated(draw, [draw.normals(R, 5, 6), draw.normals(R, 6, 9), draw.normals(R, 9)], (x, w, b) =>
        dense(x, w, b, 'relu'),
      ),
  },
  {
    op: 'dense, linear',
    kernels: ['DensePerReplica', 'BiasGradientPerReplica'],
    run: (draw) =>
      differentiated(draw, [draw.normals(1, 5, 6), draw.normals(R, 6, 9), draw.normals(R, 9)], (x, w, b) =>
        dense(x, w, b, 'linear'),
      ),
  },
  {
    op: 'squaredNorm',
    kernels: ['SquaredNormPerReplica'],
    run: (draw) => [squaredNorm(draw.normals(R, 5, 7))],
  },
  {
    op: 'norms',
    kernels: ['SquaredNormsOfAll'],
    run: (draw) => {
      const tensors = [draw.normals(R, 5, 7), draw.normals(R, 3), draw.normals(R, 1, 2, 2)];
      return [norms([tensors]), norms(tensors.map((tensor) => [tensor]))];
    },
  },
  {
    op: 'denseStack',
    kernels: ['DenseStack', 'DenseStackGradient'],
    run: (draw) => {
      const x = draw.normals<tf.Tensor3D>(1, 5, 6);
      const weights = [draw.normals(R, 6, 9), draw.normals(R, 9), draw.normals(R, 9, 4), draw.normals(R, 4)];
      return differentiated(draw, weights, (w0, b0, w1, b1) =>
        denseStack(x, [
          { w: w0, b: b0 },
          { w: w1, b: b1 },
        ]),
      );
    },
  },
  {
    op: 'a step of descent',
    kernels: ['NoisyDescent'],
    run: (draw) => stepOf(draw, sgd(0.1)),
  },
  {
    op: 'a step of Adam',
    kernels: ['NoisyAdam'],
    run: (draw) => stepOf(draw, adam({ rate: 0.1 })),
  },
  {
    op: 'embedBags',
    kernels: ['EmbedBagsPerReplica', 'EmbedBagsGradientPerReplica'],
    run(draw) {
      // No nil: the kernel gives that row no gradient, and whoever owns the table keeps it at zero.
      const ids = tf.add(draw.integers(8, R, 4, 5), tf.scalar(1, 'int32')) as tf.Tensor3D;
      const weights = draw.normals<tf.Tensor2D>(5, 7);
      return differentiated(draw, [draw.table(9, 7)], (table) => embedBags(table, ids, weights));
    },
  },
  {
    op: 'memoryHop',
    kernels: ['MemoryHopPerReplica', 'MemoryHopGradientPerReplica'],
    run(draw) {
      const ids = tf.add(draw.integers(8, 1, 4, 3, 5), tf.scalar(1, 'int32')) as tf.Tensor4D;
      const memory = { ids, weights: draw.normals<tf.Tensor2D>(5, 7), linear: tf.tensor1d([0, 1, 0]) };
      const inputs = [tf.mul(draw.normals(R, 4, 7), 0.2), draw.table(9, 7), draw.table(9, 7)];
      return differentiated(draw, inputs, (query, input, output) => memoryHop(query, input, output, memory));
    },
  },
  {
    op: 'lstmCell',
    kernels: ['LstmCell', 'LstmCellGradient'],
    run: (draw) => differentiated(draw, [draw.normals(R, 4, 20), draw.normals(R, 4, 5)], lstmCell),
  },
  {
    op: 'cgru',
    kernels: ['ConvolutionalGru', 'ConvolutionalGruGradient'],
    run(draw) {
      const m = 3;
      // What is held beside what is not is padding.
      const hold = tf.tensor2d([0, 0, 0, 0, 0, 1, 1, 1, 1], [R, 3]);
      const inputs = [
        draw.normals(R, 3, 2, 4 * m),
        ...[tf.mul(draw.normals(R, 27 * m, m), 0.3), draw.normals(R, 3 * m)],
      ];
      return differentiated(draw, inputs, (state: tf.Tensor4D, kernels: tf.Tensor3D, biases: tf.Tensor2D) =>
        cgru(
          tf.mul(state, tf.reshape(tf.sub(1, hold), [R, 3, 1, 1])),
          cgruWeights([{ kernels, biases }])[0]!,
          hold,
        ),
      );
    },
  },
  {
    op: 'pickAndSum',
    kernels: ['PickAndSum'],
    run(draw) {
      const indices = tf.tensor2d([0, 2, 3, 3, 1, 3, 3, 2], [4, 2], 'int32');
      const transposed = tf.tensor2d([0, 4, 2, 4, 0, 3], [3, 2], 'int32');
      return differentiated(draw, [draw.normals(5, 3)], (x) => pickAndSum(x, indices, transposed));
    },
  },
  {
    op: 'dropout',
    kernels: ['DropoutPerReplica'],
    run(draw) {
      const [seeds, rates] = [draw.seeds(), tf.tensor1d([0.3, 0, 0.5])];
      return differentiated(draw, [draw.normals(R, 7, 5)], (x) => dropout(x, seeds, rates));
    },
  },
  {
    op: 'how far relaxed sets lie apart',
    kernels: ['SetSpread', 'SetSpreadGradient'],
    run: (draw) => differentiated(draw, [draw.normals(R, 4, 7)], (sets) => spread(sets as tf.Tensor3D)),
  },
  {
    op: 'a time step of the random-access machine',
    kernels: ['RandomAccessMachineStep', 'RandomAccessMachineStepGradient'],
    run(draw) {
      const [N, M, registers] = [5, machineShape.memory, machineShape.registers];
      const limits = tf.fill([N, 1, 1], 0.5) as tf.Tensor3D;
      const machine = new (hasFusedMachine() ? FusedMachine : Machine)(machineShape, limits, 1e-6);
      const targets = tf.sub(draw.integers(M + 1, N, M), tf.scalar(1, 'int32')) as tf.Tensor2D;
      const inputs = [
        draw.normals(N, logitCount(machineShape)),
        tf.softmax(draw.normals(N, registers, M)),
        tf.softmax(draw.normals(N, M, M)),
      ];
      return differentiated(draw, inputs, (logits, registers, memory) => {
        const step = machine.step(logits, { registers, memory } as MachineState, targets);
        return [step.registers, step.memory, step.entropy, step.zeros, step.likelihood];
      });
    },
  },
];

/** Where parameters are after a step of clipping, noise and an optimiser. */
function stepOf(draw: Draw, optimiser: GradientTransformation): tf.Tensor[] {
  const noise = addNoise(constant(0.3), { seed: [0, 1, 2] });
  const links = chain(clipByGlobalNorm([1, Infinity, 2]), noise, optimiser);
  const parameters = { w: draw.normals(R, 5, 3), b: draw.normals(R, 3) };
  const gradients = { w: draw.normals(R, 5, 3), b: draw.normals(R, 3) };
  const state = links.init(parameters);
  const step = tf.scalar(4, 'int32');
  return Object.values(descend(links, gradients, { parameters, state }, step, tf.scalar(0.5)).parameters);
}

describe('kernels of the wasm backend', () => {
  it.each(cases)('agree with what the cpu backend composes of ops: $op', async ({ run, kernels }) => {
    await tf.setBackend('wasm');
    const { kernelNames, result } = await tf.profile(() => run(new Draw()) as unknown as tf.Tensor);
    expect(kernelNames).toEqual(expect.arrayContaining([...kernels]));
    const found = (result as unknown as tf.Tensor[]).map((t) => ({ shape: t.shape, values: t.dataSync() }));
    await tf.setBackend('cpu');
    const composed = run(new Draw());
    expect(found.map(({ shape }) => shape)).toEqual(composed.map(({ shape }) => shape));
    for (const [i, tensor] of composed.entries()) {
      const expected = tensor.dataSync();
      const largest = Math.max(...expected.map(Math.abs));
      for (const [at, value] of found[i]!.values.entries())
        expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(1e-5 * largest);
    }
  });

  it('all have an op here, but for those that src/experiments/table-qa/fused.test.ts compares', () => {
    const elsewhere = ['ProgramLosses', 'ProgramSelections', 'ProgramSelectionsGradient'] as const;
    const covered = new Set([...cases.flatMap(({ kernels }) => kernels), ...elsewhere]);
    expect([...covered].toSorted()).toEqual(wasmKernels.toSorted());
  });
});

describe.each(['cpu', 'wasm'])('on the %s backend, tensors that do not fit', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  const zeros = <T extends tf.Tensor>(...shape: number[]) => tf.zeros(shape) as T;
  const integers = <T extends tf.Tensor>(...shape: number[]) => tf.zeros(shape, 'int32') as unknown as T;
  const seeds = () => integers<tf.Tensor2D>(3, 2);

  it.each<[string, () => unknown, string]>([
    ['statelessNormal', () => statelessNormal(integers(3, 3), 4), 'it got seeds int32 [3, 3]'],
    ['statelessUniform', () => statelessUniform(zeros(3, 2), 4), 'it got seeds [3, 2]'],
    [
      'addStatelessNormal',
      () => addStatelessNormal(zeros(2, 8), seeds(), zeros(3), 0),
      'it got x [2, 8], seeds int32 [3, 2], deviation [3]',
    ],
    [
      'dense',
      () => dense(zeros(2, 5, 6), zeros(3, 6, 7), zeros(3, 7), 'relu'),
      'x [2, 5, 6], w [3, 6, 7], b [3, 7]',
    ],
    ['squaredNorm', () => squaredNorm(integers(2, 3)), 'it got x int32 [2, 3]'],
    ['dropout', () => dropout(zeros(3, 4), seeds(), zeros(2)), 'rate [2]'],
    [
      'softmaxCrossEntropy',
      () => softmaxCrossEntropy(zeros(2, 5, 3), integers(2, 4)),
      'logits [2, 5, 3], labels int32 [2, 4]',
    ],
    ['embedBags', () => embedBags(zeros(3, 9, 7), integers(3, 4, 5), zeros(6, 7)), 'weights [6, 7]'],
    [
      'memoryHop',
      () =>
        memoryHop(zeros(3, 4, 7), zeros(3, 9, 7), zeros(3, 8, 7), {
          ids: integers(3, 4, 2, 5),
          weights: zeros(5, 7),
          linear: zeros(3),
        }),
      'input [3, 9, 7], output [3, 8, 7]',
    ],
    ['lstmCell', () => lstmCell(zeros(2, 20), zeros(2, 6)), 'gates [2, 20], cell [2, 6]'],
    [
      'cgru',
      () => cgru(zeros(2, 3, 2, 8), { kernels: zeros(2, 54, 2), biases: zeros(2, 6) }, zeros(2, 4)),
      'state [2, 3, 2, 8], kernels [2, 54, 2], biases [2, 6], hold [2, 4]',
    ],
    [
      'cgruWeights',
      () => cgruWeights([{ kernels: zeros(2, 54, 2), biases: zeros(2, 8) }]),
      'kernels [2, 54, 2], biases [2, 8]',
    ],
    [
      'pickAndSum',
      () => pickAndSum(zeros(2, 3), integers(4, 1), integers(2, 1)),
      'x [2, 3], indices int32 [4, 1], transposed int32 [2, 1]',
    ],
  ])('are refused by %s with all their shapes', (op, run, got) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(`${op} needs`);
    expect(run).toThrow(got);
  });

  it('are refused by cgru where the image has not four columns', () => {
    const weights = { kernels: zeros<tf.Tensor3D>(2, 54, 2), biases: zeros<tf.Tensor2D>(2, 6) };
    expect(() => cgru(zeros(2, 3, 2, 6), weights, zeros(2, 3))).toThrow(
      'cgru needs state [R, n, B, 4m], kernels [R, 27m, m], biases [R, 3m], hold [R, n]; it got state [2, 3, 2, 6]',
    );
  });
});

describe('indices that point nowhere are refused', () => {
  beforeAll(() => tf.setBackend('wasm'));

  const table = () => tf.ones([1, 4, 2]) as tf.Tensor3D;
  const weights = () => tf.ones([2, 2]) as tf.Tensor2D;

  it.each([4, -1, 2 ** 30])('by embedBags and memoryHop: word %d of 4', (id) => {
    const ids = tf.tensor3d([1, id], [1, 1, 2], 'int32');
    const inRange = 'is not in [0, 4)';
    expect(() => embedBags(table(), ids, weights())).toThrow(inRange);
    const memory = {
      ids: tf.reshape(ids, [1, 1, 1, 2]) as tf.Tensor4D,
      weights: weights(),
      linear: tf.zeros([1]) as tf.Tensor1D,
    };
    expect(() => memoryHop(tf.ones([1, 1, 2]), table(), table(), memory)).toThrow(inRange);
  });

  it('by pickAndSum, on either way', () => {
    const indices = (...values: number[]) => tf.tensor2d(values, [values.length, 1], 'int32');
    const x = tf.ones([2, 2]) as tf.Tensor2D;
    expect(() => pickAndSum(x, indices(0, 3), indices(0, 0))).toThrow('is 3, which is not in [0, 3)');
    expect(() => pickAndSum(x, indices(0, -1), indices(0, 0))).toThrow('is -1');
    const gradient = tf.grad((x) => pickAndSum(x as tf.Tensor2D, indices(0, 2), indices(0, 3)));
    expect(() => gradient(x)).toThrow('is 3');
  });

  it('by the random-access machine: target 6 of 6, or below -1', () => {
    const { memory: M, registers } = machineShape;
    const limits = tf.ones([1, 1, 1]) as tf.Tensor3D;
    const state = {
      registers: tf.fill([1, registers, M], 1 / M) as tf.Tensor3D,
      memory: tf.fill([1, M, M], 1 / M) as tf.Tensor3D,
    };
    const machine = new FusedMachine(machineShape, limits, 1e-6);
    const logits = tf.zeros([1, logitCount(machineShape)]) as tf.Tensor2D;
    const step = (target: number, z = logits) =>
      machine.step(z, state, tf.tensor2d([target, 0, 0, 0, 0, 0], [1, M], 'int32'));
    expect(() => step(M)).toThrow('is not in [-1, 6)');
    expect(() => step(-2)).toThrow('is not in [-1, 6)');
    expect(() => step(0, tf.zeros([1, 7]))).toThrow(/logits = \d+; it got logits \[1, 7\]/);
  });
});
