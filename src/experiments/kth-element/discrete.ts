import { integerModule } from './integers.js';
import { type MachineShape, type ModuleName, modulesOf, selectionWidths } from './layout.js';

/** Registers and cells as integers. */
export interface DiscreteState {
  readonly registers: readonly number[];
  readonly memory: readonly number[];
}

/**
 * What a controller chose in a time step, as indices of values: registers come first, then the modules' outputs in the
 * order in which they run.
 */
export interface Choices {
  /** First and second input of every module. */
  readonly inputs: readonly (readonly [number, number])[];
  /** New content of every register. */
  readonly registers: readonly number[];
}

/** A module that ran, on what and with what result. */
export interface ModuleCall {
  readonly name: ModuleName;
  readonly a: number;
  readonly b: number;
  readonly output: number;
}

/** The most probable choice of every selection. @param logits of one example and time step, see `selectionWidths`. */
export function mostProbable(logits: ArrayLike<number>, shape: MachineShape): Choices {
  let end = 0;
  const best = selectionWidths(shape).map((width) => {
    const start = end;
    end += width;
    return argMax(logits, start, end) - start;
  });
  const modules = modulesOf(shape).length;
  return {
    inputs: Array.from({ length: modules }, (_, i) => [best[2 * i]!, best[2 * i + 1]!] as const),
    registers: best.slice(2 * modules),
  };
}

/** One time step with every distribution replaced by its most probable value [NRAM section 3.4]. */
export function executeStep(
  { repetitions }: { repetitions: number },
  { inputs, registers }: Choices,
  state: DiscreteState,
): DiscreteState & { calls: ModuleCall[] } {
  const M = state.memory.length;
  const memory = [...state.memory];
  const values = [...state.registers];
  const calls = modulesOf({ repetitions }).map((name, i) => {
    const [a, b] = [values[inputs[i]![0]]!, values[inputs[i]![1]]!];
    if (name === 'WRITE') memory[a] = b;
    const output = name === 'READ' ? memory[a]! : name === 'WRITE' ? b : integerModule(name, a, b, M);
    values.push(output);
    return { name, a, b, output };
  });
  return { registers: registers.map((index) => values[index]!), memory, calls };
}

function argMax(values: ArrayLike<number>, start: number, end: number): number {
  let best = start;
  for (let i = start + 1; i < end; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
