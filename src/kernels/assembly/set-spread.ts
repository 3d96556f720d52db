// How far the parameter sets of a Neural GPU lie apart; see src/experiments/neural-gpu/relaxation.ts. Sums are in the
// order of TensorFlow.js's own kernels, which gave these numbers before.
import { loadLanes, storeLanes } from './vectors';

/**
 * out [replicas]: sums of (x - mean)^2, with the mean over the sets.
 * @param x [replicas, sets, size]
 * @param means working memory for `size` numbers
 */
export function setSpread(out: usize, x: usize, means: usize, replicas: i32, sets: i32, size: i32): void {
  const row = <usize>size << 2;
  for (let r = 0; r < replicas; r++) {
    for (let j = 0; j < size; j += 4)
      storeLanes(means + (<usize>j << 2), meanOf(x + (<usize>j << 2), row, sets, size - j), size - j);
    let sum: f32 = 0;
    for (let i = 0; i < sets; i++) {
      for (let j: usize = 0; j < row; j += 4) {
        const distance = load<f32>(x + j) - load<f32>(means + j);
        sum += distance * distance;
      }
      x += row;
    }
    store<f32>(out + (<usize>r << 2), sum);
  }
}

/** dx [replicas, sets, size] for `dy` [replicas]: 2 dy (x - mean), less the mean of that, which is its rounding error. */
export function setSpreadGradient(dx: usize, dy: usize, x: usize, replicas: i32, sets: i32, size: i32): void {
  const row = <usize>size << 2;
  const two = f32x4.splat(2);
  for (let r = 0; r < replicas; r++) {
    const gradient = f32x4.splat(load<f32>(dy + (<usize>r << 2)));
    for (let j = 0; j < size; j += 4) {
      const rest = size - j;
      const at = <usize>j << 2;
      const mean = meanOf(x + at, row, sets, rest);
      let sum = f32x4.splat(0);
      for (let i = 0; i < sets; i++) {
        const own = at + i * row;
        const pull = f32x4.mul(gradient, f32x4.mul(f32x4.sub(loadLanes(x + own, rest), mean), two));
        storeLanes(dx + own, pull, rest);
        sum = f32x4.add(sum, pull);
      }
      const back = f32x4.div(f32x4.neg(sum), f32x4.splat(<f32>sets));
      for (let i = 0; i < sets; i++) {
        const own = dx + at + i * row;
        storeLanes(own, f32x4.add(loadLanes(own, rest), back), rest);
      }
    }
    x += sets * row;
    dx += sets * row;
  }
}

/** Of up to four neighbours. */
// @ts-ignore: decorator
@inline
function meanOf(x: usize, row: usize, sets: i32, rest: i32): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < sets; i++) sum = f32x4.add(sum, loadLanes(x + i * row, rest));
  return f32x4.div(sum, f32x4.splat(<f32>sets));
}
