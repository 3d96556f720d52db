import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { type Bands, bandMatrices } from './band.js';
import { withGradient } from './gradients.js';
import { patches, patchesTransposed } from './patches.js';
import { shapeCheck } from './shapes.js';

/** One CGRU's weights, made by `cgruWeights`. */
export type CgruWeights = {
  /** Of the update gate u, the reset gate r and the candidate: [R, 3 * 3 (width) * 3 (position) * m, m]. */
  readonly kernels: tf.Tensor3D;
  /** [R, 3 m] */
  readonly biases: tf.Tensor2D;
  /** The same for a backend without a kernel for CGRUs. */
  readonly bands?: Bands;
};

/** sig'(x) = max(0, min(1, 1.2 sigmoid(x) - 0.1)). [NGPU section 3.3] */
const CUT_SCALE = 1.2;
const CUT_SHIFT = 0.1;

const checkWeights = shapeCheck('cgruWeights', { kernels: 'R 27m m', biases: 'R 3m' });
const check = shapeCheck('cgru', {
  state: 'R n B 4m',
  kernels: 'R 27m m',
  biases: 'R 3m',
  hold: 'R n',
});

/**
 * Weights of some CGRUs, each for any number of `cgru`s.
 * @param all of each, kernels [R, 27 m, m] and biases [R, 3 m]; at least one.
 * @throws RangeError when the shapes do not fit.
 */
export function cgruWeights(all: readonly Omit<CgruWeights, 'bands'>[]): CgruWeights[] {
  for (const weights of all) checkWeights(weights);
  if (hasKernel('ConvolutionalGru')) return [...all];
  const bands = bandMatrices(
    all.map(({ kernels }) => kernels),
    all.map(({ biases }) => biases),
  );
  return all.map((weights, i) => ({ ...weights, bands: bands[i]! }));
}

/**
 * A convolutional gated recurrent unit, u s + (1 - u) tanh(U conv (r s) + B), with gates cut off [NGPU section 2, 3.3]. Where a
 * gate is cut its gradient is exactly 0.
 * @param state the image, [R, n, B, C]: positions, sequences, and 4 columns of m maps
 * @param hold [R, n] of 0 and 1, 0 before 1: where it is 1 both gates are 1, so that the state stays as it is, bit for bit.
 *   Of a replica that is held in part, the state must be 0 there, as padding is.
 * @throws RangeError when the shapes do not fit.
 */
export function cgru(state: tf.Tensor4D, weights: CgruWeights, hold: tf.Tensor2D): tf.Tensor4D {
  const { kernels, biases, bands } = weights;
  check({ state, kernels, biases, hold });
  return bands ? byBands(state, bands, hold) : byKernel(state, kernels, biases, hold);
}

function byKernel(
  state: tf.Tensor4D,
  kernels: tf.Tensor3D,
  biases: tf.Tensor2D,
  hold: tf.Tensor2D,
): tf.Tensor4D {
  return withGradient(
    { state, kernels, biases },
    () => {
      const [value, opened, proposal] = runKernel('ConvolutionalGru', { state, kernels, biases, hold });
      return { value, saved: { state, kernels, opened, proposal, hold } };
    },
    (dy, saved) => {
      const [dState, dKernels, dBiases] = runKernel('ConvolutionalGruGradient', { dy, ...saved });
      return { state: dState, kernels: dKernels, biases: dBiases };
    },
  );
}

function byBands(state: tf.Tensor4D, bands: Bands, hold: tf.Tensor2D): tf.Tensor4D {
  const { gates, candidate } = bands;
  return withGradient(
    { state, ...bands },
    () => {
      const [value, opened, proposal] = hasKernel('BandedGru')
        ? runKernel('BandedGru', { state, ...bands, hold })
        : forward(state, bands, hold);
      return { value, saved: { state, gates, candidate, opened, proposal } };
    },
    (dy, saved) => (hasKernel('BandedGruGradient') ? backwardByKernel(dy, saved) : backward(dy, saved)),
  );
}

