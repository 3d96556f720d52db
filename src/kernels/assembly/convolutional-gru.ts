// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, replica by replica. Images are
// [n, B, C]: n positions of B sequences, C = width times maps, a multiple of 4. A convolution is one product of every
// position beside its two neighbours, 3 C numbers, with a band matrix.
//
// Positions that are held (padding, or a replica that has taken all its steps) are not computed at all: padding costs nothing.
import { ELEMENTARY_BYTES, exponential, storeElementaryConstants } from './elementary';
import { matrixProduct } from './matrix-product';

const CUT_SCALE: f32 = 1.2;
const CUT_SHIFT: f32 = 0.1;

/** Scratch that either pass needs, in bytes. */
export function convolutionalGruScratchBytes(n: i32, B: i32, C: i32): usize {
  const rows = n * B;
  return ELEMENTARY_BYTES + floats(rows * (3 + 3 + 2 + 1) * C) + floats(8 * max(rows, 3 * C));
}

/**
 * @param next [R, n, B, C], the unit's output
 * @param opened its gates, update then reset, [R, n B, 2 C]
 * @param proposal its candidate, [R, n B, C]
 * @param hold [R, n]: 1 from some position on, 0 before it
 */
export function convolutionalGru(
  next: usize,
  opened: usize,
  proposal: usize,
  state: usize,
  gates: usize,
  gateBias: usize,
  candidate: usize,
  candidateBias: usize,
  hold: usize,
  scratch: usize,
  R: i32,
  n: i32,
  B: i32,
  C: i32,
): void {
  const constants = scratch;
  const patches = constants + ELEMENTARY_BYTES;
  const panel = patches + floats(n * B * 3 * C);
  storeElementaryConstants(constants);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    gather(patches, state, own, B, C);
    product(opened, patches, gates, gateBias, panel, rows, 3 * C, 2 * C);
    for (let row = 0; row < rows; row++) {
      const at = floats(row * C);
      const u = opened + 2 * at;
      openGates(u, constants, 2 * C);
      multiply(next + at, u + floats(C), state + at, C);
    }
    gather(patches, next, own, B, C);
    product(proposal, patches, candidate, candidateBias, panel, rows, 3 * C, C);
    for (let row = 0; row < rows; row++) {
      const at = floats(row * C);
      propose(next + at, proposal + at, opened + 2 * at, state + at, constants, C);
    }
    const rest = (n - own) * B * C;
    memory.copy(next + floats(rows * C), state + floats(rows * C), floats(rest));
    memory.fill(proposal + floats(rows * C), 0, floats(rest));
    fillOnes(opened + floats(rows * 2 * C), 2 * rest);
    const image = floats(n * B * C);
    next += image;
    opened += 2 * image;
    proposal += image;
    state += image;
    gates += floats(3 * C * 2 * C);
    gateBias += floats(2 * C);
    candidate += floats(3 * C * C);
    candidateBias += floats(C);
    hold += floats(n);
  }
}

/** Gradients with respect to state, kernels and biases, from `dy`, that with respect to the output [R, n, B, C]. */
export function convolutionalGruGradient(
  dState: usize,
  dGates: usize,
  dGateBias: usize,
  dCandidate: usize,
  dCandidateBias: usize,
  dy: usize,
  state: usize,
  gates: usize,
  candidate: usize,
  opened: usize,
  proposal: usize,
  hold: usize,
  scratch: usize,
  R: i32,
  n: i32,
  B: i32,
  C: i32,
): void {
  const patches = scratch;
  const dPatches = patches + floats(n * B * 3 * C);
  const dOpened = dPatches + floats(n * B * 3 * C);
  const dProposal = dOpened + floats(n * B * 2 * C);
  const panel = dProposal + floats(n * B * C);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    for (let row = 0; row < rows; row++) {
      const at = floats(row * C);
      backThroughCandidate(dProposal + at, dy + at, opened + 2 * at, proposal + at, C);
      multiply(dState + at, opened + 2 * at + floats(C), state + at, C);
    }
    gather(patches, dState, own, B, C);
    productTransposed(dCandidate, patches, dProposal, panel, rows, 3 * C, C);
    columnSums(dCandidateBias, dProposal, rows, C);
    productWithTransposed(dPatches, dProposal, candidate, panel, rows, C, 3 * C);
    scatter(dState, dPatches, own, B, C);
    for (let row = 0; row < rows; row++) {
      const at = floats(row * C);
      backThroughGates(dOpened + 2 * at, dState + at, dy + at, opened + 2 * at, proposal + at, state + at, C);
    }
    gather(patches, state, own, B, C);
    productTransposed(dGates, patches, dOpened, panel, rows, 3 * C, 2 * C);
    columnSums(dGateBias, dOpened, rows, 2 * C);
    productWithTransposed(dPatches, dOpened, gates, panel, rows, 2 * C, 3 * C);
    addScattered(dState, dPatches, own, B, C);
    const rest = floats((n - own) * B * C);
    memory.copy(dState + floats(rows * C), dy + floats(rows * C), rest);
    const image = floats(n * B * C);
    dState += image;
    dy += image;
    state += image;
    opened += 2 * image;
    proposal += image;
    dGates += floats(3 * C * 2 * C);
    gates += floats(3 * C * 2 * C);
    dCandidate += floats(3 * C * C);
    candidate += floats(3 * C * C);
    dGateBias += floats(2 * C);
    dCandidateBias += floats(C);
    hold += floats(n);
  }
}

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2;
}

