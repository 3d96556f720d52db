// A time step of a neural random-access machine, and its gradient: all modules, the register update and the memory.
// What is computed is told in src/experiments/kth-element/machine.ts, the reference; here is only how it is done fast.
//
// Four examples at a time, one in each lane: every number of the reference is a v128 here, and nothing else is
// vectorised. An example's results therefore do not depend on its neighbours. In scratch, a vector of n numbers takes
// 16 n bytes, a matrix lies row by row.
import { ELEMENTARY_BYTES, exponential, logarithm, storeElementaryConstants } from './elementary';

/** Bytes of scratch that either entry point needs. */
export function machineScratchBytes(M: i32, registers: i32, repetitions: i32): i32 {
  setShape(M, registers, repetitions);
  return <i32>end;
}

// The machine at hand: its shape, and where in scratch its vectors are. Set at every call.
let M: i32 = 0;
let R: i32 = 0;
let Q: i32 = 0;
let logits: i32 = 0;
/** Bytes of a distribution, and of a memory. */
let row: usize = 0;
let tape: usize = 0;
let chances: usize = 0;
let values: usize = 0;
let memories: usize = 0;
let inputs: usize = 0;
let chanceGradients: usize = 0;
let valueGradients: usize = 0;
let memoryGradient: usize = 0;
let inputGradients: usize = 0;
let spare: usize = 0;
let end: usize = 0;
/** The table of elementary.ts. */
let constants: usize = 0;

const MODULES: i32 = 14;

function setShape(cells: i32, registers: i32, repetitions: i32): void {
  M = cells;
  R = registers;
  Q = MODULES * repetitions;
  logits = Q * (2 * R + Q - 1) + R * (R + Q);
  row = <usize>M << 4;
  tape = row * M;
  constants = 0;
  chances = ELEMENTARY_BYTES;
  values = chances + (<usize>logits << 4);
  memories = values + row * (R + Q);
  inputs = memories + tape * (repetitions + 1);
  chanceGradients = inputs + 2 * row * Q;
  valueGradients = chanceGradients + (<usize>logits << 4);
  memoryGradient = valueGradients + row * (R + Q);
  inputGradients = memoryGradient + tape;
  // Also a place for a number per register.
  spare = inputGradients + (<usize>max(2 * M, R) << 4);
  end = spare + row * R;
}

function place(scratch: usize): void {
  constants = scratch;
  storeElementaryConstants(constants);
  chances += scratch;
  values += scratch;
  memories += scratch;
  inputs += scratch;
  chanceGradients += scratch;
  valueGradients += scratch;
  memoryGradient += scratch;
  inputGradients += scratch;
  spare += scratch;
}

/**
 * One time step of N examples.
 * @param newRegisters [N, R, M], `newMemory` [N, M, M], `entropy` [N], `zeros` [N, R] and `likelihood` [N]: written.
 * @param scores logits [N, logits]; `registers` [N, R, M]; `content` [N, M, M] the memory; `targets` int32 [N, M].
 */
export function machineStep(
  newRegisters: usize,
  newMemory: usize,
  entropy: usize,
  zeros: usize,
  likelihood: usize,
  scores: usize,
  registers: usize,
  content: usize,
  targets: usize,
  scratch: usize,
  epsilon: f32,
  N: i32,
  cells: i32,
  registerCount: i32,
  repetitions: i32,
): void {
  setShape(cells, registerCount, repetitions);
  place(scratch);
  const lastMemory = memories + tape * repetitions;
  for (let n = 0; n < N; n += 4) {
    gather(chances, scores, n, N, logits);
    gather(values, registers, n, N, R * M);
    gather(memories, content, n, N, M * M);
    scatterOne(entropy, chooseAll(), n, N);
    runModules();
    updateRegisters();
    for (let r = 0; r < R; r++) renormalise(spare + row * r);
    scatter(newRegisters, spare, n, N, R * M);
    for (let r = 0; r < R; r++) put(spare, r, v128.load(spare + row * r));
    scatter(zeros, spare, n, N, R);
    for (let i = 0; i < M; i++) renormalise(lastMemory + row * i);
    scatter(newMemory, lastMemory, n, N, M * M);
    scatterOne(likelihood, logLikelihood(lastMemory, targets, n, N, epsilon), n, N);
  }
}

/**
 * Gradient of `machineStep`, which it repeats: that is cheaper than keeping what it found.
 * @param scoreGradient [N, logits], `registerGradient` [N, R, M], `contentGradient` [N, M, M]: written.
 * @param dRegisters gradient with respect to the step's output, like `dMemory`, `dEntropy`, `dZeros` and `dLikelihood`.
 * @param limits clip 1 of every example, [N].
 */
