/**
 * Numbers that TensorFlow 2.21.0 gives (CPU, Linux x86-64): for each seed the generated key and counter, the first words,
 * and the bits of the first ten float32 normals of `tf.random.stateless_normal`.
 */
export const TENSORFLOW_VECTORS: readonly {
  seed: [number, number];
  key: string;
  words: string;
  normals: string;
}[] = [
  {
    seed: [0, 0],
    key: 'dd5b9083 df7a3ef6 33da8054 ff2f51a8',
    words: 'e79b028e a0da5e89 4de6687a abe2a952 2131bd46 5bef67f0 cbe772b0 8319355c',
    normals: 'bfd93869 bef67702 bf29885c 3db232ec bf800551 3f718784 3f1ddfb5 3e5ab0d0 be12322b bf0db2b8',
  },
  {
    seed: [1, 2],
    key: '6d2f7fba 908502c9 619cb60b f7734320',
    words: '41ec0a2c 679894f1 ebff843e 16148793 00a2d093 f1531dc5 3f8db05b 2308573e',
    normals: '3f0b4acd 3e545b81 3d96a8e4 3d3e3228 bfa69a7f bf742ff1 3f577b86 3ff847a8 3f26b8d4 3f8d6ced',
  },
  {
    seed: [-1, 5],
    key: '039442c8 ce61931c d65507ac b48f290f',
    words: '9f48d579 81eed01a a6c1ea52 1b57389f d2767473 9bb4171c e1f25d62 1c891e9d',
    normals: 'bf4b1961 3f34b563 bf85fc71 bef6660f 3e5e7ccd bea81881 3e526064 3edb10c9 bed51964 bf03aef4',
  },
  {
    seed: [42, 7],
    key: 'a28359b3 d310ccea 492add56 2f50ca6d',
    words: 'cfce62c2 8576eb90 0eeab1f4 ccd934b0 f3709f75 57beb273 ff395391 0337e8dc',
    normals: 'beda96a1 3f64c26c bf11f66d be4a466e 3d047323 bf014132 3efb00a8 bf959cc4 3fbbd07b 3f1eee24',
  },
  {
    seed: [2 ** 40 + 3, -9],
    key: '4ab05065 cb38a804 a7a72403 9509e73f',
    words: 'd2b51561 6db47447 a5c9a493 0573d738 f79a66a7 e20f3675 00cb7970 4cabc8f6',
    normals: '3f365bd1 bf8f463b bf174b06 3f5ea32c 3f9a7d75 3fa6eaca 3f5c5093 bf0fdeac bfc4f542 bf17362e',
  },
];

/** Words written as hexadecimal, eight digits each. */
export function hexWords(text: string): Uint32Array {
  return Uint32Array.from(text.split(' '), (word) => Number.parseInt(word, 16));
}

/** The float32 numbers whose bits are written as hexadecimal. */
export function hexFloats(text: string): Float32Array {
  return new Float32Array(hexWords(text).buffer);
}

/** The largest distance of two float32 arrays, in units in the last place; infinite when the lengths differ. */
export function largestUlps(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    return Number.POSITIVE_INFINITY;
  }
  const orderA = ordinals(a);
  const orderB = ordinals(b);
  return orderA.reduce((largest, ordinal, i) => Math.max(largest, Math.abs(ordinal - orderB[i]!)), 0);
}

/** The position of each float on the number line, counted in representable numbers from 0. */
function ordinals(values: Float32Array): Float64Array {
  const bits = new Int32Array(values.slice().buffer);
  return Float64Array.from(bits, (word) => (word < 0 ? -(word & 0x7fffffff) : word));
}