function ownPositions(hold: usize, n: i32): i32 {
  let own = 0;
  while (own < n && load<f32>(hold + floats(own)) == 0) own++;
  return own;
}

/** Every position beside its neighbours, [n B, 3 C]; zeros beyond the ends. */
function gather(patches: usize, image: usize, n: i32, B: i32, C: i32): void {
  const line = floats(B * C);
  const third = floats(C);
  for (let k = 0; k < n; k++) {
    for (let tap = 0; tap < 3; tap++) {
      const from = k + tap - 1;
      let to = patches + floats(k * B * 3 * C) + <usize>tap * third;
      let at = image + <usize>from * line;
      for (let b = 0; b < B; b++) {
        if (from < 0 || from >= n) memory.fill(to, 0, third);
        else memory.copy(to, at, third);
        to += 3 * third;
        at += third;
      }
    }
  }
}

/** The transpose of `gather`: image [n, B, C] from [n B, 3 C]. */
function scatter(image: usize, patches: usize, n: i32, B: i32, C: i32): void {
  memory.fill(image, 0, floats(n * B * C));
  addScattered(image, patches, n, B, C);
}

function addScattered(image: usize, patches: usize, n: i32, B: i32, C: i32): void {
  const third = floats(C);
  for (let k = 0; k < n; k++) {
    for (let tap = 0; tap < 3; tap++) {
      const from = k + 1 - tap;
      if (from < 0 || from >= n) continue;
      let to = image + floats(k * B * C);
      let at = patches + floats(from * B * 3 * C) + <usize>tap * third;
      for (let b = 0; b < B; b++) {
        for (let i: usize = 0; i < third; i += 16)
          v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(at + i)));
        to += third;
        at += 3 * third;
      }
    }
  }
}

/** x [rows, k] times w [k, columns] plus a bias. */
function product(out: usize, x: usize, w: usize, bias: usize, panel: usize, rows: i32, k: i32, columns: i32): void {
  if (rows > 0)
    matrixProduct(out, x, w, bias, panel, rows, k, columns, floats(k), 4, floats(columns), 4, false);
}

/** The transpose of x [rows, m] times y [rows, columns]. */
function productTransposed(out: usize, x: usize, y: usize, panel: usize, rows: i32, m: i32, columns: i32): void {
  matrixProduct(out, x, y, 0, panel, m, rows, columns, 4, floats(m), floats(columns), 4, false);
}

/** x [rows, k] times the transpose of w [columns, k]. */
function productWithTransposed(out: usize, x: usize, w: usize, panel: usize, rows: i32, k: i32, columns: i32): void {
  if (rows > 0)
    matrixProduct(out, x, w, 0, panel, rows, k, columns, floats(k), 4, 4, floats(k), false);
}