export function machineStepGradient(
  scoreGradient: usize,
  registerGradient: usize,
  contentGradient: usize,
  dRegisters: usize,
  dMemory: usize,
  dEntropy: usize,
  dZeros: usize,
  dLikelihood: usize,
  scores: usize,
  registers: usize,
  content: usize,
  targets: usize,
  limits: usize,
  scratch: usize,
  epsilon: f32,
  N: i32,
  cells: i32,
  registerCount: i32,
  repetitions: i32,
): void {
  setShape(cells, registerCount, repetitions);
  place(scratch);
  for (let n = 0; n < N; n += 4) {
    gather(chances, scores, n, N, logits);
    gather(values, registers, n, N, R * M);
    gather(memories, content, n, N, M * M);
    chooseAll();
    runModules();
    const limit = gatherOne(limits, n, N);
    gather(memoryGradient, dMemory, n, N, M * M);
    logLikelihoodGradient(gatherOne(dLikelihood, n, N), targets, n, N, epsilon);
    gather(inputGradients, dZeros, n, N, R);
    gather(spare, dRegisters, n, N, R * M);
    for (let r = 0; r < R; r++) accumulate(spare + row * r, 0, get(inputGradients, r));
    memory.fill(valueGradients, 0, row * (R + Q));
    memory.fill(chanceGradients, 0, <usize>logits << 4);
    clip(spare, R * M, limit);
    updateRegistersGradient();
    runModulesGradient(limit);
    chooseAllGradient(gatherOne(dEntropy, n, N));
    scatter(scoreGradient, chanceGradients, n, N, logits);
    scatter(registerGradient, valueGradients, n, N, R * M);
    scatter(contentGradient, memoryGradient, n, N, M * M);
  }
}

// Between tensors, an example after the other, and lanes. Past the last example, lanes repeat it.

function gather(to: usize, from: usize, n: i32, N: i32, count: i32): void {
  const size = <usize>count << 2;
  let at0 = from + size * n;
  let at1 = from + size * min(n + 1, N - 1);
  let at2 = from + size * min(n + 2, N - 1);
  let at3 = from + size * min(n + 3, N - 1);
  for (let i = 0; i < count; i++) {
    let lanes = v128.load32_zero(at0);
    lanes = v128.load_lane<f32>(at1, lanes, 1);
    lanes = v128.load_lane<f32>(at2, lanes, 2);
    lanes = v128.load_lane<f32>(at3, lanes, 3);
    v128.store(to, lanes);
    to += 16;
    at0 += 4;
    at1 += 4;
    at2 += 4;
    at3 += 4;
  }
}

function scatter(to: usize, from: usize, n: i32, N: i32, count: i32): void {
  const size = <usize>count << 2;
  let at0 = to + size * n;
  let at1 = to + size * min(n + 1, N - 1);
  let at2 = to + size * min(n + 2, N - 1);
  let at3 = to + size * min(n + 3, N - 1);
  for (let i = 0; i < count; i++) {
    const lanes = v128.load(from);
    v128.store_lane<f32>(at0, lanes, 0);
    v128.store_lane<f32>(at1, lanes, 1);
    v128.store_lane<f32>(at2, lanes, 2);
    v128.store_lane<f32>(at3, lanes, 3);
    from += 16;
    at0 += 4;
    at1 += 4;
    at2 += 4;
    at3 += 4;
  }
}

function gatherOne(from: usize, n: i32, N: i32): v128 {
  gather(spare, from, n, N, 1);
  return v128.load(spare);
}

function scatterOne(to: usize, lanes: v128, n: i32, N: i32): void {
  v128.store(spare, lanes);
  scatter(to, spare, n, N, 1);
}

// Addresses of the parts of a step.

// @ts-ignore: decorator
@inline
function firstChoice(base: usize, module: i32): usize {
  return base + (<usize>(module * (2 * R + module - 1)) << 4);
}

// @ts-ignore: decorator
@inline
function secondChoice(base: usize, module: i32): usize {
  return firstChoice(base, module) + (<usize>(R + module) << 4);
}

// @ts-ignore: decorator
@inline
function registerChoice(base: usize, register: i32): usize {
  return base + (<usize>(Q * (2 * R + Q - 1) + register * (R + Q)) << 4);
}

