import { PARTS } from '../../ops/band.js';
import { TAPS } from '../../ops/patches.js';

/** CGRUs in one step of the network. [NGPU section 2] */
export const LAYERS = 2;

/** Numbers of one layer's kernels, [PARTS, 3 (width), 3 (position), m, m], and of its biases, [PARTS, m]. */
export function layerSizes(maps: number): { kernels: number; biases: number } {
  return { kernels: PARTS * TAPS * TAPS * maps * maps, biases: PARTS * maps };
}

/** Numbers of one set: first all layers' kernels, then all layers' biases. */
export function setSize(maps: number): number {
  const { kernels, biases } = layerSizes(maps);
  return LAYERS * (kernels + biases);
}
