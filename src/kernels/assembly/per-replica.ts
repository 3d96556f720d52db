import { loadLanes } from './vectors';

/**
 * Backward pass of y = relu(z), z = x w + b: `dz` = `dy` where `y` > 0, else 0, and `db` [replicas, columns] the sum of dz
 * over its rows. Row by row, so that memory is read in order.
 * @param dz, dy and y [replicas, rows, columns].
 * @param y pass 0 when there is no relu; then `dz` is not written and `db` sums dy.
 */
export function maskAndSum(
  dz: usize,
  db: usize,
  dy: usize,
  y: usize,
  replicas: i32,
  rows: i32,
  columns: i32,
): void {
  const whole = columns & ~3;
  memory.fill(db, 0, <usize>(replicas * columns) << 2);
  for (let r = 0; r < replicas; r++) {
    const own = db + (<usize>(r * columns) << 2);
    for (let i = 0; i < rows; i++) {
      let sum = own;
      const end = own + (<usize>whole << 2);
      while (sum < end) {
        let gradient = v128.load(dy);
        if (y != 0) {
          gradient = v128.and(gradient, f32x4.gt(v128.load(y), f32x4.splat(0)));
          v128.store(dz, gradient);
          y += 16;
          dz += 16;
        }
        v128.store(sum, f32x4.add(v128.load(sum), gradient));
        dy += 16;
        sum += 16;
      }
      for (let j = whole; j < columns; j++) {
        let gradient = load<f32>(dy);
        if (y != 0) {
          if (!(load<f32>(y) > 0)) gradient = 0;
          store<f32>(dz, gradient);
          y += 4;
          dz += 4;
        }
        store<f32>(sum, load<f32>(sum) + gradient);
        dy += 4;
        sum += 4;
      }
    }
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
