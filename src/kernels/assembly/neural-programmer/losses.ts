// What soft programs of the Neural Programmer come to on tables, the loss, and its gradient, example by example.
// src/experiments/table-qa/machine.ts and loss.ts tell what is computed; here is only how it is done fast.
//
// A table's rows are filled up with zeros to whole 16s, and sums over rows have 16 parts: the bits do not depend on how many
// numbers a processor takes at once.
import { safeLogarithm } from '../elementary';
import { entry, Field, floats, index, NUMBERS, Operation, operationCount, TEXT_WORDS } from './example';

const MARGIN: f32 = 1e-6;
const FURTHEST: f32 = 1 - 1e-6;

/** The program and table at hand; lies at the start of scratch. Fields of type `usize` are addresses, but for `row`. */
@unmanaged
class Run {
  workspace: usize;
  B: i32;
  T: i32;
  /** Rows of the largest table. */
  M: i32;
  numeric: i32;
  text: i32;
  /** Bytes of a filled up row, of the table at hand. */
  row: usize;
  /** Whether comparisons are expected over the numbers instead of made with the expected number. */
  learnable: bool;
  example: usize;
  table: usize;
  operations: usize;
  dOperations: usize;
  columns: usize;
  dColumns: usize;
  pivots: usize;
  dPivots: usize;
  matches: usize;
  dMatches: usize;
  mask: usize;
  chosen: usize;
  /** [numeric] rows. */
  values: usize;
  /** [T] rows: what is selected before each step. */
  selected: usize;
  dSelected: usize;
  /** [indicators] rows: those that a comparison or a text match selects. */
  indicators: usize;
  weights: usize;
  /** [T] numbers. */
  scalars: usize;
  dScalars: usize;
  counts: usize;
  /** [T, numeric] */
  sums: usize;

  comparisons(): i32 {
    return this.learnable ? NUMBERS : 1;
  }

  indicatorCount(): i32 {
    return this.numeric * 2 * this.comparisons() + this.text * TEXT_WORDS;
  }

  /** A step's distribution of operations, or its gradient, and that of columns. */
  operationsAt(base: usize, t: i32): usize {
    return base + floats(t * this.B * operationCount(this.text));
  }

  columnsAt(base: usize, t: i32): usize {
    return base + floats(t * this.B * (this.numeric + this.text));
  }
}

const HEADER_BYTES = 256;

/** Scratch that `programLosses` needs. */
export function programLossesScratchBytes(T: i32, M: i32, numeric: i32, text: i32): i32 {
  const rows = 2 + numeric + 2 * T + 4 * numeric + TEXT_WORDS * text;
  return HEADER_BYTES + rows * ((M + 15) & ~15) * 4 + (4 * numeric + TEXT_WORDS * text + T * (3 + numeric)) * 4;
}

/**
 * Mean losses of batches of B examples, `losses` [R], and their gradients `dChoices` with respect to the choices.
 * @param choices [R, ...]: distributions over operations [T, B, O], columns [T, B, C], numbers [B, 2, 2], and scores of text
 *   matches [B, text, 10].
 * @param examples [G, B, exampleFloats]; `lists` int32 [R] says which of them each replica has.
 * @param delta and lambda [R].
 */
export function programLosses(
  losses: usize,
  dChoices: usize,
  choices: usize,
  examples: usize,
  lists: usize,
  delta: usize,
  lambda: usize,
  scratch: usize,
  workspace: usize,
  R: i32,
  B: i32,
  T: i32,
  M: i32,
  numeric: i32,
  text: i32,
  positions: i32,
  learnable: i32,
  G: i32,
): void {
  const run = layOut(scratch, workspace, B, T, M, numeric, text, learnable != 0);
  const O = operationCount(text);
  const C = numeric + text;
  const size = floats(B * (T * (O + C) + 2 * NUMBERS + text * TEXT_WORDS));
  const exampleBytes = floats(Field.Words + positions + (numeric + 1 + text) * M);
  for (let r = 0; r < R; r++) {
    memory.fill(dChoices, 0, size);
    let sum: f32 = 0;
    let example = examples + exampleBytes * B * load<u32>(lists + floats(r));
    for (let b = 0; b < B; b++) {
      const columns = floats(B * T * O + b * C);
      const pivots = floats(B * T * (O + C) + b * 2 * NUMBERS);
      const matches = floats(B * (T * (O + C) + 2 * NUMBERS) + b * text * TEXT_WORDS);
      run.example = example;
      run.table = example + floats(Field.Words + positions);
      run.operations = choices + floats(b * O);
      run.dOperations = dChoices + floats(b * O);
      run.columns = choices + columns;
      run.dColumns = dChoices + columns;
      run.pivots = choices + pivots;
      run.dPivots = dChoices + pivots;
      run.matches = choices + matches;
      run.dMatches = dChoices + matches;
      readTable(run);
      for (let t = 0; t < T; t++) step(run, t);
      sum += addLoss(run, entry(delta, r), entry(lambda, r), 1 / <f32>B);
      for (let t = T - 1; t >= 0; t--) stepGradient(run, t);
      example += exampleBytes;
    }
    store<f32>(losses + floats(r), sum / <f32>B);
    choices += size;
    dChoices += size;
  }
}