/** The vector at index i. */
// @ts-ignore: decorator
@inline
function at(vector: usize, i: i32): usize {
  return vector + (<usize>i << 4);
}

// @ts-ignore: decorator
@inline
function get(vector: usize, i: i32): v128 {
  return v128.load(at(vector, i));
}

// @ts-ignore: decorator
@inline
function put(vector: usize, i: i32, value: v128): void {
  v128.store(at(vector, i), value);
}

/** vector[i] += value */
// @ts-ignore: decorator
@inline
function accumulate(vector: usize, i: i32, value: v128): void {
  const address = at(vector, i);
  v128.store(address, f32x4.add(v128.load(address), value));
}

/** Logits to probabilities, in place; returns the sum of the entropies. */
function chooseAll(): v128 {
  let entropy = f32x4.splat(0);
  for (let m = 0; m < Q; m++) {
    entropy = f32x4.add(entropy, softmax(firstChoice(chances, m), R + m));
    entropy = f32x4.add(entropy, softmax(secondChoice(chances, m), R + m));
  }
  for (let r = 0; r < R; r++) entropy = f32x4.add(entropy, softmax(registerChoice(chances, r), R + Q));
  return entropy;
}

/** Returns the entropy: log(sum of e^z) - (sum of z e^z) / (sum of e^z), with z the logits less the largest. */
function softmax(z: usize, count: i32): v128 {
  let largest = v128.load(z);
  for (let i = 1; i < count; i++) largest = f32x4.max(largest, get(z, i));
  let sum = f32x4.splat(0);
  let weighted = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const x = f32x4.sub(get(z, i), largest);
    const e = exponential(x, constants);
    put(z, i, e);
    sum = f32x4.add(sum, e);
    weighted = f32x4.add(weighted, f32x4.mul(e, x));
  }
  const scale = f32x4.div(f32x4.splat(1), sum);
  for (let i = 0; i < count; i++) put(z, i, f32x4.mul(get(z, i), scale));
  return f32x4.sub(logarithm(sum, constants), f32x4.mul(weighted, scale));
}

function chooseAllGradient(dEntropy: v128): void {
  for (let m = 0; m < Q; m++) {
    softmaxGradient(firstChoice(chanceGradients, m), firstChoice(chances, m), R + m, dEntropy);
    softmaxGradient(secondChoice(chanceGradients, m), secondChoice(chances, m), R + m, dEntropy);
  }
  for (let r = 0; r < R; r++)
    softmaxGradient(registerChoice(chanceGradients, r), registerChoice(chances, r), R + Q, dEntropy);
}

/** `d`, in place: p (d - sum of p d) with d less dEntropy log p, the gradient of the entropy but for a constant. */
function softmaxGradient(d: usize, p: usize, count: i32, dEntropy: v128): void {
  let mean = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const chance = get(p, i);
    const gradient = f32x4.sub(get(d, i), f32x4.mul(dEntropy, logarithm(chance, constants)));
    put(d, i, gradient);
    mean = f32x4.add(mean, f32x4.mul(chance, gradient));
  }
  for (let i = 0; i < count; i++) put(d, i, f32x4.mul(get(p, i), f32x4.sub(get(d, i), mean)));
}

/** out[j] = sum over v of p[v] values[v][j], for the first `count` values. */
function mix(out: usize, p: usize, count: i32): void {
  const stride = row;
  const last = p + (<usize>count << 4);
  let column = values;
  const end = values + stride;
  while (column < end) {
    const wide = column + 16 < end;
    let at = column;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    for (let chance = p; chance < last; chance += 16) {
      const factor = v128.load(chance);
      sum0 = f32x4.add(sum0, f32x4.mul(factor, v128.load(at)));
      // One past the row is the next one's first: there is always something to load.
      sum1 = f32x4.add(sum1, f32x4.mul(factor, v128.load(at, 16)));
      at += stride;
    }
    v128.store(out, sum0);
    if (wide) v128.store(out, sum1, 16);
    out += 32;
    column += 32;
  }
}

/** Gradient of `mix`: dp[v] = sum over j of d[j] values[v][j], and dValues[v][j] += p[v] d[j]. */
function mixGradient(dp: usize, d: usize, p: usize, count: i32): void {
  let value = values;
  let gradient = valueGradients;
  const last = d + row;
  for (let v = 0; v < count; v++) {
    const chance = v128.load(p);
    let sum = f32x4.splat(0);
    for (let at = d; at < last; at += 16) {
      const slope = v128.load(at);
      sum = f32x4.add(sum, f32x4.mul(slope, v128.load(value)));
      v128.store(gradient, f32x4.add(v128.load(gradient), f32x4.mul(chance, slope)));
      value += 16;
      gradient += 16;
    }
    v128.store(dp, sum);
    p += 16;
    dp += 16;
  }
}

