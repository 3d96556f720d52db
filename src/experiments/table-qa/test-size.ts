import { STEP_LIMIT } from '../../random/streams.js';
import type { SettingProblem } from '../experiment.js';
import { phrasesOf, TEXT_WORDS } from './grammar.js';
import type { Category, TableQaSettings } from './settings.js';

type DataSettings = TableQaSettings['data'];

/** Bytes of a template on the host, and of a test table's frame. */
const TEMPLATE_BYTES = 500;
const TABLE_BYTES = 500;

/** How many templates `templatesOf` makes, without making them: with many columns and synonyms there are millions. */
export function countTemplates({
  numericColumns,
  textColumns,
  wordVariability,
  categories,
}: DataSettings): number {
  const phrases = (operation: Parameters<typeof phrasesOf>[0]) =>
    phrasesOf(operation, wordVariability).length;
  const answers =
    numericColumns * phrases('sum') + phrases('count') + (textColumns + numericColumns) * phrases('print');
  const greater = numericColumns * phrases('greater');
  const lesser = numericColumns * phrases('lesser');
  const match = textColumns * TEXT_WORDS;
  const matchesOfTwoColumns = match * (match - TEXT_WORDS);
  const counts: { readonly [category in Category]: number } = {
    simple: answers,
    comparison: (greater + lesser + match) * answers,
    logic: 2 * (2 * greater * lesser + 2 * match * (greater + lesser) + matchesOfTwoColumns) * answers,
    arithmetic: 2 * numericColumns * phrases('sum') * phrases('count') * phrases('difference'),
  };
  return categories.reduce((sum, category) => sum + counts[category], 0);
}

/** A problem if there are more templates than random streams to draw their tables from. */
export function templatesWithin(data: DataSettings): SettingProblem[] {
  const count = countTemplates(data);
  if (count <= STEP_LIMIT) return [];
  const message =
    `makes ${count} different test questions, with data.textColumns, data.wordVariability and data.categories; ` +
    `each has a random stream of its own, and there are ${STEP_LIMIT}`;
  return [{ path: 'data.numericColumns', message }];
}

/** Rough bytes of all templates and of the tables that some are asked about. */
export function testBytes(data: DataSettings): number {
  const count = countTemplates(data);
  const tables = Math.min(count, data.testTemplates) * data.tablesPerTemplate;
  // Numbers in 8 bytes, words and chosen rows in one.
  const perRow = 8 * data.numericColumns + data.textColumns + 1;
  return count * TEMPLATE_BYTES + tables * (TABLE_BYTES + data.rows.test * perRow);
}
