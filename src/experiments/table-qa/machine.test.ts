import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { execute, type InducedProgram, programAnswer } from './discrete.js';
import { encodeCases, NUMBERS, sizesOf } from './encoding.js';
import { program, settings } from './example.test-helper.js';
import { columnName, TEXT_WORDS } from './grammar.js';
import { huber, meanLoss } from './loss.js';
import { runMachine } from './machine.js';
import type { Selections } from './network.js';
import { operationCount } from './operations.js';
import { type Case, layoutOf, type Template, templatesOf } from './questions.js';
import type { TableQaSettings } from './settings.js';
import { agrees, answerOf, drawNumber, drawTable } from './tables.js';

type Data = TableQaSettings['data'];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The program that a perfect model induces, of four steps. */
function perfectProgram({ query, wording }: Template, data: Data): InducedProgram {
  const last = (answer: { kind: string; column?: number }) =>
    answer.kind === 'count'
      ? 'count'
      : `${answer.kind === 'print' ? 'assign' : answer.kind} ${columnName(answer.column!)}`;
  const pivots = { greater: 0, lesser: 0 };
  for (const [place, { comparison }] of wording.numbers.entries()) pivots[comparison] = place;
  if (query.kind === 'difference') {
    const steps = [last(query.minuend), 'reset', last(query.subtrahend), 'difference'];
    return { ...program(steps.join(', ')), pivots };
  }
  const selecting = query.conditions.map(
    ({ kind, column }) => `${kind === 'text' ? 'text match' : kind} ${columnName(column)}`,
  );
  const steps = [...selecting, ...(selecting.length === 2 ? [query.join] : []), last(query.answer)];
  const resets = new Array<string>(4 - steps.length).fill('reset');
  const words = query.conditions.flatMap((c) => (c.kind === 'text' ? [c] : []));
  const matches = Array.from({ length: data.textColumns * TEXT_WORDS }, (_, i) =>
    words.some(({ column, word }) => i === column * TEXT_WORDS + word),
  );
  return { ...program([...resets, ...steps].join(', ')), pivots, ...(data.textColumns > 0 && { matches }) };
}

/** One-hot selections of one replica's programs. */
function selectionsOf(programs: readonly InducedProgram[], data: Data): Selections {
  const oneHot = (indices: number[], depth: number) =>
    tf.tensor2d(indices.map((index) => Array.from({ length: depth }, (_, i) => Number(i === index))));
  const steps = [...programs[0]!.steps.keys()];
  const C = data.textColumns + data.numericColumns;
  const each = (pick: (step: InducedProgram['steps'][number]) => number, depth: number) =>
    steps.map(
      (t) =>
        tf.expandDims(
          oneHot(
            programs.map((p) => pick(p.steps[t]!)),
            depth,
          ),
          0,
        ) as tf.Tensor3D,
    );
  const pivots = oneHot(
    programs.flatMap(({ pivots }) => [pivots.greater, pivots.lesser]),
    NUMBERS,
  );
  const matches = programs.map(({ matches }) => (matches ?? []).map(Number));
  return {
    operations: each(({ operation }) => operation, operationCount(data)),
    columns: each(({ column }) => column, C),
    pivots: tf.reshape(pivots, [1, programs.length, 2, NUMBERS]) as tf.Tensor4D,
    ...(data.textColumns > 0 && {
      matches: tf.reshape(tf.tensor2d(matches), [
        1,
        programs.length,
        data.textColumns,
        TEXT_WORDS,
      ]) as tf.Tensor4D,
    }),
  };
}

function casesFor(templates: readonly Template[], data: Data): Case[] {
  const layout = layoutOf(data);
  return templates.map(({ query, wording }, index) => {
    const stream = new HostStream(1, 'task', index);
    const table = drawTable(stream, 3 + stream.integer(4), layout, { layout, range: 100 });
    const numbers = wording.numbers.map(() => drawNumber(stream, 100));
    return { numbers, table, answer: answerOf(query, numbers, table) };
  });
}

const worlds: object[] = [
  { numericColumns: 1 },
  { numericColumns: 3 },
  { numericColumns: 2, textColumns: 2 },
];

