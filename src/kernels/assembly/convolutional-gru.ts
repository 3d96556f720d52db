// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, replica by replica.
//
// Images are [n, B, W, m]: n positions of B sequences, a width of W = 4 columns, m maps. A convolution is a product of
// every position beside its two neighbours, its patch [W, 3, m], with a band matrix [W * 3 * m, W * outputs]. An output column
// depends on its own and the adjacent columns only, which are neighbours in a patch: one product per column leaves out
// what is zero in the matrix.
//
// Positions that are held (padding, or a replica that has taken all its steps) are not computed at all: padding costs nothing.
import { exponential } from './elementary';
import { blockProduct } from './matrix-product';
import { loadLanes, storeLanes } from './vectors';

const W: i32 = 4;
const TAPS: i32 = 3;
const CUT_SCALE: f32 = 1.2;
const CUT_SHIFT: f32 = 0.1;

/** Scratch that either pass needs, in bytes. */
export function convolutionalGruScratchBytes(n: i32, B: i32, m: i32): usize {
  const rows = n * B;
  return floats(rows * (3 + 3 + 2 + 1) * W * m) + floats(8 * max(rows, TAPS * W * m));
}

/**
 * @param next [R, n, B, W, m], the unit's output
 * @param opened its gates, update beside reset, [R, n B, W, 2, m]
 * @param proposal its candidate, [R, n B, W, m]
 * @param gates [R, 3 W m, 2 W m]
 * @param candidate [R, 3 W m, W m]
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
  workspace: usize,
  R: i32,
  n: i32,
  B: i32,
  m: i32,
): void {
  const C = W * m;
  const patches = scratch;
  const panel = patches + floats(n * B * TAPS * C);
  const third = floats(m);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    const places = rows * W;
    gather(patches, state, own, B, m);
    convolve(opened, patches, gates, gateBias, panel, rows, m, 2 * m);
    openGates(workspace, opened, places * 2 * m);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      multiply(next + at, opened + 2 * at + third, state + at, m);
    }
    gather(patches, next, own, B, m);
    convolve(proposal, patches, candidate, candidateBias, panel, rows, m, m);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      propose(workspace, next + at, proposal + at, opened + 2 * at, state + at, m);
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
    gates += floats(TAPS * C * 2 * C);
    gateBias += floats(2 * C);
    candidate += floats(TAPS * C * C);
    candidateBias += floats(C);
    hold += floats(n);
  }
}

/** Gradients with respect to state, kernels and biases, from `dy`, that with respect to the output [R, n, B, W, m]. */
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
  m: i32,
): void {
  const C = W * m;
  const patches = scratch;
  const dPatches = patches + floats(n * B * TAPS * C);
  const dOpened = dPatches + floats(n * B * TAPS * C);
  const dProposal = dOpened + floats(n * B * 2 * C);
  const panel = dProposal + floats(n * B * C);
  const third = floats(m);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    const places = rows * W;
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      backThroughCandidate(dProposal + at, dy + at, opened + 2 * at, proposal + at, m);
      multiply(dState + at, opened + 2 * at + third, state + at, m);
    }
    gather(patches, dState, own, B, m);
    convolveGradient(dCandidate, dCandidateBias, dPatches, patches, dProposal, candidate, panel, rows, m, m);
    memory.fill(dState, 0, floats(rows * C));
    addScattered(dState, dPatches, own, B, m);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      backThroughGates(dOpened + 2 * at, dState + at, dy + at, opened + 2 * at, proposal + at, state + at, m);
    }
    gather(patches, state, own, B, m);
    convolveGradient(dGates, dGateBias, dPatches, patches, dOpened, gates, panel, rows, m, 2 * m);
    addScattered(dState, dPatches, own, B, m);
    const rest = floats((n - own) * B * C);
    memory.copy(dState + floats(rows * C), dy + floats(rows * C), rest);
    const image = floats(n * B * C);
    dState += image;
    dy += image;
    state += image;
    opened += 2 * image;
    proposal += image;
    dGates += floats(TAPS * C * 2 * C);
    gates += floats(TAPS * C * 2 * C);
    dCandidate += floats(TAPS * C * C);
    candidate += floats(TAPS * C * C);
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