function layOut(
  scratch: usize,
  workspace: usize,
  B: i32,
  T: i32,
  M: i32,
  numeric: i32,
  text: i32,
  learnable: bool,
): Run {
  const run = changetype<Run>(scratch);
  const row = floats((M + 15) & ~15);
  run.workspace = workspace;
  run.B = B;
  run.T = T;
  run.M = M;
  run.numeric = numeric;
  run.text = text;
  run.learnable = learnable;
  run.mask = scratch + HEADER_BYTES;
  run.chosen = run.mask + row;
  run.values = run.chosen + row;
  run.selected = run.values + row * numeric;
  run.dSelected = run.selected + row * T;
  run.indicators = run.dSelected + row * T;
  run.weights = run.indicators + row * run.indicatorCount();
  run.scalars = run.weights + floats(run.indicatorCount());
  run.dScalars = run.scalars + floats(T);
  run.counts = run.dScalars + floats(T);
  run.sums = run.counts + floats(T);
  return run;
}

/** Fills rows up, and finds what comparisons and text matches select. */
function readTable(run: Run): void {
  const M = run.M;
  const rows = max(0, index(run.example, Field.Rows, M + 1));
  const row = floats((rows + 15) & ~15);
  run.row = row;
  for (let i = 0; i < <i32>(row >> 2); i++) store<f32>(run.mask + floats(i), i < rows ? 1 : 0);
  memory.copy(run.selected, run.mask, row);
  memory.fill(run.dSelected, 0, row * run.T);
  memory.fill(run.dScalars, 0, floats(run.T));
  for (let c = 0; c < run.numeric; c++) fillUp(run.values + row * c, run.table + floats(c * M), M, row);
  fillUp(run.chosen, run.table + floats(run.numeric * M), M, row);
  let to = run.indicators;
  for (let c = 0; c < run.numeric; c++) {
    for (let q = 0; q < 2; q++) {
      if (run.learnable) {
        for (let n = 0; n < NUMBERS; n++) {
          compare(run, to, c, q, entry(run.example, Field.Numbers + n));
          to += row;
        }
      } else {
        const beta = run.pivots + floats(q * NUMBERS);
        const numbers = run.example + floats(Field.Numbers);
        compare(run, to, c, q, entry(beta, 0) * entry(numbers, 0) + entry(beta, 1) * entry(numbers, 1));
        to += row;
      }
    }
  }
  const words = run.table + floats((run.numeric + 1) * M);
  for (let k = 0; k < run.text; k++) {
    for (let word = 0; word < TEXT_WORDS; word++) {
      memory.fill(to, 0, row);
      for (let i = 0; i < rows; i++)
        if (entry(words, k * M + i) == <f32>word) store<f32>(to + floats(i), 1);
      to += row;
    }
  }
}

function fillUp(to: usize, from: usize, M: i32, row: usize): void {
  const given = min(floats(M), row);
  memory.copy(to, from, given);
  memory.fill(to + given, 0, row - given);
}

/** 1 for the rows that are greater (q is 0) or less than a number. */
function compare(run: Run, to: usize, column: i32, q: i32, pivot: f32): void {
  const values = run.values + run.row * column;
  const pivots = f32x4.splat(pivot);
  for (let at: usize = 0; at < run.row; at += 16) {
    const value = v128.load(values + at);
    const holds = q == 0 ? f32x4.gt(value, pivots) : f32x4.lt(value, pivots);
    v128.store(to + at, v128.and(holds, v128.load(run.mask + at)));
  }
}