/** sig'(x) = max(0, min(1, 1.2 sigmoid(x) - 0.1)), in place. */
function openGates(x: usize, constants: usize, count: i32): void {
  for (const end = x + floats(count); x < end; x += 16) {
    const value = v128.load(x);
    const e = exponential(f32x4.neg(f32x4.abs(value)), constants);
    const positive = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
    const negative = f32x4.mul(e, positive);
    const sigmoid = v128.bitselect(positive, negative, f32x4.ge(value, f32x4.splat(0)));
    const linear = f32x4.sub(f32x4.mul(sigmoid, f32x4.splat(CUT_SCALE)), f32x4.splat(CUT_SHIFT));
    v128.store(x, f32x4.min(f32x4.max(linear, f32x4.splat(0)), f32x4.splat(1)));
  }
}

/** `p` becomes tanh(p); `next` = u s + (1 - u) p. */
function propose(next: usize, p: usize, u: usize, s: usize, constants: usize, count: i32): void {
  for (let i: usize = 0; i < floats(count); i += 16) {
    const value = v128.load(p + i);
    const e = exponential(f32x4.mul(f32x4.abs(value), f32x4.splat(-2)), constants);
    const size = f32x4.div(f32x4.sub(f32x4.splat(1), e), f32x4.add(f32x4.splat(1), e));
    const candidate = v128.or(size, v128.and(value, i32x4.splat(0x80000000)));
    v128.store(p + i, candidate);
    const gate = v128.load(u + i);
    const kept = f32x4.mul(gate, v128.load(s + i));
    v128.store(next + i, f32x4.add(kept, f32x4.mul(f32x4.sub(f32x4.splat(1), gate), candidate)));
  }
}

/** dy (1 - u) (1 - p^2) */
function backThroughCandidate(out: usize, dy: usize, u: usize, p: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < floats(count); i += 16) {
    const candidate = v128.load(p + i);
    const slope = f32x4.sub(one, f32x4.mul(candidate, candidate));
    const through = f32x4.mul(v128.load(dy + i), f32x4.sub(one, v128.load(u + i)));
    v128.store(out + i, f32x4.mul(through, slope));
  }
}

/** Gradients of what the gates are of; `dReset`, the gradient of r s, becomes the part of the state's that is known so far. */
function backThroughGates(out: usize, dReset: usize, dy: usize, u: usize, p: usize, s: usize, count: i32): void {
  const r = u + floats(count);
  const outReset = out + floats(count);
  for (let i: usize = 0; i < floats(count); i += 16) {
    const update = v128.load(u + i);
    const reset = v128.load(r + i);
    const value = v128.load(s + i);
    const gradient = v128.load(dy + i);
    const through = v128.load(dReset + i);
    const difference = f32x4.sub(value, v128.load(p + i));
    v128.store(out + i, f32x4.mul(f32x4.mul(gradient, difference), slopeOfGate(update)));
    v128.store(outReset + i, f32x4.mul(f32x4.mul(through, value), slopeOfGate(reset)));
    v128.store(dReset + i, f32x4.add(f32x4.mul(gradient, update), f32x4.mul(through, reset)));
  }
}

/** Derivative of the cut-off sigmoid from its value; exactly 0 where it is cut off. */
// @ts-ignore: decorator
@inline
function slopeOfGate(value: v128): v128 {
  const sigmoid = f32x4.div(f32x4.add(value, f32x4.splat(CUT_SHIFT)), f32x4.splat(CUT_SCALE));
  const slope = f32x4.mul(f32x4.mul(sigmoid, f32x4.sub(f32x4.splat(1), sigmoid)), f32x4.splat(CUT_SCALE));
  const inside = v128.and(f32x4.gt(value, f32x4.splat(0)), f32x4.lt(value, f32x4.splat(1)));
  return v128.and(slope, inside);
}

function multiply(out: usize, x: usize, y: usize, count: i32): void {
  for (let i: usize = 0; i < floats(count); i += 16)
    v128.store(out + i, f32x4.mul(v128.load(x + i), v128.load(y + i)));
}

function columnSums(out: usize, x: usize, rows: i32, columns: i32): void {
  memory.fill(out, 0, floats(columns));
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < floats(columns); i += 16)
      v128.store(out + i, f32x4.add(v128.load(out + i), v128.load(x + i)));
    x += floats(columns);
  }
}

function fillOnes(out: usize, count: i32): void {
  for (let i: usize = 0; i < floats(count); i += 16) v128.store(out + i, f32x4.splat(1));
}
