import * as tf from '@tensorflow/tfjs';
import type { Batch, Settings } from '../experiments/experiment.js';
import { globalNorm } from '../method/clip.js';
import type { Network } from './network.js';

/**
 * A step of a network in numbers, for peers that compute the same: weights and batches of some replicas, and what comes of
 * them. Nothing is dropped out, whatever the settings say.
 */
export interface Example {
  readonly settings: Settings;
  /** By name, each [R, ...]. */
  readonly parameters: { readonly [name: string]: Numbers };
  /** One batch for each replica in the form that ops take, each [R, ...]: kernels may take theirs in one piece. */
  readonly batch: { readonly [name: string]: Numbers };
  /** Training losses, [R]. */
  readonly losses: readonly number[];
  /** L2 norm of each parameter's gradient before clipping, each [R]. */
  readonly gradientNorms: { readonly [name: string]: readonly number[] };
}

/** A tensor's numbers, little-endian. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly base64: string;
}

/** The backend on which everything is composed of ops. */
const WITHOUT_KERNELS = 'cpu';

/** The network's first step, on the backend that is open. */
export async function exampleOf(
  { experiment, settings, ...own }: Network,
  replicas: number,
): Promise<Example> {
  const data = await own.open();
  const plain = {
    ...settings,
    train: { ...settings.train, ...('dropout' in settings.train && { dropout: 0 }) },
  };
  const members = Array.from({ length: replicas }, (_, r) => ({ seed: own.seedOf(r), settings: plain }));
  const program = experiment.program(members, data);
  const names = program.parameters.map(({ name }) => name);
  const parameters = program.initialise();
  const batch = program.batch(own.step ?? 0);
  const { losses, norms } = tf.tidy(() => {
    const step = tf.scalar(0, 'int32');
    const { value, grads } = tf.valueAndGrads((...p: tf.Tensor[]) => program.loss(p, batch, step).loss)(
      parameters,
    );
    return { losses: value, norms: grads.map((gradient) => globalNorm([gradient])) };
  });
  const lists = await Promise.all(norms.map((norm) => norm.array() as Promise<number[]>));
  const ownBackend = tf.getBackend();
  await tf.setBackend(WITHOUT_KERNELS);
  const plainBatch = program.batch(own.step ?? 0);
  const example = {
    settings,
    parameters: await numbersOf(Object.fromEntries(names.map((name, i) => [name, parameters[i]!]))),
    batch: await numbersOf(plainBatch),
    losses: (await losses.array()) as number[],
    gradientNorms: Object.fromEntries(names.map((name, i) => [name, lists[i]!])),
  };
  program.dispose();
  data.dispose();
  tf.dispose([...parameters, ...Object.values(batch), ...Object.values(plainBatch), losses, ...norms]);
  await tf.setBackend(ownBackend);
  return example;
}

async function numbersOf(tensors: Batch): Promise<{ [name: string]: Numbers }> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const { buffer, byteOffset, byteLength } = await tensor.data();
    const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    return [name, { shape: tensor.shape, dtype: tensor.dtype, base64 }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
