import * as tf from '@tensorflow/tfjs';
import { markdownTable } from 'markdown-table';
import type { Explanation } from '../experiment.js';
import { decide, haltLogits, type Memory, startingMemory } from './controller.js';
import { type Choices, type DiscreteState, executeStep, type ModuleCall, mostProbable } from './discrete.js';
import { INPUTS_USED, type MachineShape, modulesOf } from './layout.js';
import { Machine, startingState } from './machine.js';
import { run } from './network.js';
import type { KthElementSettings } from './settings.js';

type ModelSettings = KthElementSettings['model'];

/** One time step of a discretised run. */
export interface TraceStep {
  /** Registers and memory before the step. */
  readonly before: DiscreteState;
  readonly choices: Choices;
  readonly calls: readonly ModuleCall[];
  /** p_t, the probability that the machine stops after this step. */
  readonly stop: number;
}

/** A discretised run to the last time step. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  readonly after: DiscreteState;
}

/**
 * Runs a trained controller with every distribution replaced by its most probable value.
 * @param parameters of one replica, each [1, ...].
 */
export function traceRun(
  model: ModelSettings,
  parameters: readonly tf.Tensor[],
  memory: readonly number[],
): Trace {
  const shape = { ...model, memory: memory.length };
  let state: DiscreteState = { registers: new Array<number>(model.registers).fill(0), memory };
  let remembered = startingMemory(model, 1, 1);
  let left = 1;
  const steps: TraceStep[] = [];
  for (let t = 1; t <= model.steps; t++) {
    const decision = decideOnce(parameters, state, remembered);
    tf.dispose([...remembered]);
    remembered = decision.memory;
    const stop = t === model.steps ? left : left * decision.halt;
    left -= stop;
    const choices = mostProbable(decision.logits, shape);
    const { calls, ...after } = executeStep(model, choices, state);
    steps.push({ before: state, choices, calls, stop });
    state = after;
  }
  tf.dispose([...remembered]);
  return { steps, after: state };
}

function decideOnce(parameters: readonly tf.Tensor[], { registers }: DiscreteState, memory: Memory) {
  const [logits, halt, ...next] = tf.tidy(() => {
    const zeros = tf.tensor3d([[registers.map((value) => Number(value === 0))]]);
    const decision = decide(parameters, zeros, memory);
    return [decision.logits, tf.sigmoid(haltLogits(parameters, decision.top)), ...decision.memory];
  });
  const read = { logits: logits!.dataSync(), halt: halt!.dataSync()[0]! };
  tf.dispose([logits!, halt!]);
  return { ...read, memory: next as unknown as Memory };
}

/** The distribution of every cell at the end of the continuous run, [M][M]: the p_t-weighted memory. */
export async function continuousMemory(
  model: ModelSettings,
  parameters: readonly tf.Tensor[],
  memory: readonly number[],
): Promise<number[][]> {
  const M = memory.length;
  const limit = tf.ones([1, 1, 1]) as tf.Tensor3D;
  const machine = new Machine({ ...model, memory: M }, limit, model.epsilon);
  const result = tf.tidy(() => {
    const start = startingState(tf.tensor2d([...memory], [1, M], 'int32'), model);
    const targets = tf.fill([1, M], -1, 'int32') as tf.Tensor2D;
    return run(model, parameters, machine, start, targets).memory;
  });
  const [cells] = (await result.array()) as [number[][]];
  machine.dispose();
  tf.dispose([limit, result]);
  return cells;
}

/**
 * Registers and memory at the start of every time step, as the tables of NRAM appendix A print them, and what READ and
 * WRITE were given; then what each step computed.
 */
export function traceText({ steps, after }: Trace, shape: MachineShape): string {
  const head = ['step', ...after.memory.keys(), ...after.registers.map((_, r) => `r${r + 1}`)];
  const rows = steps.map(({ before, calls, stop }, t) => [
    t + 1,
    ...before.memory,
    ...before.registers,
    callsOf(calls, 'READ', ({ a }) => `p:${a}`),
    callsOf(calls, 'WRITE', ({ a, b }) => `p:${a} a:${b}`),
    stop.toFixed(3),
  ]);
  const end = ['end', ...after.memory, ...after.registers, '', '', ''];
  const table = [[...head, 'READ', 'WRITE', 'stops'], ...rows, end].map((row) => row.map(String));
  const align = ['l', ...after.memory.map(() => 'r'), ...after.registers.map(() => 'r')];
  const program = steps.map((step, t) => `step ${t + 1}: ${programText(step, shape)}`);
  return [markdownTable(table, { align }), '', ...program].join('\n');
}

