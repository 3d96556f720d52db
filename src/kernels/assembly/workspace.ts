// The module's few kilobytes of TensorFlow.js's memory: a chunk in which random numbers are made, and constants.
//
// Constants are kept in memory because V8 builds a `v128.const` anew at each use, in several instructions and through
// general registers; a broadcast load is a single one.

/** Numbers made at a time: small enough to stay in the first-level cache. A multiple of 32. */
export const CHUNK: i32 = 1024;
const CONSTANT_BYTES: i32 = 160;

/** Bytes that `initialise` needs. */
export const WORKSPACE_BYTES: i32 = CONSTANT_BYTES + CHUNK * 4;

let table: usize = 0;

// @ts-ignore: decorator
@inline
export function chunk(): usize {
  return table + CONSTANT_BYTES;
}

/** Takes the bytes at `address`, which stay the module's: the one thing it remembers. */
export function initialise(address: usize): void {
  table = address;
  store<u32>(table, 0xd2511f53, Constant.Multiplier0);
  store<u32>(table, 0xcd9e8d57, Constant.Multiplier1);
  store<u32>(table, 0x9e3779b9, Constant.KeyStep0);
  store<u32>(table, 0xbb67ae85, Constant.KeyStep1);
  store<u32>(table, 0x7fffff, Constant.Mantissa);
  store<u32>(table, 0x3f800000, Constant.One);
  store<u32>(table, 1, Constant.IntegerOne);
  store<u32>(table, 1 << 20, Constant.HalfQuadrant);
  store<f32>(table, 0.5, Constant.Half);
  store<f32>(table, -2, Constant.MinusTwo);
  store<f32>(table, 1e-7, Constant.SmallestUniform);
  store<u32>(table, 0x3f3504f3, Constant.RootHalf);
  store<f32>(table, 7.0376836292e-2, Constant.Log0);
  store<f32>(table, -1.151461031e-1, Constant.Log1);
  store<f32>(table, 1.167699874e-1, Constant.Log2);
  store<f32>(table, -1.2420140846e-1, Constant.Log3);
  store<f32>(table, 1.4249322787e-1, Constant.Log4);
  store<f32>(table, -1.6668057665e-1, Constant.Log5);
  store<f32>(table, 2.0000714765e-1, Constant.Log6);
  store<f32>(table, -2.4999993993e-1, Constant.Log7);
  store<f32>(table, 3.3333331174e-1, Constant.Log8);
  store<f32>(table, -2.1219444e-4, Constant.LogTwoLow);
  store<f32>(table, 0.693359375, Constant.LogTwoHigh);
  store<f32>(table, -1.9515295891e-4, Constant.Sine0);
  store<f32>(table, 8.3321608736e-3, Constant.Sine1);
  store<f32>(table, -1.6666654611e-1, Constant.Sine2);
  store<f32>(table, 2.443315711809948e-5, Constant.Cosine0);
  store<f32>(table, -1.388731625493765e-3, Constant.Cosine1);
  store<f32>(table, 4.166664568298827e-2, Constant.Cosine2);
  store<f64>(table, (2 * Math.PI) / 8388608, Constant.AngleUnit);
  store<f64>(table, Math.PI / 2, Constant.QuarterTurn);
}

/** Byte offsets in the table; the last two are doubles. */
// @ts-ignore: decorator
@inline
export const enum Constant {
  Multiplier0 = 0,
  Multiplier1 = 4,
  KeyStep0 = 8,
  KeyStep1 = 12,
  Mantissa = 16,
  One = 20,
  IntegerOne = 24,
  HalfQuadrant = 28,
  Sign = 32,
  Half = 36,
  MinusTwo = 40,
  SmallestUniform = 44,
  RootHalf = 48,
  Log0 = 52,
  Log1 = 56,
  Log2 = 60,
  Log3 = 64,
  Log4 = 68,
  Log5 = 72,
  Log6 = 76,
  Log7 = 80,
  Log8 = 84,
  LogTwoLow = 88,
  LogTwoHigh = 92,
  Sine0 = 96,
  Sine1 = 100,
  Sine2 = 104,
  Cosine0 = 108,
  Cosine1 = 112,
  Cosine2 = 116,
  AngleUnit = 120,
  QuarterTurn = 128,
}

/** A 32-bit constant in all four lanes. */
// @ts-ignore: decorator
@inline
export function splat(constant: Constant): v128 {
  return v128.load32_splat(table + constant);
}

/** A double constant in both lanes. */
// @ts-ignore: decorator
@inline
export function splatDouble(constant: Constant): v128 {
  return v128.load64_splat(table + constant);
}
