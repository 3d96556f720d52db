import * as tf from '@tensorflow/tfjs';
import type { Declarations } from './declaration.js';
import { panelBytes, productNumbers } from './matrix-product.js';

export const dense = {
  DensePerReplica: {
    run: 'matrixProducts',
    inputs: ['x', 'w', 'b'],
    outputs: ({ inputs: { x, w } }) => [[w.shape[0], x.shape[1], w.shape[2]]],
    scratch: ({ inputs: { w } }) => panelBytes(w.shape[1]),
    numbers({ inputs: { x, w }, attrs: { relu } }) {
      const [R, k, n] = w.shape;
      const m = x.shape[1];
      return productNumbers({ m, k, n, relu }, { count: R, aStep: x.shape[0] === 1 ? 0 : 1, bStep: 1 });
    },
  },
  ReluGradientPerReplica: {
    run: 'maskAndSum',
    inputs: ['dy', 'y'],
    outputs: ({ inputs: { dy } }) => [dy.shape, [dy.shape[0], dy.shape[2]]],
    numbers: ({ inputs: { dy } }) => dy.shape,
  },
  BiasGradientPerReplica: {
    run: 'maskAndSum',
    inputs: ['dy', null],
    outputs: ({ inputs: { dy } }) => [null, [dy.shape[0], dy.shape[2]]],
    numbers: ({ inputs: { dy } }) => dy.shape,
  },
  SquaredNormPerReplica: {
    run: 'squaredNorms',
    inputs: ['x'],
    outputs: ({ inputs: { x } }) => [[x.shape[0]!]],
    numbers: ({ inputs: { x } }) => [x.shape[0]!, tf.util.sizeFromShape(x.shape) / x.shape[0]!],
  },
} satisfies Declarations;