/** Adjacent columns of a column: the first, and the one behind the last. */
// @ts-ignore: decorator
@inline
function first(column: i32): i32 {
  return max(0, column - 1);
}

// @ts-ignore: decorator
@inline
function behind(column: i32): i32 {
  return min(W, column + 2);
}

/** out [rows, W, outputs] from patches [rows, W, 3, m] and a band matrix with its bias. */
function convolve(
  out: usize,
  patches: usize,
  matrix: usize,
  bias: usize,
  panel: usize,
  rows: i32,
  m: i32,
  outputs: i32,
): void {
  if (rows == 0) return;
  const row = floats(W * outputs);
  for (let w = 0; w < W; w++) {
    const from = first(w) * TAPS * m;
    const k = behind(w) * TAPS * m - from;
    const right = floats(w * outputs);
    const block = matrix + <usize>from * row + right;
    blockProduct(
      out + right, row,
      patches + floats(from), block, bias + right, panel,
      rows, k, outputs,
      floats(W * TAPS * m), 4, row, 4, false,
    );
  }
}

/** Gradients of `convolve` with respect to its matrix (zero where that is), bias and patches. */
function convolveGradient(
  dMatrix: usize,
  dBias: usize,
  dPatches: usize,
  patches: usize,
  dOut: usize,
  matrix: usize,
  panel: usize,
  rows: i32,
  m: i32,
  outputs: i32,
): void {
  const row = floats(W * outputs);
  const patch = floats(W * TAPS * m);
  memory.fill(dMatrix, 0, <usize>(W * TAPS * m) * row);
  columnSums(dBias, dOut, rows, W * outputs);
  if (rows == 0) return;
  for (let w = 0; w < W; w++) {
    const from = first(w) * TAPS * m;
    const k = behind(w) * TAPS * m - from;
    const right = floats(w * outputs);
    blockProduct(
      dMatrix + <usize>from * row + right, row,
      patches + floats(from), dOut + right, 0, panel,
      k, rows, outputs,
      4, patch, row, 4, false,
    );
  }
  // A column of the patches reaches the adjacent columns of the output.
  for (let w = 0; w < W; w++) {
    const from = first(w) * outputs;
    const k = behind(w) * outputs - from;
    const down = w * TAPS * m;
    blockProduct(
      dPatches + floats(down), patch,
      dOut + floats(from), matrix + <usize>down * row + floats(from), 0, panel,
      rows, k, TAPS * m,
      row, 4, 4, row, false,
    );
  }
}

/** Every position beside its neighbours, [n B, W, 3, m]; zeros beyond the ends. */
function gather(patches: usize, image: usize, n: i32, B: i32, m: i32): void {
  const third = floats(m);
  const line = floats(B * W * m);
  for (let k = 0; k < n; k++) {
    for (let tap = 0; tap < TAPS; tap++) {
      const from = k + tap - 1;
      const outside = from < 0 || from >= n;
      let to = patches + floats(k * B * W * TAPS * m) + <usize>tap * third;
      let at = image + <usize>from * line;
      for (let i = 0; i < B * W; i++) {
        if (outside) memory.fill(to, 0, third);
        else copy(to, at, m);
        to += TAPS * third;
        at += third;
      }
    }
  }
}

/** Adds to image [n, B, W, m] the transpose of `gather` of patches. */
function addScattered(image: usize, patches: usize, n: i32, B: i32, m: i32): void {
  const third = floats(m);
  for (let k = 0; k < n; k++) {
    for (let tap = 0; tap < TAPS; tap++) {
      const from = k + 1 - tap;
      if (from < 0 || from >= n) continue;
      let to = image + floats(k * B * W * m);
      let at = patches + floats(from * B * W * TAPS * m) + <usize>tap * third;
      for (let i = 0; i < B * W; i++) {
        add(to, at, m);
        to += third;
        at += TAPS * third;
      }
    }
  }
}

