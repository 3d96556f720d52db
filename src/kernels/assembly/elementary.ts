// Elementary functions on four float32 lanes, after the Cephes library: within 2 units in the last place.
//
// Their coefficients come from a table, four equal lanes each: V8 builds a `v128.const` anew at each use, in several
// instructions, and a load is one.

/** Bytes that `storeElementaryConstants` needs. */
export const ELEMENTARY_BYTES: i32 = 24 << 4;

let place: usize = 0;

/** Fills the table at `table`, which the functions below are then given. */
export function storeElementaryConstants(table: usize): void {
  place = table;
  append(-87);
  append(<f32>1.44269504088896341);
  append(<f32>0.693359375);
  append(<f32>2.1219444e-4);
  append(<f32>1.98756915e-4);
  append(<f32>1.3981999507e-3);
  append(<f32>8.3334519073e-3);
  append(<f32>4.1665795894e-2);
  append(<f32>1.6666665459e-1);
  append(<f32>5.0000001201e-1);
  append(1);
  appendInteger(127);
  append(<f32>7.0376836292e-2);
  append(<f32>-1.151461031e-1);
  append(<f32>1.167699874e-1);
  append(<f32>-1.2420140846e-1);
  append(<f32>1.4249322787e-1);
  append(<f32>-1.6668057665e-1);
  append(<f32>2.0000714765e-1);
  append(<f32>-2.4999993993e-1);
  append(<f32>3.3333331174e-1);
  append(<f32>1e-37);
  appendInteger(0x3f3504f3);
  appendInteger(0x7fffff);
}

function append(value: f32): void {
  v128.store(place, f32x4.splat(value));
  place += 16;
}

function appendInteger(value: i32): void {
  v128.store(place, i32x4.splat(value));
  place += 16;
}

// @ts-ignore: decorator
@inline
function constant(table: usize, index: i32): v128 {
  return v128.load(table + (<usize>index << 4));
}

/** sum * x + the constant at `index` */
// @ts-ignore: decorator
@inline
function horner(sum: v128, x: v128, table: usize, index: i32): v128 {
  return f32x4.add(f32x4.mul(sum, x), constant(table, index));
}

/** e^x for x <= 0; below -87 it gives e^-87, which is 0 for all that is done here. */
// @ts-ignore: decorator
@inline
export function exponential(x: v128, table: usize): v128 {
  x = f32x4.max(x, constant(table, 0));
  const power = f32x4.nearest(f32x4.mul(x, constant(table, 1)));
  x = f32x4.sub(x, f32x4.mul(power, constant(table, 2)));
  x = f32x4.add(x, f32x4.mul(power, constant(table, 3)));
  let y = constant(table, 4);
  y = horner(y, x, table, 5);
  y = horner(y, x, table, 6);
  y = horner(y, x, table, 7);
  y = horner(y, x, table, 8);
  y = horner(y, x, table, 9);
  y = f32x4.add(f32x4.mul(y, f32x4.mul(x, x)), f32x4.add(x, constant(table, 10)));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(power), constant(table, 11)), 23);
  return f32x4.mul(y, exponent);
}

/** Natural logarithm of x > 0; of less than 1e-37 it is that of 1e-37. */
// @ts-ignore: decorator
@inline
export function logarithm(x: v128, table: usize): v128 {
  x = f32x4.max(x, constant(table, 21));
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)).
  const bits = i32x4.sub(x, constant(table, 22));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, constant(table, 23)), constant(table, 22));
  x = f32x4.sub(mantissa, constant(table, 10));
  const square = f32x4.mul(x, x);
  let y = constant(table, 12);
  y = horner(y, x, table, 13);
  y = horner(y, x, table, 14);
  y = horner(y, x, table, 15);
  y = horner(y, x, table, 16);
  y = horner(y, x, table, 17);
  y = horner(y, x, table, 18);
  y = horner(y, x, table, 19);
  y = horner(y, x, table, 20);
  y = f32x4.mul(f32x4.mul(y, x), square);
  y = f32x4.sub(y, f32x4.mul(exponent, constant(table, 3)));
  y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(x, y), f32x4.mul(exponent, constant(table, 2)));
}