/** How much each indicator counts in a step. */
function weigh(run: Run, t: i32): void {
  const p = run.operationsAt(run.operations, t);
  const columns = run.columnsAt(run.columns, t);
  let to = run.weights;
  for (let c = 0; c < run.numeric; c++) {
    const column = entry(columns, run.text + c);
    for (let q = 0; q < 2; q++) {
      const weight = column * entry(p, Operation.Greater + q);
      for (let n = 0; n < run.comparisons(); n++) {
        store<f32>(to, run.learnable ? weight * entry(run.pivots, q * NUMBERS + n) : weight);
        to += 4;
      }
    }
  }
  for (let k = 0; k < run.text; k++) {
    const weight = entry(columns, k) * entry(p, Operation.TextMatch);
    for (let word = 0; word < TEXT_WORDS; word++) {
      store<f32>(to, weight * entry(run.matches, k * TEXT_WORDS + word));
      to += 4;
    }
  }
}

/** Gradients of `weigh`, from those of the weights, which stand in their place. */
function weighGradient(run: Run, t: i32): void {
  const p = run.operationsAt(run.operations, t);
  const dp = run.operationsAt(run.dOperations, t);
  const columns = run.columnsAt(run.columns, t);
  const dColumns = run.columnsAt(run.dColumns, t);
  let from = run.weights;
  for (let c = 0; c < run.numeric; c++) {
    const column = entry(columns, run.text + c);
    for (let q = 0; q < 2; q++) {
      const chance = entry(p, Operation.Greater + q);
      for (let n = 0; n < run.comparisons(); n++) {
        const d = load<f32>(from);
        const beta: f32 = run.learnable ? entry(run.pivots, q * NUMBERS + n) : 1;
        add(dColumns, run.text + c, d * (chance * beta));
        add(dp, Operation.Greater + q, d * (column * beta));
        if (run.learnable) add(run.dPivots, q * NUMBERS + n, d * (column * chance));
        from += 4;
      }
    }
  }
  for (let k = 0; k < run.text; k++) {
    const column = entry(columns, k);
    const chance = entry(p, Operation.TextMatch);
    for (let word = 0; word < TEXT_WORDS; word++) {
      const d = load<f32>(from);
      const score = entry(run.matches, k * TEXT_WORDS + word);
      add(dColumns, k, d * (chance * score));
      add(dp, Operation.TextMatch, d * (column * score));
      add(run.dMatches, k * TEXT_WORDS + word, d * (column * chance));
      from += 4;
    }
  }
}

/** The scalar of step t, and the rows that it selects, unless it is the last. */
function step(run: Run, t: i32): void {
  const row = run.row;
  const p = run.operationsAt(run.operations, t);
  const columns = run.columnsAt(run.columns, t);
  const last = run.selected + row * t;
  const count = dot(last, run.mask, row);
  store<f32>(run.counts + floats(t), count);
  let scalar = entry(p, Operation.Count) * count;
  for (let c = 0; c < run.numeric; c++) {
    const sum = dot(last, run.values + row * c, row);
    store<f32>(run.sums + floats(t * run.numeric + c), sum);
    scalar += entry(p, Operation.Sum) * entry(columns, run.text + c) * sum;
  }
  scalar += entry(p, Operation.Difference) * difference(run, t);
  store<f32>(run.scalars + floats(t), scalar);
  if (t == run.T - 1) return;
  weigh(run, t);
  const before = run.selected + row * max(0, t - 1);
  const and = f32x4.splat(entry(p, Operation.And));
  const or = f32x4.splat(entry(p, Operation.Or));
  const reset = f32x4.splat(entry(p, Operation.Reset));
  const indicators = run.indicatorCount();
  for (let at: usize = 0; at < row; at += 16) {
    const x = v128.load(last + at);
    const y = v128.load(before + at);
    const gap = f32x4.sub(y, x);
    const excess = v128.and(gap, f32x4.gt(gap, f32x4.splat(0)));
    let sum = f32x4.add(f32x4.mul(and, f32x4.sub(y, excess)), f32x4.mul(or, f32x4.add(x, excess)));
    sum = f32x4.add(sum, f32x4.mul(reset, v128.load(run.mask + at)));
    let indicator = run.indicators + at;
    for (let j = 0; j < indicators; j++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(run.weights + floats(j)), v128.load(indicator)));
      indicator += row;
    }
    v128.store(last + row + at, sum);
  }
}

