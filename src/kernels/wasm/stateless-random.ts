import * as tf from '@tensorflow/tfjs';
import type { Call, Declarations } from './declaration.js';

/** Words of a block of the generator. */
const BLOCK = 4;

type Draw = Call<'StatelessRandomNormalPerReplica' | 'StatelessRandomUniformPerReplica'>;

const drawing = {
  inputs: ['seeds'],
  outputs: ({ inputs: { seeds }, attrs: { size } }: Draw) => [[seeds.shape[0], size]],
  numbers: ({ inputs: { seeds }, attrs: { size }, workspace }: Draw) => [seeds.shape[0], size, workspace],
} as const;

export const statelessRandom = {
  StatelessRandomNormalPerReplica: { run: 'statelessNormals', ...drawing },
  StatelessRandomUniformPerReplica: { run: 'statelessUniforms', ...drawing },
  AddStatelessRandomNormalPerReplica: {
    run: 'addStatelessNormals',
    inputs: ['x', 'seeds', 'deviation'],
    outputs: ({ inputs: { x } }) => [x.shape],
    numbers({ inputs: { x, seeds }, attrs: { offset }, workspace }) {
      const replicas = seeds.shape[0];
      return [replicas, tf.util.sizeFromShape(x.shape) / replicas, offset / BLOCK, workspace];
    },
  },
  DropoutPerReplica: {
    run: 'dropout',
    inputs: ['x', 'seeds', 'rate'],
    outputs: ({ inputs: { x } }) => [x.shape],
    numbers({ inputs: { x, seeds }, workspace }) {
      const replicas = seeds.shape[0];
      return [replicas, tf.util.sizeFromShape(x.shape) / replicas, workspace];
    },
  },
} satisfies Declarations;
