// Elementary functions on four float32 lanes, after the Cephes library: within 2 units in the last place. Their
// coefficients stand in the workspace.
import { Constant, horner, splat } from './workspace';

/** e^x for x <= 0; below -87 it gives e^-87, which is 0 for all that is done here. */
// @ts-ignore: decorator
@inline
export function exponential(workspace: usize, x: v128): v128 {
  x = f32x4.max(x, splat(workspace, Constant.SmallestExponent));
  const power = f32x4.nearest(f32x4.mul(x, splat(workspace, Constant.LogTwoInverse)));
  x = f32x4.sub(x, f32x4.mul(power, splat(workspace, Constant.LogTwoHigh)));
  x = f32x4.sub(x, f32x4.mul(power, splat(workspace, Constant.LogTwoLow)));
  let y = splat(workspace, Constant.Exp0);
  y = horner(workspace, y, x, Constant.Exp1);
  y = horner(workspace, y, x, Constant.Exp2);
  y = horner(workspace, y, x, Constant.Exp3);
  y = horner(workspace, y, x, Constant.Exp4);
  y = horner(workspace, y, x, Constant.Exp5);
  y = f32x4.add(f32x4.mul(y, f32x4.mul(x, x)), f32x4.add(x, splat(workspace, Constant.One)));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(power), splat(workspace, Constant.ExponentBias));
  return f32x4.mul(y, i32x4.shl(exponent, 23));
}

/** Natural logarithm; of less than 1e-37 it is that of 1e-37, of NaN it is NaN. */
// @ts-ignore: decorator
@inline
export function safeLogarithm(workspace: usize, x: v128): v128 {
  const value = logarithm(workspace, f32x4.max(x, splat(workspace, Constant.SmallestLogarithmOf)));
  return v128.bitselect(value, x, f32x4.eq(x, x));
}

/** Natural logarithm of x >= 1e-37. */
// @ts-ignore: decorator
@inline
export function logarithm(workspace: usize, x: v128): v128 {
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)).
  const bits = i32x4.sub(x, splat(workspace, Constant.RootHalf));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, splat(workspace, Constant.Mantissa)), splat(workspace, Constant.RootHalf));
  x = f32x4.sub(mantissa, splat(workspace, Constant.One));
  const square = f32x4.mul(x, x);
  let y = splat(workspace, Constant.Log0);
  y = horner(workspace, y, x, Constant.Log1);
  y = horner(workspace, y, x, Constant.Log2);
  y = horner(workspace, y, x, Constant.Log3);
  y = horner(workspace, y, x, Constant.Log4);
  y = horner(workspace, y, x, Constant.Log5);
  y = horner(workspace, y, x, Constant.Log6);
  y = horner(workspace, y, x, Constant.Log7);
  y = horner(workspace, y, x, Constant.Log8);
  y = f32x4.mul(f32x4.mul(y, x), square);
  y = f32x4.add(y, f32x4.mul(exponent, splat(workspace, Constant.LogTwoLow)));
  y = f32x4.sub(y, f32x4.mul(square, splat(workspace, Constant.Half)));
  return f32x4.add(f32x4.add(x, y), f32x4.mul(exponent, splat(workspace, Constant.LogTwoHigh)));
}
