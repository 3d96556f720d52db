import { clip, mix, mixGradient } from './distributions';
import { Machine, MODULES } from './machine';
import * as modules from './modules';

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

/** Fills values and memories from the first of each; keeps the modules' inputs. */
export function runModules(machine: Machine): void {
  const M = machine.M;
  const row = machine.row;
  const tape = machine.tape;
  const chances = machine.chances;
  const values = machine.values;
  let tapeNow = machine.memories;
  for (let m = 0; m < machine.Q; m++) {
    const kind = m % MODULES;
    const known = machine.R + m;
    const A = machine.inputs + 2 * row * m;
    const B = A + row;
    const out = values + row * known;
    if (usesFirst(kind)) mix(A, machine.firstChoice(chances, m), values, known, M);
    if (usesSecond(kind)) mix(B, machine.secondChoice(chances, m), values, known, M);
    switch (kind) {
      case Module.Read:
        modules.read(out, tapeNow, A, M);
        break;
      case Module.Zero:
      case Module.One:
      case Module.Two:
        modules.constant(out, kind - Module.Zero, M);
        break;
      case Module.Increment:
        modules.rotate(out, A, M - 1, M);
        break;
      case Module.Decrement:
        modules.rotate(out, A, 1, M);
        break;
      case Module.Add:
        modules.add(out, A, B, M);
        break;
      case Module.Subtract:
        modules.correlate(out, B, A, M);
        break;
      case Module.LessThan:
        modules.truth(out, f32x4.sub(f32x4.splat(1), modules.probability(B, A, M)), M);
        break;
      case Module.LessOrEqual:
        modules.truth(out, modules.probability(A, B, M), M);
        break;
      case Module.Equality:
        modules.truth(out, modules.dot(A, B, M), M);
        break;
      case Module.Minimum:
        modules.minimum(out, A, B, M);
        break;
      case Module.Maximum:
        modules.maximum(out, A, B, M);
        break;
      case Module.Write:
        modules.write(tapeNow + tape, tapeNow, A, B, M);
        memory.copy(out, B, row);
        tapeNow += tape;
    }
  }
}

/** Gradients of all that `runModules` did; those of values and of the last memory are in place, those of chances set. */
export function runModulesGradient(machine: Machine, limit: v128): void {
  const M = machine.M;
  const row = machine.row;
  const tape = machine.tape;
  const chances = machine.chances;
  const dChances = machine.dChances;
  const values = machine.values;
  const dValues = machine.dValues;
  const dMemory = machine.dMemory;
  const dA = machine.dInputs;
  const dB = dA + row;
  let tapeNow = machine.memories + tape * (machine.Q / MODULES);
  for (let m = machine.Q - 1; m >= 0; m--) {
    const kind = m % MODULES;
    const known = machine.R + m;
    const A = machine.inputs + 2 * row * m;
    const B = A + row;
    const d = dValues + row * known;
    clip(d, M, limit);
    switch (kind) {
      case Module.Read:
        modules.readGradient(dA, dMemory, d, tapeNow, A, M);
        break;
      case Module.Increment:
        modules.rotate(dA, d, 1, M);
        break;
      case Module.Decrement:
        modules.rotate(dA, d, M - 1, M);
        break;
      case Module.Add:
        modules.correlate(dA, B, d, M);
        modules.correlate(dB, A, d, M);
        break;
      case Module.Subtract:
        // out[c] = sum of B[b] A[b + c]
        modules.add(dA, B, d, M);
        modules.correlate(dB, d, A, M);
        break;
      case Module.LessThan:
        modules.probabilityGradient(dB, dA, B, A, f32x4.neg(modules.truthGradient(d)), M);
        break;
      case Module.LessOrEqual:
        modules.probabilityGradient(dA, dB, A, B, modules.truthGradient(d), M);
        break;
      case Module.Equality:
        modules.scaled(dA, B, modules.truthGradient(d), M);
        modules.scaled(dB, A, modules.truthGradient(d), M);
        break;
      case Module.Minimum:
        modules.minimumGradient(dA, d, B, M);
        modules.minimumGradient(dB, d, A, M);
        break;
      case Module.Maximum:
        modules.maximumGradient(dA, d, B, M);
        modules.maximumGradient(dB, d, A, M);
        break;
      case Module.Write:
        tapeNow -= tape;
        clip(dMemory, M * M, limit);
        modules.writeGradient(dA, dB, dMemory, d, tapeNow, A, B, M);
    }
    if (usesFirst(kind)) {
      const choice = machine.firstChoice(chances, m);
      mixGradient(machine.firstChoice(dChances, m), dValues, dA, choice, values, known, M);
    }
    if (usesSecond(kind)) {
      const choice = machine.secondChoice(chances, m);
      mixGradient(machine.secondChoice(dChances, m), dValues, dB, choice, values, known, M);
    }
  }
}
