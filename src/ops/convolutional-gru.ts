import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { type Bands, bandMatrices } from './band.js';
import { withGradient } from './gradients.js';
import { patches, patchesTransposed, WIDTH } from './patches.js';
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
 * Weights for any number of `cgru`s.
 * @param kernels [R, 27 m, m]
 * @param biases [R, 3 m]
 * @throws RangeError when the shapes do not fit.
 */
export function cgruWeights(kernels: tf.Tensor3D, biases: tf.Tensor2D): CgruWeights {
  checkWeights({ kernels, biases });
  if (hasKernel('ConvolutionalGru')) return { kernels, biases };
  return { kernels, biases, bands: bandMatrices(kernels, biases) };
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
      const [value, opened, proposal] = forward(state, bands, hold);
      return { value, saved: { state, gates, candidate, opened, proposal, hold } };
    },
    backward,
  );
}

/** The next state, the gates [R, n B, 2 C] and the candidate [R, n B, C]. */
function forward(
  state: tf.Tensor4D,
  { gates, gateBias, candidate, candidateBias }: Bands,
  hold: tf.Tensor2D,
): [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D] {
  return tf.tidy(() => {
    const [R, n, B, C] = state.shape;
    const opened = cutOff(affine(state, gates, gateBias), hold, B);
    const [u, r] = separate(opened);
    const flat = tf.reshape(state, [R, n * B, C]);
    const reset = tf.reshape(tf.mul(r, flat), [R, n, B, C]) as tf.Tensor4D;
    const proposal = tf.tanh(affine(reset, candidate, candidateBias));
    const next = tf.reshape(
      tf.add(tf.mul(u, flat), tf.mul(tf.sub(1, u), proposal)),
      state.shape,
    ) as tf.Tensor4D;
    return [next, opened, proposal];
  });
}

function affine(x: tf.Tensor4D, matrix: tf.Tensor3D, bias: tf.Tensor2D): tf.Tensor3D {
  return tf.add(tf.matMul(patches(x), matrix), tf.expandDims(bias, 1));
}

/** The cut-off sigmoid of x [R, n B, 2 C], and 1 where `hold` is. */
function cutOff(x: tf.Tensor3D, hold: tf.Tensor2D, B: number): tf.Tensor3D {
  const [R, rows, columns] = x.shape;
  const linear = tf.sub(tf.mul(tf.sigmoid(x), CUT_SCALE), CUT_SHIFT);
  const floor = tf.reshape(hold, [R, rows / B, 1, 1]);
  const shaped = tf.reshape(linear, [R, rows / B, B, columns]);
  return tf.reshape(tf.minimum(tf.maximum(shaped, floor), 1), x.shape);
}

type Saved = Readonly<
  Pick<Bands, 'gates' | 'candidate'> & {
    state: tf.Tensor4D;
    opened: tf.Tensor3D;
    proposal: tf.Tensor3D;
    hold: tf.Tensor2D;
  }
>;

function backward(dy: tf.Tensor4D, saved: Saved): Bands & { state: tf.Tensor4D } {
  const { state, gates, candidate, opened, proposal } = saved;
  const [R, n, B, C] = state.shape;
  const rows = (t: tf.Tensor) => tf.reshape(t, [R, n * B, C]) as tf.Tensor3D;
  const [s, d] = [rows(state), rows(dy)];
  const [u, r] = separate(opened);
  const dCandidate = tf.mul(tf.mul(d, tf.sub(1, u)), tf.sub(1, tf.square(proposal))) as tf.Tensor3D;
  const reset = tf.reshape(tf.mul(r, s), state.shape) as tf.Tensor4D;
  const dReset = rows(patchesTransposed(tf.matMul(dCandidate, candidate, false, true), state.shape));
  const dOpened = join(tf.mul(d, tf.sub(s, proposal)), tf.mul(dReset, s));
  const dGates = tf.mul(dOpened, slope(opened)) as tf.Tensor3D;
  const throughGates = patchesTransposed(tf.matMul(dGates, gates, false, true), state.shape);
  const dState = tf.add(tf.add(tf.mul(d, u), tf.mul(dReset, r)), rows(throughGates));
  return {
    state: tf.reshape(dState, state.shape),
    gates: tf.matMul(patches(state), dGates, true, false),
    gateBias: tf.sum(dGates, 1),
    candidate: tf.matMul(patches(reset), dCandidate, true, false),
    candidateBias: tf.sum(dCandidate, 1),
  };
}

/** Update and reset gate, each [R, n B, C], from where they stand side by side. */
function separate(gates: tf.Tensor3D): [tf.Tensor3D, tf.Tensor3D] {
  const [R, rows, columns] = gates.shape;
  const parts = tf.split(tf.reshape(gates, [R * rows * WIDTH, columns / WIDTH]), 2, 1);
  return parts.map((part) => tf.reshape(part, [R, rows, columns / 2])) as [tf.Tensor3D, tf.Tensor3D];
}

/** The inverse of `separate`. */
function join(update: tf.Tensor, reset: tf.Tensor): tf.Tensor3D {
  const [R, rows, columns] = update.shape as [number, number, number];
  const flat = [update, reset].map((part) => tf.reshape(part, [R * rows * WIDTH, columns / WIDTH]));
  return tf.reshape(tf.concat(flat, 1), [R, rows, 2 * columns]);
}

/** Derivative of the cut-off sigmoid, from its value: 0 where it is cut off or held. */
function slope(value: tf.Tensor): tf.Tensor {
  const sigmoid = tf.div(tf.add(value, CUT_SHIFT), CUT_SCALE);
  const inside = tf.mul(tf.cast(tf.greater(value, 0), 'float32'), tf.cast(tf.less(value, 1), 'float32'));
  return tf.mul(tf.mul(tf.mul(sigmoid, tf.sub(1, sigmoid)), CUT_SCALE), inside);
}
