import { loadLanes, storeLanes } from './vectors';

/**
 * Backward pass of y = relu(z), z = x w + b, for one replica: `dz` = `dy` where `y` > 0, else 0, and `db` the sum of dz
 * over its rows.
 * @param y pass 0 when there is no relu; then `dz` is not written and `db` sums dy.
 */
export function maskAndSum(dz: usize, db: usize, dy: usize, y: usize, rows: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 4) {
    const count = columns - j;
    let sum = f32x4.splat(0);
    let at = <usize>j << 2;
    for (let i = 0; i < rows; i++) {
      let gradient = loadLanes(dy + at, count);
      if (y != 0) {
        const active = f32x4.gt(loadLanes(y + at, count), f32x4.splat(0));
        gradient = v128.and(gradient, active);
        storeLanes(dz + at, gradient, count);
      }
      sum = f32x4.add(sum, gradient);
      at += <usize>columns << 2;
    }
    storeLanes(db + (<usize>j << 2), sum, count);
  }
}

/** out[r] = sum of squares of row r of `x` [replicas, size]; in double precision, so that long rows lose nothing. */
export function squaredNorms(out: usize, x: usize, replicas: i32, size: i32): void {
  for (let r = 0; r < replicas; r++) {
    const row = x + (<usize>r * size << 2);
    let sum0 = f64x2.splat(0);
    let sum1 = f64x2.splat(0);
    for (let i = 0; i < size; i += 4) {
      const lanes = loadLanes(row + (<usize>i << 2), size - i);
      const low = f64x2.promote_low_f32x4(lanes);
      const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(lanes, lanes, 1, 1));
      sum0 = f64x2.add(sum0, f64x2.mul(low, low));
      sum1 = f64x2.add(sum1, f64x2.mul(high, high));
    }
    const sum = f64x2.add(sum0, sum1);
    store<f32>(out + (r << 2), <f32>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  }
}