function callsOf(
  calls: readonly ModuleCall[],
  name: ModuleCall['name'],
  text: (call: ModuleCall) => string,
): string {
  return calls
    .filter((call) => call.name === name)
    .map(text)
    .join(', ');
}

/** The modules that a register or a WRITE depends on, e.g. `READ(r1)=3; WRITE(TWO, READ)=3; r1 <- READ`. */
function programText({ choices, calls }: TraceStep, shape: MachineShape): string {
  const names = [
    ...Array.from({ length: shape.registers }, (_, r) => `r${r + 1}`),
    ...numbered(modulesOf(shape)),
  ];
  const live = liveModules(choices, calls, shape.registers);
  const lines = calls.flatMap(({ name, output }, i) => {
    if (!live.has(i)) return [];
    const inputs = choices.inputs[i]!.slice(0, INPUTS_USED[name]).map((index) => names[index]);
    const call = inputs.length > 0 ? `(${inputs.join(', ')})` : '';
    return [`${names[shape.registers + i]}${call}=${output}`];
  });
  const updates = choices.registers.flatMap((from, to) =>
    from === to ? [] : [`r${to + 1} <- ${names[from]}`],
  );
  return [...lines, ...updates].join('; ');
}

/** With the list run more than once, the second READ is READ', and so on. */
function numbered(names: readonly string[]): string[] {
  return names.map((name, i) => name + "'".repeat(names.slice(0, i).filter((n) => n === name).length));
}

function liveModules(choices: Choices, calls: readonly ModuleCall[], registers: number): Set<number> {
  const live = new Set<number>();
  const visit = (value: number) => {
    const module = value - registers;
    if (module < 0 || live.has(module)) return;
    live.add(module);
    for (const input of choices.inputs[module]!.slice(0, INPUTS_USED[calls[module]!.name])) visit(input);
  };
  for (const value of choices.registers) visit(value);
  for (const [i, { name }] of calls.entries()) if (name === 'WRITE') visit(registers + i);
  return live;
}

/** What a cell most probably holds when the machine stops. */
export function discreteAnswer({ steps, after }: Trace, cell: number): number {
  const chances = new Array<number>(after.memory.length).fill(0);
  for (const [t, { stop }] of steps.entries()) {
    const { memory } = steps[t + 1]?.before ?? after;
    chances[memory[cell]!]! += stop;
  }
  return chances.indexOf(Math.max(...chances));
}

/**
 * A trained machine on one example: the discretised run, and which answers it and the continuous run give.
 * @param targets what each cell must hold in the end; -1 where it may hold anything.
 */
export async function explainRun(
  model: ModelSettings,
  parameters: readonly tf.Tensor[],
  { memory, targets }: { memory: readonly number[]; targets: readonly number[] },
): Promise<Explanation> {
  const trace = traceRun(model, parameters, memory);
  const cells = await continuousMemory(model, parameters, memory);
  const asked = [...targets.keys()].filter((cell) => targets[cell]! >= 0);
  const answers = asked.map((cell) => {
    const chances = cells[cell]!;
    const probability = Math.max(...chances);
    const continuous = chances.indexOf(probability);
    return { cell, expected: targets[cell]!, continuous, probability, discrete: discreteAnswer(trace, cell) };
  });
  const steps = trace.steps.map(({ before, calls, stop }) => ({ ...before, calls: calls.map(asJson), stop }));
  return {
    text: runText(trace, answers, { ...model, memory: memory.length }),
    value: { steps, after: { ...trace.after }, answers },
  };
}

const asJson = ({ name, a, b, output }: ModuleCall) => ({ name, a, b, output });

/** What a cell is said to hold, by the continuous run with its probability and by the discrete one. */
interface CellAnswer {
  readonly cell: number;
  readonly expected: number;
  readonly continuous: number;
  readonly probability: number;
  readonly discrete: number;
}

function runText(trace: Trace, answers: readonly CellAnswer[], shape: MachineShape): string {
  const rows = answers.map(({ cell, expected, continuous, probability, discrete }) =>
    [cell, expected, `${continuous} (${probability.toFixed(2)})`, discrete].map(String),
  );
  return [
    'Every choice replaced by the most probable one:',
    '',
    traceText(trace, shape),
    '',
    'Answers, over the times at which the machine stops (the continuous one with its probability):',
    '',
    markdownTable([['cell', 'expected', 'continuous', 'discrete'], ...rows], { align: ['r', 'r', 'r', 'r'] }),
  ].join('\n');
}
