import { markdownTable } from 'markdown-table';
import type { Examples, Explanation, Trained } from '../experiment.js';
import { chosen, explainEach } from '../explanation.js';
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

/** The programs that a trained model induces for test questions, the first of each template, as in NP table 3. */
export function explain(
  { parameters }: Trained,
  { data, model }: TableQaSettings,
  { templates }: TestSet,
  examples: Examples,
): Promise<Explanation> {
  return explainEach(chosen(examples, templates.length), async (index) => {
    const { wording, cases } = templates[index]!;
    const asked = cases[0]!;
    const [[program]] = (await inducePrograms(model, sizesOf(data), parameters, [
      { wording, table: asked.table },
    ])) as [[InducedProgram]];
    return explainProgram(wording, program, asked);
  });
}

/** A question, the program for it, and how it goes. */
export function explainProgram(wording: Wording, program: InducedProgram, asked: Case): Explanation {
  const states = execute(program, asked.numbers, asked.table);
  const steps = program.steps.map(({ operation, column }, t) => {
    const name = OPERATIONS[operation]!;
    const { scalar, rows } = states[t]!;
    return {
      operation: name,
      column: OF_COLUMNS.includes(name) ? columnName(column) : '',
      with: argumentOf(name, column, program, asked.numbers),
      rowsSelected: rows.reduce((sum, row) => sum + row, 0),
      scalar: round(scalar),
    };
  });
  const given = states.at(-1)!.answer;
  const question = questionText(wording, asked.numbers);
  const [answer, expected] = [given, asked.answer].map(answerText) as [string, string];
  const right = agrees(given, asked.answer);
  const head = ['step', 'operation', 'column', 'with', 'rows selected', 'scalar'];
  const rows = steps.map((step, t) => [t + 1, ...Object.values(step)].map(String));
  const text = [
    `question: ${question}`,
    `table: ${asked.table.rows} rows, columns ${columnNames(asked).join(', ')}`,
    '',
    markdownTable([head, ...rows], { align: ['r', 'l', 'l', 'r', 'r', 'r'] }),
    '',
    `answer: ${answer} (${right ? 'right' : `wrong; the truth is ${expected}`})`,
  ].join('\n');
  return { text, value: { question, steps, answer, expected, right } };
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