function updateRegisters(): void {
  for (let r = 0; r < R; r++) mix(spare + row * r, registerChoice(chances, r), R + Q);
}

function updateRegistersGradient(): void {
  for (let r = 0; r < R; r++)
    mixGradient(registerChoice(chanceGradients, r), spare + row * r, registerChoice(chances, r), R + Q);
}

/** Divides by the sum. */
function renormalise(x: usize): void {
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) sum = f32x4.add(sum, get(x, j));
  for (let j = 0; j < M; j++) put(x, j, f32x4.div(get(x, j), sum));
}

/** Sum over the cells that have a target of log(max(probability of the target, epsilon)). */
function logLikelihood(content: usize, targets: usize, n: i32, N: i32, epsilon: f32): v128 {
  for (let lane = 0; lane < 4; lane++) {
    const example = min(n + lane, N - 1);
    for (let i = 0; i < M; i++) {
      const target = load<i32>(targets + ((example * M + i) << 2));
      const p = target < 0 ? <f32>1 : max(load<f32>(at(content, i * M + target) + (lane << 2)), epsilon);
      store<f32>(at(valueGradients, i) + (lane << 2), p);
    }
  }
  let sum = f32x4.splat(0);
  for (let i = 0; i < M; i++) sum = f32x4.add(sum, logarithm(get(valueGradients, i), constants));
  return sum;
}

/** Adds to the memory's gradient. */
function logLikelihoodGradient(d: v128, targets: usize, n: i32, N: i32, epsilon: f32): void {
  const content = memories + tape * (Q / MODULES);
  v128.store(inputGradients, d);
  for (let lane = 0; lane < 4; lane++) {
    const example = min(n + lane, N - 1);
    const slope = load<f32>(inputGradients + (lane << 2));
    for (let i = 0; i < M; i++) {
      const target = load<i32>(targets + ((example * M + i) << 2));
      if (target < 0) continue;
      const p = load<f32>(at(content, i * M + target) + (lane << 2));
      const gradient = at(memoryGradient, i * M + target) + (lane << 2);
      if (p >= epsilon) store<f32>(gradient, load<f32>(gradient) + slope / p);
    }
  }
}

function clip(x: usize, count: i32, limit: v128): void {
  const low = f32x4.neg(limit);
  for (let i = 0; i < count; i++) put(x, i, f32x4.min(f32x4.max(get(x, i), low), limit));
}

/** Fills values and memories from the first of each; keeps the modules' inputs. */
function runModules(): void {
  let tapeNow = memories;
  for (let m = 0; m < Q; m++) {
    const kind = m % MODULES;
    const A = inputs + 2 * row * m;
    const B = A + row;
    const out = values + row * (R + m);
    if (usesFirst(kind)) mix(A, firstChoice(chances, m), R + m);
    if (usesSecond(kind)) mix(B, secondChoice(chances, m), R + m);
    switch (kind) {
      case Module.Read:
        read(out, tapeNow, A);
        break;
      case Module.Zero:
      case Module.One:
      case Module.Two:
        constant(out, kind - Module.Zero);
        break;
      case Module.Increment:
        rotate(out, A, M - 1);
        break;
      case Module.Decrement:
        rotate(out, A, 1);
        break;
      case Module.Add:
        add(out, A, B);
        break;
      case Module.Subtract:
        correlate(out, B, A);
        break;
      case Module.LessThan:
        truth(out, f32x4.sub(f32x4.splat(1), probability(B, A)));
        break;
      case Module.LessOrEqual:
        truth(out, probability(A, B));
        break;
      case Module.Equality:
        truth(out, dot(A, B));
        break;
      case Module.Minimum:
        minimum(out, A, B);
        break;
      case Module.Maximum:
        maximum(out, A, B);
        break;
      case Module.Write:
        write(tapeNow + tape, tapeNow, A, B);
        memory.copy(out, B, row);
        tapeNow += tape;
    }
  }
}

