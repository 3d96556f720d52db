// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, replica by replica.
//
// Images are [n, B, W, m]: n positions of B sequences, a width of W = 4 columns, m maps. Convolutions are made in pieces of four
// positions of all sequences: see winograd.ts.
//
// Positions that are held (padding, or a replica that has taken all its steps) are not computed at all: padding costs nothing.
import { exponential } from './elementary';
import { loadLanes, storeLanes } from './vectors';
import {
  ALL_POINTS,
  addInputGradient,
  addProductOfTransposed,
  filterGradient,
  filterValues,
  floats,
  inputValues,
  multiplyValues,
  outputGradientValues,
  outputOf,
  paddedNumbers,
  partNumbers,
  PIECE,
  TAPS,
  W,
} from './winograd';

/** Update and reset gate; then the candidate. */
const GATES: i32 = 2;
const PARTS: i32 = 3;
const CUT_SCALE: f32 = 1.2;
const CUT_SHIFT: f32 = 0.1;

/** Scratch that either pass needs, in bytes. */
export function convolutionalGruScratchBytes(n: i32, B: i32, m: i32): usize {
  const piece = ALL_POINTS * B * m;
  const filter = ALL_POINTS * m * m;
  const images = paddedNumbers(n, B, m) * (1 + GATES + 1);
  return floats(images + (1 + GATES + 1) * piece + 2 * GATES * filter + partNumbers(GATES * m) + 8 * max(GATES * m, B));
}

/** Where in the scratch things stand. */
// @ts-ignore: decorator
@inline
function paddedOf(scratch: usize): usize {
  return scratch;
}

// @ts-ignore: decorator
@inline
function dOpenedOf(scratch: usize, n: i32, B: i32, m: i32): usize {
  return scratch + floats(paddedNumbers(n, B, m));
}

// @ts-ignore: decorator
@inline
function dProposalOf(scratch: usize, n: i32, B: i32, m: i32): usize {
  return scratch + floats(paddedNumbers(n, B, m) * (1 + GATES));
}

/** Working memory of a convolution, behind the images. */
// @ts-ignore: decorator
@inline
function roomOf(scratch: usize, n: i32, B: i32, m: i32): usize {
  return scratch + floats(paddedNumbers(n, B, m) * (1 + GATES + 1));
}

/**
 * @param next [R, n, B, W, m], the unit's output
 * @param opened its gates, update beside reset, [R, n B, W, 2, m]
 * @param proposal its candidate, [R, n B, W, m]
 * @param kernels [R, PARTS, 3 (width), 3 (position), m, m]
 * @param biases [R, PARTS, m]
 * @param hold [R, n]: 1 from some position on, 0 before it
 */
export function convolutionalGru(
  next: usize,
  opened: usize,
  proposal: usize,
  state: usize,
  kernels: usize,
  biases: usize,
  hold: usize,
  scratch: usize,
  workspace: usize,
  R: i32,
  n: i32,
  B: i32,
  m: i32,
): void {
  const C = W * m;
  const padded = paddedOf(scratch);
  const room = roomOf(scratch, n, B, m);
  const third = floats(m);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    const places = rows * W;
    pad(padded, state, own, B, m);
    convolve(opened, padded, kernels, biases, room, own, B, m, GATES);
    openGates(workspace, opened, places * GATES * m);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      multiply(next + at, opened + 2 * at + third, state + at, m);
    }
    pad(padded, next, own, B, m);
    convolve(proposal, padded, kernels + kernelBytes(GATES, m), biases + GATES * third, room, own, B, m, 1);
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
    kernels += kernelBytes(PARTS, m);
    biases += PARTS * third;
    hold += floats(n);
  }
}