describe.each(worlds)('a perfect program of every question, %o', (world) => {
  const { data } = settings({ data: world });
  const every = templatesOf(data);
  // Where text columns make thousands of them, some dozens.
  const templates = every.filter((_, i) => i % Math.ceil(every.length / 120) === 0);
  const programs = templates.map((template) => perfectProgram(template, data));
  const cases = casesFor(templates, data);

  it('gives the right answer when run discretely', () => {
    for (const [i, { numbers, table, answer }] of cases.entries())
      expect(agrees(programAnswer(programs[i]!, numbers, table), answer)).toBe(true);
  });

  it.each(['literal', 'learnable'] as const)('gives the right answer in the %s soft machine', (pivots) => {
    const tables = encodeCases([cases], sizesOf(data));
    const output = runMachine(selectionsOf(programs, data), tables, pivots);
    const scalars = output.scalar.dataSync();
    const cells = tf.matMul(output.columns, output.rows).arraySync() as number[][][];
    for (const [i, { answer, table }] of cases.entries())
      if (answer.kind === 'scalar') expect(scalars[i]).toBeCloseTo(answer.value, 2);
      else
        expect(cells[i]).toEqual(
          cells[i]!.map((column, place) =>
            column.map((_, row) =>
              Number(place === answer.column && row < table.rows && answer.rows[row] === 1),
            ),
          ),
        );
  });

  it('costs next to nothing', () => {
    const tables = encodeCases([cases], sizesOf(data));
    const output = runMachine(selectionsOf(programs, data), tables, 'literal');
    const loss = meanLoss(output, tables, tf.tensor1d([10]), tf.tensor1d([25]));
    expect(loss.dataSync()[0]).toBeLessThan(1e-4);
  });
});

describe('the sample programs of NP table 3', () => {
  const { data } = settings({ data: { numericColumns: 8 } });
  const layout = layoutOf(data);
  const table = drawTable(new HostStream(2, 'task'), 40, layout, { layout, range: 100 });
  const value = (letter: string, row: number) => table.numeric.get(letter.charCodeAt(0) - 65)![row]!;
  const rows = Array.from({ length: 40 }, (_, row) => row);

  it('greater C, lesser E, and, sum H', () => {
    const chosen = rows.filter((row) => value('C', row) > -40 && value('E', row) < 60);
    const sum = chosen.reduce((total, row) => total + value('H', row), 0);
    expect(programAnswer(program('greater C, lesser E, and, sum H'), [-40, 60], table)).toEqual({
      kind: 'scalar',
      value: expect.closeTo(sum, 6),
    });
  });

  it('lesser D, greater B, or, assign F', () => {
    const chosen = rows.map((row) => Number(value('D', row) < 60 || value('B', row) > -40));
    const answer = programAnswer(program('lesser D, greater B, or, assign F'), [-40, 60], table);
    expect(answer).toEqual({ kind: 'lookup', column: 5, rows: Uint8Array.from(chosen) });
  });

  it('sum A, reset, count, difference', () => {
    const sum = rows.reduce((total, row) => total + value('A', row), 0);
    expect(programAnswer(program('sum A, reset, count, difference'), [], table)).toEqual({
      kind: 'scalar',
      value: expect.closeTo(sum - 40, 6),
    });
  });

  it('keep nothing from step to step: an operation that selects no rows leaves none', () => {
    const states = execute(program('greater C, count, count, assign A'), [0, 0], table);
    expect(states[1]!.scalar).toBeGreaterThan(0);
    expect(states[2]!.scalar).toBe(0);
    expect(states[3]!.answer).toEqual({ kind: 'lookup', column: 0, rows: new Uint8Array(40) });
    expect(programAnswer(program('sum A, count, difference, reset'), [], table)).toBeNull();
  });

  it('compare with -1 where the question has no number', () => {
    const answer = programAnswer(program('greater A, count'), [], table);
    const count = rows.filter((row) => value('A', row) > -1).length;
    expect(answer).toEqual({ kind: 'scalar', value: count });
  });
});

describe('the losses', () => {
  it('are quadratic up to delta and linear beyond, for each replica its own', () => {
    const errors = tf.tensor2d([
      [0.5, -2, 10],
      [0.5, -2, 10],
    ]);
    const [narrow, wide] = huber(errors, tf.tensor1d([1, 5])).arraySync() as number[][];
    expect(narrow).toEqual([0.125, 1.5, 9.5]);
    expect(wide).toEqual([0.125, 2, 37.5]);
  });
});