/** Gradients of all that `runModules` did; those of values and of the last memory are in place, those of chances set. */
function runModulesGradient(limit: v128): void {
  let tapeNow = memories + tape * (Q / MODULES);
  const dA = inputGradients;
  const dB = inputGradients + row;
  for (let m = Q - 1; m >= 0; m--) {
    const kind = m % MODULES;
    const A = inputs + 2 * row * m;
    const B = A + row;
    const d = valueGradients + row * (R + m);
    clip(d, M, limit);
    switch (kind) {
      case Module.Read:
        readGradient(dA, d, tapeNow, A);
        break;
      case Module.Increment:
        rotate(dA, d, 1);
        break;
      case Module.Decrement:
        rotate(dA, d, M - 1);
        break;
      case Module.Add:
        correlate(dA, B, d);
        correlate(dB, A, d);
        break;
      case Module.Subtract:
        // out[c] = sum of B[b] A[b + c]
        add(dA, B, d);
        correlate(dB, d, A);
        break;
      case Module.LessThan:
        probabilityGradient(dB, dA, B, A, f32x4.neg(truthGradient(d)));
        break;
      case Module.LessOrEqual:
        probabilityGradient(dA, dB, A, B, truthGradient(d));
        break;
      case Module.Equality:
        scaled(dA, B, truthGradient(d));
        scaled(dB, A, truthGradient(d));
        break;
      case Module.Minimum:
        minimumGradient(dA, d, B);
        minimumGradient(dB, d, A);
        break;
      case Module.Maximum:
        maximumGradient(dA, d, B);
        maximumGradient(dB, d, A);
        break;
      case Module.Write:
        tapeNow -= tape;
        clip(memoryGradient, M * M, limit);
        writeGradient(dA, dB, d, tapeNow, A, B);
    }
    if (usesFirst(kind)) mixGradient(firstChoice(chanceGradients, m), dA, firstChoice(chances, m), R + m);
    if (usesSecond(kind)) mixGradient(secondChoice(chanceGradients, m), dB, secondChoice(chances, m), R + m);
  }
}

const enum Module {
  Read,
  Zero,
  One,
  Two,
  Increment,
  Add,
  Subtract,
  Decrement,
  LessThan,
  LessOrEqual,
  Equality,
  Minimum,
  Maximum,
  Write,
}

// @ts-ignore: decorator
@inline
function usesFirst(kind: i32): bool {
  return kind == Module.Read || kind >= Module.Increment;
}

// @ts-ignore: decorator
@inline
function usesSecond(kind: i32): bool {
  return kind >= Module.Add && kind != Module.Decrement;
}

/** out[j] = sum over i of A[i] content[i][j] */
function read(out: usize, content: usize, A: usize): void {
  for (let j = 0; j < M; j++) {
    let sum = f32x4.splat(0);
    for (let i = 0; i < M; i++) sum = f32x4.add(sum, f32x4.mul(get(A, i), get(content, i * M + j)));
    put(out, j, sum);
  }
}

/** dA is set, the memory's gradient added to. */
function readGradient(dA: usize, d: usize, content: usize, A: usize): void {
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    let sum = f32x4.splat(0);
    for (let j = 0; j < M; j++) {
      sum = f32x4.add(sum, f32x4.mul(get(d, j), get(content, i * M + j)));
      accumulate(memoryGradient, i * M + j, f32x4.mul(address, get(d, j)));
    }
    put(dA, i, sum);
  }
}

function write(out: usize, content: usize, A: usize, B: usize): void {
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    const kept = f32x4.sub(f32x4.splat(1), address);
    for (let j = 0; j < M; j++) {
      const old = f32x4.mul(get(content, i * M + j), kept);
      put(out, i * M + j, f32x4.add(old, f32x4.mul(address, get(B, j))));
    }
  }
}

/** dA and dB are set, the memory's gradient becomes that before the write. The module's output is B itself. */
function writeGradient(dA: usize, dB: usize, d: usize, content: usize, A: usize, B: usize): void {
  memory.copy(dB, d, row);
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    const kept = f32x4.sub(f32x4.splat(1), address);
    let sum = f32x4.splat(0);
    for (let j = 0; j < M; j++) {
      const slope = get(memoryGradient, i * M + j);
      sum = f32x4.add(sum, f32x4.mul(slope, f32x4.sub(get(B, j), get(content, i * M + j))));
      accumulate(dB, j, f32x4.mul(slope, address));
      put(memoryGradient, i * M + j, f32x4.mul(slope, kept));
    }
    put(dA, i, sum);
  }
}

function constant(out: usize, value: i32): void {
  memory.fill(out, 0, row);
  put(out, value, f32x4.splat(1));
}

/** out[c] = x[(c + shift) mod M], 0 <= shift < M */
function rotate(out: usize, x: usize, shift: i32): void {
  const first = <usize>shift << 4;
  memory.copy(out, x + first, row - first);
  memory.copy(out + row - first, x, first);
}