/** sig'(x) = max(0, min(1, 1.2 sigmoid(x) - 0.1)), in place. */
function openGates(workspace: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const value = loadLanes(x, count - i);
    const e = exponential(workspace, f32x4.neg(f32x4.abs(value)));
    const numerator = v128.bitselect(f32x4.splat(1), e, f32x4.ge(value, f32x4.splat(0)));
    const sigmoid = f32x4.div(numerator, f32x4.add(f32x4.splat(1), e));
    const linear = f32x4.sub(f32x4.mul(sigmoid, f32x4.splat(CUT_SCALE)), f32x4.splat(CUT_SHIFT));
    storeLanes(x, f32x4.min(f32x4.max(linear, f32x4.splat(0)), f32x4.splat(1)), count - i);
    x += 16;
  }
}

/** `p` becomes tanh(p); `next` = u s + (1 - u) p. */
function propose(workspace: usize, next: usize, p: usize, u: usize, s: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    const left = count - i;
    const value = loadLanes(p + at, left);
    const e = exponential(workspace, f32x4.mul(f32x4.abs(value), f32x4.splat(-2)));
    const size = f32x4.div(f32x4.sub(f32x4.splat(1), e), f32x4.add(f32x4.splat(1), e));
    const candidate = v128.or(size, v128.and(value, i32x4.splat(0x80000000)));
    storeLanes(p + at, candidate, left);
    const gate = loadLanes(u + at, left);
    const kept = f32x4.mul(gate, loadLanes(s + at, left));
    const taken = f32x4.mul(f32x4.sub(f32x4.splat(1), gate), candidate);
    storeLanes(next + at, f32x4.add(kept, taken), left);
  }
}

/** dy (1 - u) (1 - p^2) */
function backThroughCandidate(out: usize, dy: usize, u: usize, p: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    const left = count - i;
    const candidate = loadLanes(p + at, left);
    const slope = f32x4.sub(one, f32x4.mul(candidate, candidate));
    const through = f32x4.mul(loadLanes(dy + at, left), f32x4.sub(one, loadLanes(u + at, left)));
    storeLanes(out + at, f32x4.mul(through, slope), left);
  }
}

/** Gradients of what the gates are of; `dReset`, the gradient of r s, becomes what is known so far of the state's. */
function backThroughGates(out: usize, dReset: usize, dy: usize, u: usize, p: usize, s: usize, count: i32): void {
  const r = u + floats(count);
  const outReset = out + floats(count);
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    const left = count - i;
    const update = loadLanes(u + at, left);
    const reset = loadLanes(r + at, left);
    const value = loadLanes(s + at, left);
    const gradient = loadLanes(dy + at, left);
    const through = loadLanes(dReset + at, left);
    const difference = f32x4.sub(value, loadLanes(p + at, left));
    storeLanes(out + at, f32x4.mul(f32x4.mul(gradient, difference), slopeOfGate(update)), left);
    storeLanes(outReset + at, f32x4.mul(f32x4.mul(through, value), slopeOfGate(reset)), left);
    storeLanes(dReset + at, f32x4.add(f32x4.mul(gradient, update), f32x4.mul(through, reset)), left);
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

function copy(to: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) storeLanes(to + floats(i), loadLanes(from + floats(i), count - i), count - i);
}

function add(to: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    storeLanes(to + at, f32x4.add(loadLanes(to + at, count - i), loadLanes(x + at, count - i)), count - i);
  }
}

function multiply(out: usize, x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    storeLanes(out + at, f32x4.mul(loadLanes(x + at, count - i), loadLanes(y + at, count - i)), count - i);
  }
}

function columnSums(out: usize, x: usize, rows: i32, columns: i32): void {
  memory.fill(out, 0, floats(columns));
  for (let row = 0; row < rows; row++) {
    add(out, x, columns);
    x += floats(columns);
  }
}

function fillOnes(out: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) storeLanes(out + floats(i), f32x4.splat(1), count - i);
}
