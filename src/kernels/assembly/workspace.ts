// The workspace: a few kilobytes that the caller has filled once and passes to the kernels that need it. First a table of
// constants, then a chunk in which random numbers are made.
//
// Constants are kept in memory because V8 builds a `v128.const` anew at each use, in several instructions and through
// general registers; a broadcast load is a single one.

/** Numbers made at a time: small enough to stay in the first-level cache. A multiple of 32. */
export const CHUNK: i32 = 1024;
const TABLE_BYTES: i32 = 192;

/** Bytes of a workspace. */
export const WORKSPACE_BYTES: i32 = TABLE_BYTES + CHUNK * 4;

// @ts-ignore: decorator
@inline
export function chunkOf(workspace: usize): usize {
  return workspace + TABLE_BYTES;
}

/** Places in the table, in units of 8 bytes; doubles come first. */
// @ts-ignore: decorator
@inline
export const enum DoubleConstant {
  AngleUnit,
  QuarterTurn,
}

/** Places in the table, in units of 4 bytes, behind the doubles. */
// @ts-ignore: decorator
@inline
export const enum Constant {
  // Philox.
  Multiplier0 = 4,
  Multiplier1,
  KeyStep0,
  KeyStep1,
  // Words to uniforms and angles.
  Mantissa,
  One,
  IntegerOne,
  HalfQuadrant,
  Half,
  MinusTwo,
  SmallestUniform,
  // Polynomials of the Cephes library.
  RootHalf,
  Log0,
  Log1,
  Log2,
  Log3,
  Log4,
  Log5,
  Log6,
  Log7,
  Log8,
  LogTwoLow,
  LogTwoHigh,
  SmallestLogarithmOf,
  Sine0,
  Sine1,
  Sine2,
  Cosine0,
  Cosine1,
  Cosine2,
  SmallestExponent,
  LogTwoInverse,
  Exp0,
  Exp1,
  Exp2,
  Exp3,
  Exp4,
  Exp5,
  ExponentBias,
}

/** Writes the table to `WORKSPACE_BYTES` bytes at `workspace`. */
export function fillWorkspace(workspace: usize): void {
  store<f64>(workspace + (DoubleConstant.AngleUnit << 3), (2 * Math.PI) / 8388608);
  store<f64>(workspace + (DoubleConstant.QuarterTurn << 3), Math.PI / 2);
  put(workspace, Constant.Multiplier0, 0xd2511f53);
  put(workspace, Constant.Multiplier1, 0xcd9e8d57);
  put(workspace, Constant.KeyStep0, 0x9e3779b9);
  put(workspace, Constant.KeyStep1, 0xbb67ae85);
  put(workspace, Constant.Mantissa, 0x7fffff);
  put(workspace, Constant.One, 0x3f800000);
  put(workspace, Constant.IntegerOne, 1);
  put(workspace, Constant.HalfQuadrant, 1 << 20);
  putFloat(workspace, Constant.Half, 0.5);
  putFloat(workspace, Constant.MinusTwo, -2);
  putFloat(workspace, Constant.SmallestUniform, 1e-7);
  put(workspace, Constant.RootHalf, 0x3f3504f3);
  putFloat(workspace, Constant.Log0, 7.0376836292e-2);
  putFloat(workspace, Constant.Log1, -1.151461031e-1);
  putFloat(workspace, Constant.Log2, 1.167699874e-1);
  putFloat(workspace, Constant.Log3, -1.2420140846e-1);
  putFloat(workspace, Constant.Log4, 1.4249322787e-1);
  putFloat(workspace, Constant.Log5, -1.6668057665e-1);
  putFloat(workspace, Constant.Log6, 2.0000714765e-1);
  putFloat(workspace, Constant.Log7, -2.4999993993e-1);
  putFloat(workspace, Constant.Log8, 3.3333331174e-1);
  putFloat(workspace, Constant.LogTwoLow, -2.1219444e-4);
  putFloat(workspace, Constant.LogTwoHigh, 0.693359375);
  putFloat(workspace, Constant.SmallestLogarithmOf, 1e-37);
  putFloat(workspace, Constant.Sine0, -1.9515295891e-4);
  putFloat(workspace, Constant.Sine1, 8.3321608736e-3);
  putFloat(workspace, Constant.Sine2, -1.6666654611e-1);
  putFloat(workspace, Constant.Cosine0, 2.443315711809948e-5);
  putFloat(workspace, Constant.Cosine1, -1.388731625493765e-3);
  putFloat(workspace, Constant.Cosine2, 4.166664568298827e-2);
  putFloat(workspace, Constant.SmallestExponent, -87);
  putFloat(workspace, Constant.LogTwoInverse, 1.44269504088896341);
  putFloat(workspace, Constant.Exp0, 1.98756915e-4);
  putFloat(workspace, Constant.Exp1, 1.3981999507e-3);
  putFloat(workspace, Constant.Exp2, 8.3334519073e-3);
  putFloat(workspace, Constant.Exp3, 4.1665795894e-2);
  putFloat(workspace, Constant.Exp4, 1.6666665459e-1);
  putFloat(workspace, Constant.Exp5, 5.0000001201e-1);
  put(workspace, Constant.ExponentBias, 127);
}

function put(workspace: usize, constant: Constant, bits: u32): void {
  store<u32>(workspace + (<usize>constant << 2), bits);
}

function putFloat(workspace: usize, constant: Constant, value: f32): void {
  store<f32>(workspace + (<usize>constant << 2), value);
}

/** A 32-bit constant in all four lanes. */
// @ts-ignore: decorator
@inline
export function splat(workspace: usize, constant: Constant): v128 {
  return v128.load32_splat(workspace + (<usize>constant << 2));
}

/** A double constant in both lanes. */
// @ts-ignore: decorator
@inline
export function splatDouble(workspace: usize, constant: DoubleConstant): v128 {
  return v128.load64_splat(workspace + (<usize>constant << 3));
}

/** Horner's step: polynomial * x + coefficient. */
// @ts-ignore: decorator
@inline
export function horner(workspace: usize, polynomial: v128, x: v128, coefficient: Constant): v128 {
  return f32x4.add(f32x4.mul(polynomial, x), splat(workspace, coefficient));
}
