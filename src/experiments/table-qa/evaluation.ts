import * as tf from '@tensorflow/tfjs';
import type { Metrics } from '../experiment.js';
import { testParts } from '../test-parts.js';
import { type InducedProgram, programAnswer } from './discrete.js';
import { encodeQuestions, type Sizes } from './encoding.js';
import type { Wording } from './grammar.js';
import { type Selections, select } from './network.js';
import type { TestSet } from './questions.js';
import { categories, type TableQaSettings } from './settings.js';
import { agrees, type Table } from './tables.js';

/** Questions of all replicas together per pass: keeps the memory small beside the training step's. */
const TEST_QUESTIONS = 4000;

/** Where text match takes a word in the test; the paper only speaks of the three softmaxes. */
const MATCH_THRESHOLD = 0.5;

/** A question with the table it is asked about. */
export interface Asked {
  readonly wording: Wording;
  readonly table: Table;
}

/**
 * The programs that each replica's model induces for these questions, [R][questions].
 * @param parameters each [R, ...].
 */
export async function inducePrograms(
  model: TableQaSettings['model'],
  sizes: Sizes,
  parameters: readonly tf.Tensor[],
  asked: readonly Asked[],
): Promise<InducedProgram[][]> {
  const R = parameters[0]!.shape[0]!;
  const programs: InducedProgram[][] = Array.from({ length: R }, () => []);
  for await (const [from, to] of testParts(asked.length, TEST_QUESTIONS, R)) {
    const chunk = asked.slice(from, to);
    const figures = tf.tidy(() => {
      const questions = encodeQuestions(
        [chunk.map(({ wording }) => wording)],
        [chunk.map(({ table }) => table)],
        sizes,
      );
      return choices(select(model, sizes, parameters, questions, { hard: true }));
    });
    const rows = (await figures.array()) as number[][][];
    figures.dispose();
    for (const [r, row] of rows.entries())
      programs[r]!.push(...row.map((numbers) => programOf(numbers, model.steps)));
  }
  return programs;
}

/** All choices in one tensor, [R, B, 2 T + 2 + matches]: operations, columns, pivots, then text match's scores. */
function choices({ operations, columns, pivots, matches }: Selections): tf.Tensor3D {
  const [R, B] = operations[0]!.shape;
  const best = (distributions: readonly tf.Tensor3D[]) =>
    tf.cast(
      tf.stack(
        distributions.map((d) => tf.argMax(d, 2)),
        2,
      ),
      'float32',
    ) as tf.Tensor3D;
  const parts = [best(operations), best(columns), tf.cast(tf.argMax(pivots, 3), 'float32') as tf.Tensor3D];
  if (matches) parts.push(tf.reshape(matches, [R, B, -1]) as tf.Tensor3D);
  return tf.concat(parts, 2);
}

function programOf(numbers: readonly number[], steps: number): InducedProgram {
  const matches = numbers.slice(2 * steps + 2).map((score) => score > MATCH_THRESHOLD);
  return {
    steps: Array.from({ length: steps }, (_, t) => ({
      operation: numbers[t]!,
      column: numbers[steps + t]!,
    })),
    pivots: { greater: numbers[2 * steps]!, lesser: numbers[2 * steps + 1]! },
    ...(matches.length > 0 && { matches }),
  };
}

/** What one replica's programs score on the test set. @param programs one for each template. */
export function score(programs: readonly InducedProgram[], { templates }: TestSet): Metrics {
  const right = templates.map(({ cases }, i) =>
    cases.map(({ numbers, table, answer }) => agrees(programAnswer(programs[i]!, numbers, table), answer)),
  );
  const first = right.map(([one]) => one!);
  const solved = right.map((cases) => cases.every(Boolean));
  const shareOf = (flags: readonly boolean[], category: string) =>
    share(flags.filter((_, i) => templates[i]!.category === category));
  const paired = templates.flatMap(({ wording: { numbers } }, i) =>
    numbers.length < 2
      ? []
      : [numbers.every(({ comparison }, place) => programs[i]!.pivots[comparison] === place)],
  );
  const used = categories.filter((category) => templates.some((t) => t.category === category));
  return {
    testAccuracy: share(first),
    templatesSolved: share(solved),
    ...(paired.length > 0 && { pivotAccuracy: share(paired) }),
    ...Object.fromEntries(
      used.flatMap((category) => [
        [`${category}Accuracy`, shareOf(first, category)],
        [`${category}Solved`, shareOf(solved, category)],
      ]),
    ),
  };
}

function share(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length / flags.length;
}