/** The next state, the gates [R, n, B, 2 C] and the candidate [R, n, B, C]. */
function forward(
  state: tf.Tensor4D,
  { gates, gateBias, candidate, candidateBias }: Bands,
  hold: tf.Tensor2D,
): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  return tf.tidy(() => {
    const opened = cutOff(affine(state, gates, gateBias), hold);
    const [u, r] = separate(opened);
    const proposal = tf.tanh(affine(tf.mul(r, state), candidate, candidateBias));
    const next = tf.add(tf.mul(u, state), tf.mul(tf.sub(1, u), proposal)) as tf.Tensor4D;
    return [next, opened, proposal];
  });
}

function affine(x: tf.Tensor4D, matrix: tf.Tensor3D, bias: tf.Tensor3D): tf.Tensor4D {
  const [R, n, B] = x.shape;
  return tf.reshape(tf.add(tf.matMul(patches(x), matrix), bias), [R, n, B, -1]);
}

/** The cut-off sigmoid of x [R, n, B, 2 C], and 1 where `hold` is. */
function cutOff(x: tf.Tensor4D, hold: tf.Tensor2D): tf.Tensor4D {
  const [R, n] = hold.shape;
  const linear = tf.sub(tf.mul(tf.sigmoid(x), CUT_SCALE), CUT_SHIFT);
  return tf.minimum(tf.maximum(linear, tf.reshape(hold, [R, n, 1, 1])), 1);
}

type Saved = Readonly<
  Pick<Bands, 'gates' | 'candidate'> & {
    state: tf.Tensor4D;
    opened: tf.Tensor4D;
    proposal: tf.Tensor4D;
  }
>;

function backwardByKernel(dy: tf.Tensor4D, saved: Saved): Bands & { state: tf.Tensor4D } {
  const inputs = { dy, ...saved };
  const [state, gates, gateBias, candidate, candidateBias] = runKernel('BandedGruGradient', inputs);
  return { state, gates, gateBias, candidate, candidateBias };
}

function backward(dy: tf.Tensor4D, saved: Saved): Bands & { state: tf.Tensor4D } {
  const { state, gates, candidate, opened, proposal } = saved;
  const [u, r] = separate(opened);
  const dCandidate = rows(tf.mul(tf.mul(dy, tf.sub(1, u)), tf.sub(1, tf.square(proposal))));
  const dReset = patchesTransposed(tf.matMul(dCandidate, candidate, false, true), state.shape);
  const dOpened = tf.concat([tf.mul(dy, tf.sub(state, proposal)), tf.mul(dReset, state)], 3);
  const dGates = rows(tf.mul(dOpened, slope(opened)));
  const throughGates = patchesTransposed(tf.matMul(dGates, gates, false, true), state.shape);
  return {
    state: tf.add(tf.add(tf.mul(dy, u), tf.mul(dReset, r)), throughGates),
    gates: tf.matMul(patches(state), dGates, true, false),
    gateBias: tf.sum(dGates, 1, true),
    candidate: tf.matMul(patches(tf.mul(r, state)), dCandidate, true, false),
    candidateBias: tf.sum(dCandidate, 1, true),
  };
}

/** An image [R, n, B, C] as [R, n B, C]. */
function rows(image: tf.Tensor): tf.Tensor3D {
  const [R, n, B, C] = image.shape as [number, number, number, number];
  return tf.reshape(image, [R, n * B, C]);
}

/** Update and reset gate, each [R, n, B, C], from where they stand side by side. */
function separate(gates: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
  return tf.split(gates, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
}

/** Derivative of the cut-off sigmoid, from its value: 0 where it is cut off or held. */
function slope(value: tf.Tensor): tf.Tensor {
  const sigmoid = tf.div(tf.add(value, CUT_SHIFT), CUT_SCALE);
  const inside = tf.mul(tf.cast(tf.greater(value, 0), 'float32'), tf.cast(tf.less(value, 1), 'float32'));
  return tf.mul(tf.mul(tf.mul(sigmoid, tf.sub(1, sigmoid)), CUT_SCALE), inside);
}
