import type { Category, TableQaSettings } from './settings.js';

/** How many columns of each kind a table has. Text columns come first: A, B, ..., then the numeric ones. */
export interface Columns {
  readonly text: number;
  readonly numeric: number;
}

/**
 * How tables are laid out: a column of either kind has the same place, and so the same name, in all tables of an
 * experiment; a table may leave the last ones of each kind out.
 */
export type Layout = Columns;

/** What rows must satisfy. Columns are places in the layout. */
export type Condition =
  | { readonly kind: 'greater' | 'lesser'; readonly column: number }
  | { readonly kind: 'text'; readonly column: number; readonly word: number };

export type Aggregate =
  | { readonly kind: 'sum' | 'print'; readonly column: number }
  | { readonly kind: 'count' };

/** A question without its numbers. */
export type Query =
  | {
      readonly kind: 'select';
      /** None, one, or two joined by `join`. */
      readonly conditions: readonly Condition[];
      readonly join: 'and' | 'or';
      readonly answer: Aggregate;
    }
  /** minuend - subtrahend, over all rows. */
  | { readonly kind: 'difference'; readonly minuend: Aggregate; readonly subtrahend: Aggregate };

/** Words that a text column is filled with: word:0 .. word:9. */
export const TEXT_WORDS = 10;

/** What each operation is called, the plain name first; word variability allows the others. [NP table 6] */
const PHRASES = {
  sum: ['sum', 'total', 'total of', 'sum of'],
  count: ['count', 'count of', 'how many'],
  print: ['print', 'display', 'show'],
  greater: ['greater', 'greater than', 'bigger', 'bigger than', 'larger', 'larger than'],
  lesser: ['lesser', 'lesser than', 'smaller', 'smaller than', 'under'],
  // Table 6 does not have the `diff` of the plain grammar.
  difference: ['difference', 'difference between'],
} as const;
type Operation = keyof typeof PHRASES;
const PLAIN_DIFFERENCE = 'diff';

export function columnName(column: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + column);
}

export function textWord(word: number): string {
  return `word:${word}`;
}

/** All words of questions, column names and text columns; a word's id is its index. */
export function vocabulary({
  numericColumns,
  textColumns,
  wordVariability,
}: TableQaSettings['data']): string[] {
  const phrases = (Object.keys(PHRASES) as Operation[]).flatMap((op) => phrasesOf(op, wordVariability));
  return [
    ...new Set(phrases.flatMap((phrase) => phrase.split(' '))),
    'and',
    'or',
    ...Array.from({ length: textColumns + numericColumns }, (_, c) => columnName(c)),
    ...(textColumns > 0 ? Array.from({ length: TEXT_WORDS }, (_, w) => textWord(w)) : []),
  ];
}

/** What an operation may be called. */
export function phrasesOf(operation: Operation, variability: boolean): readonly string[] {
  if (variability) return PHRASES[operation];
  return [operation === 'difference' ? PLAIN_DIFFERENCE : PHRASES[operation][0]];
}

