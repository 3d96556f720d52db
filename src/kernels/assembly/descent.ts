// A step of an optimiser on all tensors of a network, in one pass over each: the gradient is scaled as clipping asks, noise
// is added, and the parameter moves. What is computed is told in src/method; every operation is rounded as there.
import { squaredNorms } from './per-replica';
import { drawWords, wordsToNormals } from './random';
import { loadLanes, storeLanes } from './vectors';
import { CHUNK, chunkOf } from './workspace';

/** A tensor [replicas, size] in the table of `noisyDescent`, in words. */
// @ts-ignore: decorator
@inline
const enum Moved {
  Out,
  Parameter,
  Gradient,
  Size,
  FirstBlock,
  Words,
}

/**
 * Gradient descent: out = parameter + (gradient scale + deviation normal) rate factor, where rate is the negative one.
 * @param table a row for each tensor: addresses of out, parameter and gradient [replicas, size], the size, and the first
 *   block of its normals in its replica's stream.
 * @param scales [tensors or 1, replicas], `scaleStep` bytes a tensor apart; 0 for none.
 * @param seeds int32 pairs, and standard `deviations` [replicas]; 0 for none. Where one is 0 nothing is added.
 * @param rates [replicas].
 * @param factors [replicas], or 0 for none.
 */
export function noisyDescent(
  table: usize,
  scales: usize,
  seeds: usize,
  deviations: usize,
  rates: usize,
  factors: usize,
  workspace: usize,
  tensors: i32,
  replicas: i32,
  scaleStep: usize,
): void {
  for (let t = 0; t < tensors; t++) {
    const row = table + <usize>(t * Moved.Words * 4);
    const size = load<i32>(row + Moved.Size * 4);
    for (let r = 0; r < replicas; r++) {
      const offset = <usize>r * size << 2;
      const out = addressAt(row, Moved.Out) + offset;
      const p = addressAt(row, Moved.Parameter) + offset;
      const g = addressAt(row, Moved.Gradient) + offset;
      const scale = scaleOf(scales, scaleStep, t, r);
      const deviation = deviationOf(deviations, r);
      const rate = f32x4.splat(load<f32>(rates + (<usize>r << 2)));
      for (let i = 0; i < size; i += CHUNK) {
        const count = min(CHUNK, size - i);
        noisyChunk(workspace, g + (<usize>i << 2), scale, seeds + (<usize>r << 3), deviation, load<u32>(row + Moved.FirstBlock * 4) + (i >> 2), count);
        const from = chunkOf(workspace);
        for (let j = 0; j < count; j += 4) {
          const at = <usize>(i + j) << 2;
          let move = f32x4.mul(v128.load(from + (<usize>j << 2)), rate);
          move = factored(move, factors, r);
          storeLanes(out + at, f32x4.add(loadLanes(p + at, count - j), move), count - j);
        }
      }
    }
  }
}

/** A tensor [replicas, size] in the table of `noisyAdam`, in words. */
// @ts-ignore: decorator
@inline
const enum Adapted {
  Out,
  OutMean,
  OutSquare,
  Parameter,
  Mean,
  Square,
  Gradient,
  Size,
  FirstBlock,
  Words,
}

/** Adam's numbers, each [replicas], one after the other in `numbers`. */
// @ts-ignore: decorator
@inline
const enum AdamNumber {
  Beta1,
  RestOfBeta1,
  Beta2,
  RestOfBeta2,
  Correction2,
  StepSize,
  Epsilon,
}

/**
 * Adam, with the noisy gradient g of `noisyDescent`: mean = beta1 mean + (1 - beta1) g, square likewise of g^2, and
 * out = parameter + mean stepSize / (sqrt(square / correction2) + epsilon) factor.
 * @param table a row for each tensor: addresses of the new parameter, mean and square, of the old ones and of the gradient,
 *   [replicas, size] each, the size and the first block.
 * @param numbers [7, replicas]: beta1, 1 - beta1, beta2, 1 - beta2, correction2, stepSize (negative) and epsilon.
 */
