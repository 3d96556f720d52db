import * as tf from '@tensorflow/tfjs';
import { statelessNormal } from '../ops/stateless-random.js';
import { normals } from '../random/philox.js';
import { durationsOf } from './clock.js';

/** About as many as the 20-layer network has parameters: one replica's noise of one step. */
const COUNT = 88_000;
/** Draws between two looks at the clock, which a device needs to show its pace. */
const DRAWS = 8;

// The shortest of many short runs: what the code can do, whatever else the machine does meanwhile.

/** Normals per second of the TypeScript reference on the host. */
export async function referenceNormalsPerSecond(seconds: number): Promise<number> {
  let step = 0;
  const [shortest] = await durationsOf(seconds, () => {
    normals([1, step++], COUNT);
  });
  return COUNT / shortest!;
}

/** Normals per second of the current backend's kernel, tensor and all. */
export async function kernelNormalsPerSecond(seconds: number): Promise<number> {
  const seeds = tf.tensor2d([[1, 2]], [1, 2], 'int32');
  const [shortest] = await durationsOf(seconds, async () => {
    for (let i = 1; i < DRAWS; i++) statelessNormal(seeds, COUNT).dispose();
    const last = statelessNormal(seeds, COUNT);
    // Reads one number, which waits for a device that works behind the host's back.
    const first = tf.slice(last, [0, 0], [1, 1]);
    await first.data();
    tf.dispose([last, first]);
  });
  seeds.dispose();
  return (DRAWS * COUNT) / shortest!;
}
