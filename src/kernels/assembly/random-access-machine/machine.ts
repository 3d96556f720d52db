// The machine at hand: its shape, and where in scratch its vectors stand. It lies at the start of scratch itself.

export const MODULES: i32 = 14;

/** Fields of type `usize` are addresses, but for `row` and `tape`. Those that begin with d are for gradients. */
@unmanaged
export class Machine {
  workspace: usize;
  /** Cells and integers. */
  M: i32;
  /** Registers. */
  R: i32;
  /** Modules that a time step runs. */
  Q: i32;
  logits: i32;
  /** Bytes of a distribution. */
  row: usize;
  /** Bytes of a memory. */
  tape: usize;
  /** [logits] */
  chances: usize;
  dChances: usize;
  /** [R + Q, M]: registers, then modules' outputs. */
  values: usize;
  dValues: usize;
  /** [repetitions + 1, M, M]: as it was before each WRITE, and in the end. */
  memories: usize;
  dMemory: usize;
  /** [Q, 2, M]: what went into the modules. */
  inputs: usize;
  /** [2, M]; also a place for a number per register. */
  dInputs: usize;
  /** [R, M] */
  spare: usize;

  // Places in `chances`, or in `dChances`.

  firstChoice(base: usize, module: i32): usize {
    return base + (<usize>(module * (2 * this.R + module - 1)) << 4);
  }

  secondChoice(base: usize, module: i32): usize {
    return this.firstChoice(base, module) + (<usize>(this.R + module) << 4);
  }

  registerChoice(base: usize, register: i32): usize {
    return this.firstChoice(base, this.Q) + (<usize>(register * (this.R + this.Q)) << 4);
  }
}

/** Bytes of scratch that a machine needs; the terms are in the order in which `layOut` places them. */
export function machineScratchBytes(M: i32, registers: i32, repetitions: i32): i32 {
  const Q = MODULES * repetitions;
  const vectors =
    2 * logitCount(registers, Q) +
    2 * M * (registers + Q) +
    M * M * (repetitions + 1) +
    M * M +
    2 * M * Q +
    max(2 * M, registers) +
    M * registers;
  return HEADER_BYTES + (vectors << 4);
}

/** A machine, and places for its vectors, in `machineScratchBytes` bytes of scratch. */
export function layOut(scratch: usize, workspace: usize, M: i32, registers: i32, repetitions: i32): Machine {
  const machine = changetype<Machine>(scratch);
  const Q = MODULES * repetitions;
  const logits = logitCount(registers, Q);
  const row = <usize>M << 4;
  const tape = row * M;
  machine.workspace = workspace;
  machine.M = M;
  machine.R = registers;
  machine.Q = Q;
  machine.logits = logits;
  machine.row = row;
  machine.tape = tape;
  machine.chances = scratch + HEADER_BYTES;
  machine.dChances = machine.chances + (<usize>logits << 4);
  machine.values = machine.dChances + (<usize>logits << 4);
  machine.dValues = machine.values + row * (registers + Q);
  machine.memories = machine.dValues + row * (registers + Q);
  machine.dMemory = machine.memories + tape * (repetitions + 1);
  machine.inputs = machine.dMemory + tape;
  machine.dInputs = machine.inputs + 2 * row * Q;
  machine.spare = machine.dInputs + (<usize>max(2 * M, registers) << 4);
  return machine;
}

/** Of the machine itself, rounded up so that vectors are aligned as scratch is. */
const HEADER_BYTES: i32 = (<i32>offsetof<Machine>() + 15) & ~15;

function logitCount(R: i32, Q: i32): i32 {
  return Q * (2 * R + Q - 1) + R * (R + Q);
}
