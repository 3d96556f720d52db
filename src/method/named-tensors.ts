import * as tf from '@tensorflow/tfjs';

/** Tensors by name: parameters, or what belongs to each of them, such as gradients. */
export type NamedTensors = { readonly [name: string]: tf.Tensor };

/** Another tensor in place of each, under the same names and in the same order. */
export function mapTensors(
  tensors: NamedTensors,
  map: (tensor: tf.Tensor, name: string) => tf.Tensor,
): NamedTensors {
  // A loop: several times a step, `Object.fromEntries` would be felt where one small network trains.
  const mapped: { [name: string]: tf.Tensor } = {};
  for (const name of Object.keys(tensors)) mapped[name] = map(tensors[name]!, name);
  return mapped;
}

/** A slot of zeros, shaped as the parameters. */
export function zerosFor(parameters: NamedTensors): NamedTensors {
  return mapTensors(parameters, (p) => tf.zerosLike(p));
}

/** The slot after a step: `next` of the old tensor and the gradient; parameters without a gradient keep theirs. */
export function updateSlot(
  slot: NamedTensors,
  gradients: NamedTensors,
  next: (old: tf.Tensor, gradient: tf.Tensor) => tf.Tensor,
): NamedTensors {
  return { ...slot, ...mapTensors(gradients, (g, name) => next(ofParameter(slot, name), g)) };
}

/**
 * What a state holds for a parameter.
 * @throws Error if `init` was not told of it.
 */
export function ofParameter<T>(held: { readonly [parameter: string]: T }, name: string): T {
  if (Object.hasOwn(held, name)) return held[name]!;
  const known = Object.keys(held).join(', ');
  throw new Error(`There is a gradient of "${name}", but the state was made for the parameters ${known}.`);
}
