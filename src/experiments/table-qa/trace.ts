import type * as tf from '@tensorflow/tfjs';
import { markdownTable } from 'markdown-table';
import { execute, type InducedProgram, NO_NUMBER } from './discrete.js';
import { sizesOf } from './encoding.js';
import { inducePrograms } from './evaluation.js';
import { columnName, TEXT_WORDS, textWord, type Wording } from './grammar.js';
import { OPERATIONS, type OperationName } from './operations.js';
import type { Case, TestSet } from './questions.js';
import type { TableQaSettings } from './settings.js';
import { type Answer, agrees } from './tables.js';

/** Operations for which it matters what column is selected. */
const OF_COLUMNS: readonly OperationName[] = ['sum', 'greater', 'lesser', 'assign', 'text match'];

/**
 * The program that a trained model induces for a test question, with what each step leaves, as in NP table 3.
 * @param parameters of one replica, each [1, ...].
 * @param example which test template, from 0; after the last comes the first again.
 */
export async function explain(
  parameters: readonly tf.Tensor[],
  { data, model }: TableQaSettings,
  { templates }: TestSet,
  example: number,
): Promise<string> {
  const { wording, cases } = templates[example % templates.length]!;
  const asked = cases[0]!;
  const [[program]] = (await inducePrograms(model, sizesOf(data), parameters, [
    { wording, table: asked.table },
  ])) as [[InducedProgram]];
  return programText(wording, program, asked);
}

/** A question, the program for it, and how it goes. */
export function programText(wording: Wording, program: InducedProgram, asked: Case): string {
  const states = execute(program, asked.numbers, asked.table);
  const rows = program.steps.map(({ operation, column }, t) => {
    const name = OPERATIONS[operation]!;
    const { scalar, rows } = states[t]!;
    const chosen = rows.reduce((sum, row) => sum + row, 0);
    const argument = argumentOf(name, column, program, asked.numbers);
    return [
      t + 1,
      name,
      OF_COLUMNS.includes(name) ? columnName(column) : '',
      argument,
      chosen,
      round(scalar),
    ];
  });
  const head = ['step', 'operation', 'column', 'with', 'rows selected', 'scalar'];
  const given = states.at(-1)!.answer;
  return [
    `question: ${questionText(wording, asked.numbers)}`,
    `table: ${asked.table.rows} rows, columns ${columnNames(asked).join(', ')}`,
    '',
    markdownTable([head, ...rows.map((row) => row.map(String))], { align: ['r', 'l', 'l', 'r', 'r', 'r'] }),
    '',
    `answer: ${answerText(given)} (${agrees(given, asked.answer) ? 'right' : `wrong; the truth is ${answerText(asked.answer)}`})`,
  ].join('\n');
}

/** The question with its numbers back in place. */
export function questionText({ words, numbers }: Wording, values: readonly number[]): string {
  return words
    .flatMap((word, i) => {
      const place = numbers.findIndex(({ left }) => left === i);
      return place < 0 ? [word] : [word, String(values[place])];
    })
    .join(' ');
}

function columnNames({ table }: Case): string[] {
  return [...table.text.keys(), ...table.numeric.keys()].map(columnName);
}

function argumentOf(
  name: OperationName,
  column: number,
  { pivots, matches = [] }: InducedProgram,
  numbers: readonly number[],
): string {
  if (name === 'greater' || name === 'lesser') return String(numbers[pivots[name]] ?? NO_NUMBER);
  if (name !== 'text match') return '';
  const words = Array.from({ length: TEXT_WORDS }, (_, word) => word);
  return words
    .filter((word) => matches[column * TEXT_WORDS + word])
    .map(textWord)
    .join(', ');
}

function answerText(answer: Answer | null): string {
  if (answer === null) return 'none';
  if (answer.kind === 'scalar') return round(answer.value);
  const rows = [...answer.rows.entries()].flatMap(([row, chosen]) => (chosen ? [row + 1] : []));
  return `column ${columnName(answer.column)} of ${rows.length === 0 ? 'no row' : `rows ${rows.join(', ')}`}`;
}

/** Table entries have two decimals. */
function round(value: number): string {
  return String(Number(value.toFixed(2)));
}
