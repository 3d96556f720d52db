// A time step of a neural random-access machine, and its gradient: all modules, the register update and the memory.
// What is computed is told in src/experiments/kth-element/machine.ts, the reference; here is only how it is done fast.
//
// Four examples at a time, one in each lane: every number of the reference is a v128 here, and nothing else is
// vectorised. An example's results therefore do not depend on its neighbours.
import { safeLogarithm } from '../elementary';
import { clip, mix, mixGradient, renormalise, softmax, softmaxGradient } from './distributions';
import { accumulate, at, gather, get, put, scatter } from './lanes';
import { layOut, Machine, MODULES } from './machine';
import { runModules, runModulesGradient } from './run-modules';

export { machineScratchBytes } from './machine';

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
  workspace: usize,
  epsilon: f32,
  N: i32,
  M: i32,
  R: i32,
  repetitions: i32,
): void {
  const machine = layOut(scratch, workspace, M, R, repetitions);
  const row = machine.row;
  const spare = machine.spare;
  const lastMemory = machine.memories + machine.tape * repetitions;
  for (let n = 0; n < N; n += 4) {
    gather(machine.chances, scores, n, N, machine.logits);
    gather(machine.values, registers, n, N, R * M);
    gather(machine.memories, content, n, N, M * M);
    scatterOne(machine, entropy, chooseAll(machine), n, N);
    runModules(machine);
    updateRegisters(machine);
    for (let r = 0; r < R; r++) renormalise(spare + row * r, M);
    scatter(newRegisters, spare, n, N, R * M);
    for (let r = 0; r < R; r++) put(spare, r, v128.load(spare + row * r));
    scatter(zeros, spare, n, N, R);
    for (let i = 0; i < M; i++) renormalise(lastMemory + row * i, M);
    scatter(newMemory, lastMemory, n, N, M * M);
    scatterOne(machine, likelihood, logLikelihood(machine, lastMemory, targets, n, N, epsilon), n, N);
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
  workspace: usize,
  epsilon: f32,
  N: i32,
  M: i32,
  R: i32,
  repetitions: i32,
): void {
  const machine = layOut(scratch, workspace, M, R, repetitions);
  const row = machine.row;
  const spare = machine.spare;
  const dChances = machine.dChances;
  const dValues = machine.dValues;
  const dInputs = machine.dInputs;
  for (let n = 0; n < N; n += 4) {
    gather(machine.chances, scores, n, N, machine.logits);
    gather(machine.values, registers, n, N, R * M);
    gather(machine.memories, content, n, N, M * M);
    chooseAll(machine);
    runModules(machine);
    const limit = gatherOne(machine, limits, n, N);
    gather(machine.dMemory, dMemory, n, N, M * M);
    logLikelihoodGradient(machine, gatherOne(machine, dLikelihood, n, N), targets, n, N, epsilon);
    gather(dInputs, dZeros, n, N, R);
    gather(spare, dRegisters, n, N, R * M);
    for (let r = 0; r < R; r++) accumulate(spare + row * r, 0, get(dInputs, r));
    memory.fill(dValues, 0, row * (R + machine.Q));
    memory.fill(dChances, 0, <usize>machine.logits << 4);
    clip(spare, R * M, limit);
    updateRegistersGradient(machine);
    runModulesGradient(machine, limit);
    chooseAllGradient(machine, gatherOne(machine, dEntropy, n, N));
    scatter(scoreGradient, dChances, n, N, machine.logits);
    scatter(registerGradient, dValues, n, N, R * M);
    scatter(contentGradient, machine.dMemory, n, N, M * M);
  }
}

function gatherOne(machine: Machine, from: usize, n: i32, N: i32): v128 {
  gather(machine.spare, from, n, N, 1);
  return v128.load(machine.spare);
}

function scatterOne(machine: Machine, to: usize, lanes: v128, n: i32, N: i32): void {
  v128.store(machine.spare, lanes);
  scatter(to, machine.spare, n, N, 1);
}

/** Logits to probabilities, in place; returns the sum of the entropies. */
function chooseAll(machine: Machine): v128 {
  const workspace = machine.workspace;
  const chances = machine.chances;
  const R = machine.R;
  const Q = machine.Q;
  let entropy = f32x4.splat(0);
  for (let m = 0; m < Q; m++) {
    entropy = f32x4.add(entropy, softmax(workspace, machine.firstChoice(chances, m), R + m));
    entropy = f32x4.add(entropy, softmax(workspace, machine.secondChoice(chances, m), R + m));
  }
  for (let r = 0; r < R; r++)
    entropy = f32x4.add(entropy, softmax(workspace, machine.registerChoice(chances, r), R + Q));
  return entropy;
}

function chooseAllGradient(machine: Machine, dEntropy: v128): void {
  const R = machine.R;
  const Q = machine.Q;
  const chances = machine.chances;
  const dChances = machine.dChances;
  const workspace = machine.workspace;
  for (let m = 0; m < Q; m++) {
    const first = machine.firstChoice(0, m);
    const second = machine.secondChoice(0, m);
    softmaxGradient(workspace, dChances + first, chances + first, R + m, dEntropy);
    softmaxGradient(workspace, dChances + second, chances + second, R + m, dEntropy);
  }
  for (let r = 0; r < R; r++) {
    const choice = machine.registerChoice(0, r);
    softmaxGradient(workspace, dChances + choice, chances + choice, R + Q, dEntropy);
  }
}

function updateRegisters(machine: Machine): void {
  const values = machine.R + machine.Q;
  for (let r = 0; r < machine.R; r++) {
    const choice = machine.registerChoice(machine.chances, r);
    mix(machine.spare + machine.row * r, choice, machine.values, values, machine.M);
  }
}

function updateRegistersGradient(machine: Machine): void {
  const values = machine.R + machine.Q;
  for (let r = 0; r < machine.R; r++) {
    const d = machine.spare + machine.row * r;
    const choice = machine.registerChoice(machine.chances, r);
    const dChoice = machine.registerChoice(machine.dChances, r);
    mixGradient(dChoice, machine.dValues, d, choice, machine.values, values, machine.M);
  }
}

/** Sum over the cells that have a target of log(max(probability of the target, epsilon)). */
function logLikelihood(machine: Machine, content: usize, targets: usize, n: i32, N: i32, epsilon: f32): v128 {
  const M = machine.M;
  const probabilities = machine.dValues;
  for (let lane = 0; lane < 4; lane++) {
    const example = min(n + lane, N - 1);
    for (let i = 0; i < M; i++) {
      const target = load<i32>(targets + ((example * M + i) << 2));
      const p = target < 0 ? <f32>1 : max(load<f32>(at(content, i * M + target) + (lane << 2)), epsilon);
      store<f32>(at(probabilities, i) + (lane << 2), p);
    }
  }
  let sum = f32x4.splat(0);
  for (let i = 0; i < M; i++) sum = f32x4.add(sum, safeLogarithm(machine.workspace, get(probabilities, i)));
  return sum;
}

/** Adds to the memory's gradient. */
function logLikelihoodGradient(machine: Machine, d: v128, targets: usize, n: i32, N: i32, epsilon: f32): void {
  const M = machine.M;
  const content = machine.memories + machine.tape * (machine.Q / MODULES);
  v128.store(machine.dInputs, d);
  for (let lane = 0; lane < 4; lane++) {
    const example = min(n + lane, N - 1);
    const slope = load<f32>(machine.dInputs + (lane << 2));
    for (let i = 0; i < M; i++) {
      const target = load<i32>(targets + ((example * M + i) << 2));
      if (target < 0) continue;
      const p = load<f32>(at(content, i * M + target) + (lane << 2));
      const gradient = at(machine.dMemory, i * M + target) + (lane << 2);
      if (p >= epsilon) store<f32>(gradient, load<f32>(gradient) + slope / p);
    }
  }
}