/** Gradients of `step`, from those of its scalar and rows, which later steps have added to. */
function stepGradient(run: Run, t: i32): void {
  const row = run.row;
  const p = run.operationsAt(run.operations, t);
  const dp = run.operationsAt(run.dOperations, t);
  const columns = run.columnsAt(run.columns, t);
  const dColumns = run.columnsAt(run.dColumns, t);
  const last = run.selected + row * t;
  const dLast = run.dSelected + row * t;
  if (t < run.T - 1) {
    const d = dLast + row;
    const before = run.selected + row * max(0, t - 1);
    // Of the rows before the first step nobody needs the gradient: it goes where that of the last rows goes, and is left there.
    const dBefore = run.dSelected + row * max(0, t - 1);
    add(dp, Operation.Reset, dot(d, run.mask, row));
    const indicators = run.indicatorCount();
    for (let j = 0; j < indicators; j++)
      store<f32>(run.weights + floats(j), dot(d, run.indicators + row * j, row));
    weighGradient(run, t);
    selectGradient(p, dp, last, before, d, dLast, dBefore, row);
  }
  const dScalar = entry(run.dScalars, t);
  add(dp, Operation.Count, dScalar * entry(run.counts, t));
  const count = dScalar * entry(p, Operation.Count);
  addScaled(dLast, count, run.mask, row);
  for (let c = 0; c < run.numeric; c++) {
    const sum = entry(run.sums, t * run.numeric + c);
    const column = entry(columns, run.text + c);
    add(dp, Operation.Sum, dScalar * (column * sum));
    add(dColumns, run.text + c, dScalar * (entry(p, Operation.Sum) * sum));
    addScaled(dLast, dScalar * (entry(p, Operation.Sum) * column), run.values + row * c, row);
  }
  add(dp, Operation.Difference, dScalar * difference(run, t));
  const own = dScalar * entry(p, Operation.Difference);
  if (t >= 3) add(run.dScalars, t - 3, own);
  if (t >= 1) add(run.dScalars, t - 1, -own);
}

/** Gradients through `and`, at a tie to the older rows, and `or`, at a tie to the newer. */
function selectGradient(
  p: usize,
  dp: usize,
  last: usize,
  before: usize,
  d: usize,
  dLast: usize,
  dBefore: usize,
  row: usize,
): void {
  const and = f32x4.splat(entry(p, Operation.And));
  const or = f32x4.splat(entry(p, Operation.Or));
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  let o0 = a0, o1 = a0, o2 = a0, o3 = a0;
  for (let at: usize = 0; at < row; at += 64) {
    for (let part: usize = 0; part < 64; part += 16) {
      const i = at + part;
      const x = v128.load(last + i);
      const y = v128.load(before + i);
      const gradient = v128.load(d + i);
      const gap = f32x4.sub(y, x);
      const isOlder = f32x4.gt(gap, f32x4.splat(0));
      const excess = v128.and(gap, isOlder);
      v128.store(dLast + i, f32x4.add(v128.load(dLast + i), f32x4.mul(gradient, v128.bitselect(and, or, isOlder))));
      v128.store(dBefore + i, f32x4.add(v128.load(dBefore + i), f32x4.mul(gradient, v128.bitselect(or, and, isOlder))));
      const least = f32x4.mul(gradient, f32x4.sub(y, excess));
      const most = f32x4.mul(gradient, f32x4.add(x, excess));
      if (part == 0) {
        a0 = f32x4.add(a0, least);
        o0 = f32x4.add(o0, most);
      } else if (part == 16) {
        a1 = f32x4.add(a1, least);
        o1 = f32x4.add(o1, most);
      } else if (part == 32) {
        a2 = f32x4.add(a2, least);
        o2 = f32x4.add(o2, most);
      } else {
        a3 = f32x4.add(a3, least);
        o3 = f32x4.add(o3, most);
      }
    }
  }
  add(dp, Operation.And, total(a0, a1, a2, a3));
  add(dp, Operation.Or, total(o0, o1, o2, o3));
}

/** What a difference comes to in step t. */
function difference(run: Run, t: i32): f32 {
  const minuend: f32 = t >= 3 ? entry(run.scalars, t - 3) : 0;
  const subtrahend: f32 = t >= 1 ? entry(run.scalars, t - 1) : 0;
  return minuend - subtrahend;
}

/** The example's loss; the gradient of what the last step puts out is `share` times its own. */
function addLoss(run: Run, delta: f32, lambda: f32, share: f32): f32 {
  if (entry(run.example, Field.IsScalar) == 0) return addLookupLoss(run, lambda, share);
  const error = entry(run.scalars, run.T - 1) - entry(run.example, Field.Scalar);
  const size = abs(error);
  const inner = size < delta ? size : delta;
  store<f32>(run.dScalars + floats(run.T - 1), share * (error > 0 ? inner : error < 0 ? -inner : error));
  return inner * (size - 0.5 * inner);
}

