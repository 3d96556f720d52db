import * as tf from '@tensorflow/tfjs';
import type { Attributes, Inputs, KernelName, Outputs } from '../kernels/registry.js';

type Tensors = { readonly [name: string]: tf.Tensor };

/**
 * `tf.customGrad` with names: runs `compute` without recording it, and differentiates it by `gradient`.
 * @param inputs what is differentiated.
 * @param compute gives the value, and all tensors that the gradient needs: what else it made is gone by then.
 * @param gradient the inputs' gradients, from that of the value and what was saved.
 */
export function withGradient<I extends Tensors, S extends Tensors, V extends tf.Tensor>(
  inputs: I,
  compute: () => { readonly value: V; readonly saved: S },
  gradient: (dy: V, saved: S) => { readonly [N in keyof I]: tf.Tensor },
): V {
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved } = compute();
    const names = Object.keys(saved);
    save(Object.values(saved));
    return {
      value,
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) =>
        // TensorFlow.js keeps what a gradient function leaves to the end of the whole way back: gigabytes, in a deep network.
        tf.tidy(() => {
          const gradients = gradient(dy as V, named(names, kept) as S);
          return Object.keys(inputs).map((name) => gradients[name]!);
        }),
    };
  });
  return run(...Object.values(inputs)) as V;
}

/**
 * Tells TensorFlow.js how to differentiate a kernel with several outputs, which `withGradient` cannot have.
 * @param saved inputs that the gradient needs.
 * @param gradient gradients of the inputs that have one, from those of all outputs.
 */
export function registerGradient<K extends KernelName, N extends keyof Inputs<K> & string>(
  kernelName: K,
  saved: readonly N[],
  gradient: (
    dys: Outputs<K>,
    inputs: Pick<Inputs<K>, N>,
    attributes: Attributes<K>,
  ) => { readonly [M in N]?: tf.Tensor },
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saved],
    gradFunc(dys, kept, attributes) {
      const gradients = gradient(
        dys as unknown as Outputs<K>,
        named(saved, kept) as unknown as Pick<Inputs<K>, N>,
        attributes as unknown as Attributes<K>,
      );
      return Object.fromEntries(
        Object.entries<tf.Tensor | undefined>(gradients).map(([name, tensor]) => [name, () => tensor!]),
      );
    },
  });
}

function named(names: readonly string[], tensors: readonly tf.Tensor[]): Tensors {
  const result: { [name: string]: tf.Tensor } = {};
  for (let i = 0; i < names.length; i++) result[names[i]!] = tensors[i]!;
  return result;
}