/** Gradients with respect to state, kernels and biases, from `dy`, that with respect to the output [R, n, B, W, m]. */
export function convolutionalGruGradient(
  dState: usize,
  dKernels: usize,
  dBiases: usize,
  dy: usize,
  state: usize,
  kernels: usize,
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
  const padded = paddedOf(scratch);
  const dOpened = dOpenedOf(scratch, n, B, m);
  const dProposal = dProposalOf(scratch, n, B, m);
  const room = roomOf(scratch, n, B, m);
  const third = floats(m);
  const gateKernels = kernelBytes(GATES, m);
  for (let r = 0; r < R; r++) {
    const own = ownPositions(hold, n);
    const rows = own * B;
    const places = rows * W;
    const toWholePieces = floats(PIECE * B * C);
    memory.fill(dProposal + floats(rows * C), 0, toWholePieces);
    memory.fill(dOpened + floats(rows * GATES * C), 0, GATES * toWholePieces);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      backThroughCandidate(dProposal + at, dy + at, opened + 2 * at, proposal + at, m);
      multiply(dState + at, opened + 2 * at + third, state + at, m);
    }
    pad(padded, dState, own, B, m);
    memory.fill(dState, 0, floats(rows * C));
    convolveGradient(
      dKernels + gateKernels, dState, padded, dProposal, kernels + gateKernels, room, own, B, m, 1,
    );
    columnSums(dBiases + GATES * third, dProposal, places, m);
    for (let i = 0; i < places; i++) {
      const at = <usize>i * third;
      backThroughGates(dOpened + 2 * at, dState + at, dy + at, opened + 2 * at, proposal + at, state + at, m);
    }
    pad(padded, state, own, B, m);
    convolveGradient(dKernels, dState, padded, dOpened, kernels, room, own, B, m, GATES);
    columnSums(dBiases, dOpened, places, GATES * m);
    const rest = floats((n - own) * B * C);
    memory.copy(dState + floats(rows * C), dy + floats(rows * C), rest);
    const image = floats(n * B * C);
    dState += image;
    dy += image;
    state += image;
    opened += 2 * image;
    proposal += image;
    dKernels += kernelBytes(PARTS, m);
    kernels += kernelBytes(PARTS, m);
    dBiases += PARTS * third;
    hold += floats(n);
  }
}

// @ts-ignore: decorator
@inline
function kernelBytes(parts: i32, m: i32): usize {
  return floats(parts * TAPS * TAPS * m * m);
}

function ownPositions(hold: usize, n: i32): i32 {
  let own = 0;
  while (own < n && load<f32>(hold + floats(own)) == 0) own++;
  return own;
}

/** A copy of `own` positions, filled up to whole pieces, with a position of zeros on either side. */
function pad(padded: usize, image: usize, own: i32, B: i32, m: i32): void {
  const line = floats(B * W * m);
  memory.fill(padded, 0, line);
  memory.copy(padded + line, image, <usize>own * line);
  memory.fill(padded + <usize>(own + 1) * line, 0, PIECE * line);
}

/** out [own B, W, parts, m] from a padded image. */
function convolve(
  out: usize,
  padded: usize,
  kernels: usize,
  biases: usize,
  room: usize,
  own: i32,
  B: i32,
  m: i32,
  parts: i32,
): void {
  const outputs = parts * m;
  const line = floats(B * W * m);
  const input = room;
  const output = input + floats(ALL_POINTS * B * m);
  const filters = output + floats(ALL_POINTS * B * outputs);
  const part = filters + floats(ALL_POINTS * m * outputs);
  const panel = part + floats(partNumbers(outputs));
  filterValues(filters, kernels, part, m, parts);
  for (let first = 0; first < own; first += PIECE) {
    inputValues(input, padded + <usize>first * line, part, B, m);
    multiplyValues(output, input, filters, panel, B, m, outputs, false);
    const to = out + <usize>(first * parts) * line;
    outputOf(to, output, biases, part, min(PIECE, own - first), B, outputs);
  }
}

/** Gradients of `convolve`'s sums with respect to its kernels and, added to what is there, its image, without the padding. */
function convolveGradient(
  dKernels: usize,
  dImage: usize,
  padded: usize,
  dOut: usize,
  kernels: usize,
  room: usize,
  own: i32,
  B: i32,
  m: i32,
  parts: i32,
): void {
  const outputs = parts * m;
  const line = floats(B * W * m);
  const filterBytes = floats(ALL_POINTS * m * outputs);
  const input = room;
  const dInput = input + floats(ALL_POINTS * B * m);
  const dOutput = dInput + floats(ALL_POINTS * B * m);
  const filters = dOutput + floats(ALL_POINTS * B * outputs);
  const dFilters = filters + filterBytes;
  const part = dFilters + filterBytes;
  const panel = part + floats(partNumbers(outputs));
  filterValues(filters, kernels, part, m, parts);
  memory.fill(dFilters, 0, filterBytes);
  for (let first = 0; first < own; first += PIECE) {
    inputValues(input, padded + <usize>first * line, part, B, m);
    outputGradientValues(dOutput, dOut + <usize>(first * parts) * line, part, B, outputs);
    addProductOfTransposed(dFilters, input, dOutput, panel, m, B, outputs);
    multiplyValues(dInput, dOutput, filters, panel, B, outputs, m, true);
    addInputGradient(dImage, dInput, part, first, own, B, m);
  }
  filterGradient(dKernels, dFilters, part, m, parts);
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