export function noisyAdam(
  table: usize,
  scales: usize,
  seeds: usize,
  deviations: usize,
  numbers: usize,
  factors: usize,
  workspace: usize,
  tensors: i32,
  replicas: i32,
  scaleStep: usize,
): void {
  for (let t = 0; t < tensors; t++) {
    const row = table + <usize>(t * Adapted.Words * 4);
    const size = load<i32>(row + Adapted.Size * 4);
    for (let r = 0; r < replicas; r++) {
      const offset = <usize>r * size << 2;
      const out = addressAt(row, Adapted.Out) + offset;
      const outMean = addressAt(row, Adapted.OutMean) + offset;
      const outSquare = addressAt(row, Adapted.OutSquare) + offset;
      const p = addressAt(row, Adapted.Parameter) + offset;
      const mean = addressAt(row, Adapted.Mean) + offset;
      const square = addressAt(row, Adapted.Square) + offset;
      const g = addressAt(row, Adapted.Gradient) + offset;
      const scale = scaleOf(scales, scaleStep, t, r);
      const deviation = deviationOf(deviations, r);
      const beta1 = adamNumber(numbers, replicas, r, AdamNumber.Beta1);
      const rest1 = adamNumber(numbers, replicas, r, AdamNumber.RestOfBeta1);
      const beta2 = adamNumber(numbers, replicas, r, AdamNumber.Beta2);
      const rest2 = adamNumber(numbers, replicas, r, AdamNumber.RestOfBeta2);
      const correction2 = adamNumber(numbers, replicas, r, AdamNumber.Correction2);
      const stepSize = adamNumber(numbers, replicas, r, AdamNumber.StepSize);
      const epsilon = adamNumber(numbers, replicas, r, AdamNumber.Epsilon);
      for (let i = 0; i < size; i += CHUNK) {
        const count = min(CHUNK, size - i);
        noisyChunk(workspace, g + (<usize>i << 2), scale, seeds + (<usize>r << 3), deviation, load<u32>(row + Adapted.FirstBlock * 4) + (i >> 2), count);
        const from = chunkOf(workspace);
        for (let j = 0; j < count; j += 4) {
          const at = <usize>(i + j) << 2;
          const rest = count - j;
          const gradient = v128.load(from + (<usize>j << 2));
          const newMean = f32x4.add(f32x4.mul(loadLanes(mean + at, rest), beta1), f32x4.mul(gradient, rest1));
          const newSquare = f32x4.add(f32x4.mul(loadLanes(square + at, rest), beta2), f32x4.mul(f32x4.mul(gradient, gradient), rest2));
          const root = f32x4.sqrt(f32x4.div(newSquare, correction2));
          let move = f32x4.div(f32x4.mul(newMean, stepSize), f32x4.add(root, epsilon));
          move = factored(move, factors, r);
          storeLanes(out + at, f32x4.add(loadLanes(p + at, rest), move), rest);
          storeLanes(outMean + at, newMean, rest);
          storeLanes(outSquare + at, newSquare, rest);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addressAt(row: usize, word: i32): usize {
  return <usize>load<u32>(row + <usize>(word << 2));
}

/** Where a replica's scale of a tensor stands; 0 where there are none. */
// @ts-ignore: decorator
@inline
function scaleOf(scales: usize, scaleStep: usize, tensor: i32, replica: i32): usize {
  return scales == 0 ? 0 : scales + <usize>tensor * scaleStep + (<usize>replica << 2);
}

// @ts-ignore: decorator
@inline
function deviationOf(deviations: usize, replica: i32): f32 {
  return deviations == 0 ? 0 : load<f32>(deviations + (<usize>replica << 2));
}

// @ts-ignore: decorator
@inline
function factored(move: v128, factors: usize, replica: i32): v128 {
  return factors == 0 ? move : f32x4.mul(move, v128.load32_splat(factors + (<usize>replica << 2)));
}

// @ts-ignore: decorator
@inline
function adamNumber(numbers: usize, replicas: i32, replica: i32, which: AdamNumber): v128 {
  return v128.load32_splat(numbers + (<usize>(<i32>which * replicas + replica) << 2));
}

/** Leaves in the chunk gradient scale + deviation normal, of `count` entries; behind them is anything. */
function noisyChunk(
  workspace: usize,
  gradient: usize,
  scale: usize,
  seed: usize,
  deviation: f32,
  firstBlock: u32,
  count: i32,
): void {
  const isNoisy = deviation != 0;
  if (isNoisy) {
    drawWords(workspace, seed, firstBlock, count);
    wordsToNormals(workspace, count);
  }
  const deviations = f32x4.splat(deviation);
  const chunk = chunkOf(workspace);
  for (let j = 0; j < count; j += 4) {
    const at = <usize>j << 2;
    let value = loadLanes(gradient + at, count - j);
    if (scale != 0) value = f32x4.mul(value, v128.load32_splat(scale));
    if (isNoisy) value = f32x4.add(value, f32x4.mul(deviations, v128.load(chunk + at)));
    v128.store(chunk + at, value);
  }
}

/**
 * Sums of squares, and 2^-128 times them, as `squaredNorms` makes them, of several tensors.
 * @param out [2, replicas], the sums over all tensors, added one after the other in single precision; or where `isEach`
 *   [tensors, 2, replicas].
 * @param table a row for each tensor [replicas, size]: its address and its size.
 */
export function squaredNormsOfAll(out: usize, table: usize, scratch: usize, tensors: i32, replicas: i32, isEach: bool): void {
  const all = <usize>(2 * replicas) << 2;
  for (let t = 0; t < tensors; t++) {
    const row = table + (<usize>t << 3);
    const own = isEach ? out + <usize>t * all : t == 0 ? out : scratch;
    squaredNorms(own, load<u32>(row), replicas, load<i32>(row, 4));
    if (isEach || t == 0) continue;
    for (let i: usize = 0; i < all; i += 4) store<f32>(out + i, load<f32>(out + i) + load<f32>(scratch + i));
  }
}