/** out[c] = sum over a of x[a] y[(c - a) mod M] */
function add(out: usize, x: usize, y: usize): void {
  for (let c = 0; c < M; c++) {
    let sum = f32x4.splat(0);
    for (let a = 0; a <= c; a++) sum = f32x4.add(sum, f32x4.mul(get(x, a), get(y, c - a)));
    for (let a = c + 1; a < M; a++) sum = f32x4.add(sum, f32x4.mul(get(x, a), get(y, M + c - a)));
    put(out, c, sum);
  }
}

/** out[c] = sum over b of x[b] y[(b + c) mod M] */
function correlate(out: usize, x: usize, y: usize): void {
  for (let c = 0; c < M; c++) {
    let sum = f32x4.splat(0);
    for (let b = 0; b < M - c; b++) sum = f32x4.add(sum, f32x4.mul(get(x, b), get(y, b + c)));
    for (let b = M - c; b < M; b++) sum = f32x4.add(sum, f32x4.mul(get(x, b), get(y, b + c - M)));
    put(out, c, sum);
  }
}

/** P(x <= y) */
function probability(x: usize, y: usize): v128 {
  let cumulated = f32x4.splat(0);
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) {
    cumulated = f32x4.add(cumulated, get(x, j));
    sum = f32x4.add(sum, f32x4.mul(cumulated, get(y, j)));
  }
  return sum;
}

function probabilityGradient(dx: usize, dy: usize, x: usize, y: usize, d: v128): void {
  let cumulated = f32x4.splat(0);
  for (let j = 0; j < M; j++) {
    cumulated = f32x4.add(cumulated, get(x, j));
    put(dy, j, f32x4.mul(d, cumulated));
  }
  cumulated = f32x4.splat(0);
  for (let j = M - 1; j >= 0; j--) {
    cumulated = f32x4.add(cumulated, get(y, j));
    put(dx, j, f32x4.mul(d, cumulated));
  }
}

function dot(x: usize, y: usize): v128 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) sum = f32x4.add(sum, f32x4.mul(get(x, j), get(y, j)));
  return sum;
}

function scaled(out: usize, x: usize, factor: v128): void {
  for (let j = 0; j < M; j++) put(out, j, f32x4.mul(factor, get(x, j)));
}

/** 1 with probability p, else 0. */
function truth(out: usize, p: v128): void {
  memory.fill(out, 0, row);
  put(out, 0, f32x4.sub(f32x4.splat(1), p));
  put(out, 1, p);
}

function truthGradient(d: usize): v128 {
  return f32x4.sub(get(d, 1), get(d, 0));
}

/** out[c] = x[c] (sum of y from c up) + y[c] (sum of x from c up) - x[c] y[c] */
function minimum(out: usize, x: usize, y: usize): void {
  let sumX = f32x4.splat(0);
  let sumY = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    // The term that would be counted twice is left out of the second sum.
    sumY = f32x4.add(sumY, get(y, c));
    put(out, c, f32x4.add(f32x4.mul(get(x, c), sumY), f32x4.mul(get(y, c), sumX)));
    sumX = f32x4.add(sumX, get(x, c));
  }
}

/** dx[c] = d[c] (sum of y above c) + (sum of d y up to c) */
function minimumGradient(dx: usize, d: usize, y: usize): void {
  let below = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    below = f32x4.add(below, f32x4.mul(get(d, c), get(y, c)));
    put(dx, c, below);
  }
  let above = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    accumulate(dx, c, f32x4.mul(get(d, c), above));
    above = f32x4.add(above, get(y, c));
  }
}

/** As `minimum`, with sums from c down. */
function maximum(out: usize, x: usize, y: usize): void {
  let sumX = f32x4.splat(0);
  let sumY = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    sumY = f32x4.add(sumY, get(y, c));
    put(out, c, f32x4.add(f32x4.mul(get(x, c), sumY), f32x4.mul(get(y, c), sumX)));
    sumX = f32x4.add(sumX, get(x, c));
  }
}

/** dx[c] = d[c] (sum of y below c) + (sum of d y from c up) */
function maximumGradient(dx: usize, d: usize, y: usize): void {
  let above = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    above = f32x4.add(above, f32x4.mul(get(d, c), get(y, c)));
    put(dx, c, above);
  }
  let below = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    accumulate(dx, c, f32x4.mul(get(d, c), below));
    below = f32x4.add(below, get(y, c));
  }
}
