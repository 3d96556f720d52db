// The hyperbolic tangent with the bits of TensorFlow.js's own kernel, which calls that of the C library musl number by number:
// src/math/tanhf.c and expm1f.c there, for four numbers at a time.
import { loadLanes, storeLanes } from './vectors';

/** `out` = tanh of `x`, both of `count` numbers. */
export function tanh(out: usize, x: usize, count: i32): void {
  for (let rest = count; rest > 0; rest -= 4) {
    storeLanes(out, muslTangent(loadLanes(x, rest)), rest);
    out += 16;
    x += 16;
  }
}

function muslTangent(x: v128): v128 {
  const size = f32x4.abs(x);
  // |x| > log(3) / 2, and no more than log(5/3) / 2.
  const isLarge = i32x4.gt_s(size, i32x4.splat(0x3f0c9f54));
  const isSmall = i32x4.le_s(size, i32x4.splat(0x3e82c578));
  const t = exponentialLessOne(f32x4.mul(size, v128.bitselect(f32x4.splat(-2), f32x4.splat(2), isSmall)));
  let share = v128.bitselect(f32x4.neg(t), t, isSmall);
  share = v128.bitselect(f32x4.splat(-2), share, isLarge);
  share = f32x4.div(share, f32x4.add(t, f32x4.splat(2)));
  let y = v128.bitselect(f32x4.add(share, f32x4.splat(1)), share, isLarge);
  // Of subnormal numbers, and beyond 10.
  y = v128.bitselect(size, y, i32x4.lt_s(size, i32x4.splat(0x00800000)));
  const furthest = f32x4.add(f32x4.div(f32x4.splat(0), size), f32x4.splat(1));
  y = v128.bitselect(furthest, y, i32x4.gt_s(size, i32x4.splat(0x41200000)));
  return v128.bitselect(x, y, i32x4.splat(0x80000000));
}

/** e^x - 1, for -0.52 < x < 20: x = n log 2 + rest - error, and e^rest - 1 = rest - excess. */
function exponentialLessOne(x: v128): v128 {
  const size = v128.and(x, i32x4.splat(0x7fffffff));
  // |x| > log(2) / 2, and less than 3 log(2) / 2.
  const isPower = i32x4.gt_s(size, i32x4.splat(0x3eb17218));
  const isOneFactor = i32x4.lt_s(size, i32x4.splat(0x3f851592));
  const factors = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950216)), f32x4.splat(0.5)));
  const one = v128.bitselect(x, f32x4.splat(1), i32x4.splat(0x80000000));
  const n = v128.and(v128.bitselect(one, f32x4.convert_i32x4_s(factors), isOneFactor), isPower);
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(6.9313812256e-1)));
  const low = f32x4.mul(n, f32x4.splat(9.0580006145e-6));
  const rest = f32x4.sub(high, low);
  const error = f32x4.sub(f32x4.sub(high, rest), low);
  const half = f32x4.mul(rest, f32x4.splat(0.5));
  const square = f32x4.mul(rest, half);
  let r = f32x4.add(f32x4.mul(square, f32x4.splat(1.5807170421e-3)), f32x4.splat(-3.3333212137e-2));
  r = f32x4.add(f32x4.mul(square, r), f32x4.splat(1));
  const t = f32x4.sub(f32x4.splat(3), f32x4.mul(r, half));
  const e = f32x4.mul(square, f32x4.div(f32x4.sub(r, t), f32x4.sub(f32x4.splat(6), f32x4.mul(rest, t))));
  const excess = f32x4.sub(f32x4.sub(f32x4.mul(rest, f32x4.sub(e, error)), error), square);
  const own = f32x4.sub(rest, excess);
  const bits = i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23);
  const power = i32x4.add(i32x4.splat(0x3f800000), bits);
  const inverse = i32x4.sub(i32x4.splat(0x3f800000), bits);
  const fewer = f32x4.add(own, f32x4.sub(f32x4.splat(1), inverse));
  const more = f32x4.add(f32x4.sub(rest, f32x4.add(excess, inverse)), f32x4.splat(1));
  let y = f32x4.mul(v128.bitselect(fewer, more, f32x4.lt(n, f32x4.splat(23))), power);
  // For n of 1, -1 and 0.
  const below = f32x4.mul(f32x4.sub(excess, f32x4.add(rest, f32x4.splat(0.5))), f32x4.splat(-2));
  const above = f32x4.add(f32x4.mul(own, f32x4.splat(2)), f32x4.splat(1));
  const twice = v128.bitselect(below, above, f32x4.lt(rest, f32x4.splat(-0.25)));
  y = v128.bitselect(twice, y, f32x4.eq(n, f32x4.splat(1)));
  const halved = f32x4.sub(f32x4.mul(own, f32x4.splat(0.5)), f32x4.splat(0.5));
  y = v128.bitselect(halved, y, f32x4.eq(n, f32x4.splat(-1)));
  const plain = f32x4.sub(rest, f32x4.sub(f32x4.mul(rest, e), square));
  y = v128.bitselect(plain, y, f32x4.eq(n, f32x4.splat(0)));
  return v128.bitselect(x, y, i32x4.lt_s(size, i32x4.splat(0x33000000)));
}