/** All questions of a category about tables with these columns. [NP appendix] */
export function queriesOf(category: Category, columns: Columns, layout: Layout): Query[] {
  const numeric = Array.from({ length: columns.numeric }, (_, c) => layout.text + c);
  const text = Array.from({ length: columns.text }, (_, c) => c);
  const aggregates: Aggregate[] = [
    ...numeric.map((column) => ({ kind: 'sum', column }) as const),
    { kind: 'count' },
    ...[...text, ...numeric].map((column) => ({ kind: 'print', column }) as const),
  ];
  const select = (pairs: readonly (readonly Condition[])[], join: 'and' | 'or' = 'and') =>
    pairs.flatMap((conditions) =>
      aggregates.map((answer): Query => ({ kind: 'select', conditions, join, answer })),
    );
  const compare = (kind: 'greater' | 'lesser') => numeric.map((column): Condition => ({ kind, column }));
  const match = text.flatMap((column) =>
    Array.from({ length: TEXT_WORDS }, (_, word): Condition => ({ kind: 'text', column, word })),
  );
  const [greater, lesser] = [compare('greater'), compare('lesser')];
  switch (category) {
    case 'simple':
      return select([[]]);
    case 'comparison':
      return select([...greater, ...lesser, ...match].map((condition) => [condition]));
    case 'logic': {
      const comparisons = [...greater, ...lesser];
      const pairs = [
        ...product(greater, lesser),
        ...product(lesser, greater),
        ...product(match, comparisons),
        ...product(comparisons, match),
        // Text match has one phrase per column and question, so that it cannot look for two words in one column.
        ...product(match, match).filter(([a, b]) => a!.column !== b!.column),
      ];
      return [...select(pairs, 'and'), ...select(pairs, 'or')];
    }
    case 'arithmetic':
      return numeric.flatMap((column): Query[] => {
        const [sum, count] = [{ kind: 'sum', column } as const, { kind: 'count' } as const];
        return [
          { kind: 'difference', minuend: sum, subtrahend: count },
          { kind: 'difference', minuend: count, subtrahend: sum },
        ];
      });
  }
}

function product<T>(first: readonly T[], second: readonly T[]): T[][] {
  return first.flatMap((a) => second.map((b) => [a, b]));
}

/** A question as words, its numbers taken out. [NP section 2.1] */
export interface Wording {
  readonly words: readonly string[];
  /** For every number, in order: which operation it belongs to, and the index of the word to its left. */
  readonly numbers: readonly { readonly comparison: 'greater' | 'lesser'; readonly left: number }[];
}

/** Which of several phrases for an operation is used. */
export type Choose = (phrases: readonly string[]) => string;

export interface WordingOptions {
  readonly wordVariability: boolean;
  /** Whether columns are named; in tables of a single column they are not. */
  readonly named: boolean;
}

/** The question in words; a question with a phrase of two words has the second one to the left of its number. */
export function wordingOf(query: Query, { wordVariability, named }: WordingOptions, choose: Choose): Wording {
  const words: string[] = [];
  const numbers: { comparison: 'greater' | 'lesser'; left: number }[] = [];
  const say = (operation: Operation) =>
    words.push(...choose(phrasesOf(operation, wordVariability)).split(' '));
  const name = (column: number) => named && words.push(columnName(column));
  const aggregate = (answer: Aggregate) => {
    say(answer.kind);
    if (answer.kind !== 'count') name(answer.column);
  };
  if (query.kind === 'difference') {
    aggregate(query.minuend);
    say('difference');
    aggregate(query.subtrahend);
    return { words, numbers };
  }
  for (const [i, condition] of query.conditions.entries()) {
    if (i > 0) words.push(query.join);
    if (condition.kind === 'text') words.push(textWord(condition.word));
    else {
      say(condition.kind);
      numbers.push({ comparison: condition.kind, left: words.length - 1 });
    }
    name(condition.column);
  }
  aggregate(query.answer);
  return { words, numbers };
}

/** Every way to word a question: what `wordingOf` gives for all choices. */
export function wordingsOf(query: Query, options: WordingOptions): Wording[] {
  // Plays the choices like an odometer: the last phrase varies fastest.
  const wordings: Wording[] = [];
  let digits: number[] = [];
  do {
    const sizes: number[] = [];
    const choose: Choose = (phrases) => {
      const place = sizes.push(phrases.length) - 1;
      return phrases[digits[place] ?? 0]!;
    };
    wordings.push(wordingOf(query, options, choose));
    digits = nextDigits(
      sizes.map((_, i) => digits[i] ?? 0),
      sizes,
    );
  } while (digits.length > 0);
  return wordings;
}

/** The next number of an odometer with these numbers of digits; empty after the last. */
function nextDigits(digits: readonly number[], sizes: readonly number[]): number[] {
  const last = digits.findLastIndex((digit, i) => digit + 1 < sizes[i]!);
  return last < 0 ? [] : digits.slice(0, last + 1).map((digit, i) => (i === last ? digit + 1 : digit));
}
