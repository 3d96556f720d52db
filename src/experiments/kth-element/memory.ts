import { hasFusedMachine } from './fused-machine.js';
import { logitCount, type MachineShape, moduleCount } from './layout.js';

type Shape = MachineShape & { readonly units: number };

/** Rough count of the numbers that the way back needs of one example's time step. */
export function numbersKept(shape: Shape): number {
  return keptByController(shape) + (hasFusedMachine() ? keptByKernel(shape) : keptByOps(shape));
}

/** The same on a backend that has the machine as a kernel. */
export function leastNumbersKept(shape: Shape): number {
  return keptByController(shape) + keptByKernel(shape);
}

function keptByController(shape: Shape): number {
  return 6 * logitCount(shape) + 24 * shape.units;
}

function keptByKernel({ memory, registers }: MachineShape): number {
  return 3 * memory * (registers + 3 * memory);
}

/** The machine as ops keeps its tables of selections, and after every module all values so far. [factors measured] */
function keptByOps(shape: MachineShape): number {
  const { memory, registers } = shape;
  const modules = moduleCount(shape);
  const selections = 2 * modules + registers;
  const widest = registers + modules;
  const values = modules * (registers + modules / 2) * memory;
  return 9 * values + 20 * selections * widest + 10 * memory * (modules + memory);
}