function addLookupLoss(run: Run, lambda: f32, share: f32): f32 {
  const t = run.T - 1;
  const row = run.row;
  const numeric = max(0, index(run.example, Field.NumericColumns, run.numeric + 1));
  const text = max(0, index(run.example, Field.TextColumns, run.text + 1));
  const rows = max(0, index(run.example, Field.Rows, run.M + 1));
  const target = index(run.example, Field.LookupColumn, run.numeric + run.text);
  const perCell = lambda / <f32>max(1, rows * (numeric + text));
  const scale = perCell * share;
  const assign = entry(run.operationsAt(run.operations, t), Operation.Assign);
  const columns = run.columnsAt(run.columns, t);
  let entropy: f32 = 0;
  for (let c = 0; c < run.text + run.numeric; c++) {
    if (c < run.text ? c >= text : c - run.text >= numeric) continue;
    const column = entry(columns, c);
    const slopes = run.weights;
    entropy += lookUp(run, assign * column, c == target, scale);
    const d = load<f32>(slopes);
    add(run.operationsAt(run.dOperations, t), Operation.Assign, d * column);
    add(run.columnsAt(run.dColumns, t), c, d * assign);
  }
  return perCell * entropy;
}

/** Cross entropy of a column's cells, where rows are looked up with `weight`, whose gradient goes to `run.weights`. */
function lookUp(run: Run, weight: f32, isTarget: bool, scale: f32): f32 {
  const row = run.row;
  const selected = run.selected + row * (run.T - 1);
  const dSelected = run.dSelected + row * (run.T - 1);
  const one = f32x4.splat(1);
  let d0 = f32x4.splat(0), d1 = d0, d2 = d0, d3 = d0;
  let e0 = d0, e1 = d0, e2 = d0, e3 = d0;
  for (let at: usize = 0; at < row; at += 64) {
    for (let part: usize = 0; part < 64; part += 16) {
      const i = at + part;
      const x = v128.load(selected + i);
      const mask = v128.load(run.mask + i);
      const cell = f32x4.mul(x, f32x4.splat(weight));
      const isLow = f32x4.lt(cell, f32x4.splat(MARGIN));
      const isHigh = f32x4.gt(cell, f32x4.splat(FURTHEST));
      let given = v128.bitselect(f32x4.splat(MARGIN), cell, isLow);
      given = v128.bitselect(f32x4.splat(FURTHEST), given, isHigh);
      const isChosen = isTarget ? f32x4.gt(v128.load(run.chosen + i), f32x4.splat(0)) : f32x4.splat(0);
      const likelihood = v128.bitselect(given, f32x4.sub(one, given), isChosen);
      const slope = f32x4.div(v128.bitselect(f32x4.splat(-scale), f32x4.splat(scale), isChosen), likelihood);
      const inside = v128.andnot(f32x4.mul(slope, mask), v128.or(isLow, isHigh));
      v128.store(dSelected + i, f32x4.add(v128.load(dSelected + i), f32x4.mul(inside, f32x4.splat(weight))));
      const d = f32x4.mul(inside, x);
      const e = f32x4.mul(safeLogarithm(run.workspace, likelihood), mask);
      if (part == 0) {
        d0 = f32x4.add(d0, d);
        e0 = f32x4.sub(e0, e);
      } else if (part == 16) {
        d1 = f32x4.add(d1, d);
        e1 = f32x4.sub(e1, e);
      } else if (part == 32) {
        d2 = f32x4.add(d2, d);
        e2 = f32x4.sub(e2, e);
      } else {
        d3 = f32x4.add(d3, d);
        e3 = f32x4.sub(e3, e);
      }
    }
  }
  store<f32>(run.weights, total(d0, d1, d2, d3));
  return total(e0, e1, e2, e3);
}

// @ts-ignore: decorator
@inline
function add(array: usize, i: i32, value: f32): void {
  store<f32>(array + floats(i), load<f32>(array + floats(i)) + value);
}

/** A sum of 16 parts. */
// @ts-ignore: decorator
@inline
function total(s0: v128, s1: v128, s2: v128, s3: v128): f32 {
  let s = f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3));
  s = f32x4.add(s, v128.shuffle<i64>(s, s, 1, 0));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1);
}

function dot(x: usize, y: usize, row: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let at: usize = 0; at < row; at += 64) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(x + at), v128.load(y + at)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(x + at, 16), v128.load(y + at, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(x + at, 32), v128.load(y + at, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(x + at, 48), v128.load(y + at, 48)));
  }
  return total(s0, s1, s2, s3);
}

/** to += scale * x */
function addScaled(to: usize, scale: f32, x: usize, row: usize): void {
  const scales = f32x4.splat(scale);
  for (let at: usize = 0; at < row; at += 16)
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(scales, v128.load(x + at))));
}
