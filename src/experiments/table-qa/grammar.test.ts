import { describe, expect, it } from 'vitest';
import { sizesOf } from './encoding.js';
import { settings } from './example.test-helper.js';
import { type Query, wordingOf, wordingsOf } from './grammar.js';
import { Packing } from './packing.js';
import { Epochs, TrainingExamples, templatesOf, testSet } from './questions.js';
import { TableMemory } from './tables.js';

const first = (phrases: readonly string[]) => phrases[0]!;

describe('the grammar', () => {
  it.each([
    [1, false, 23],
    [3, false, 307],
    [5, false, 1231],
    [1, true, 1368],
  ])(
    'has for %i numeric columns, synonyms allowed: %s, the %i templates of the paper',
    (numericColumns, wordVariability, count) => {
      const { data } = settings({ data: { numericColumns, wordVariability } });
      const templates = templatesOf(data);
      expect(templates).toHaveLength(count);
      const texts = templates.map(({ wording }) => wording.words.join(' '));
      // The same words in two questions would be one question asked twice.
      expect(new Set(texts).size).toBe(count);
    },
  );

  it('takes the numbers out and remembers the words to their left', () => {
    const query: Query = {
      kind: 'select',
      conditions: [
        { kind: 'greater', column: 2 },
        { kind: 'lesser', column: 4 },
      ],
      join: 'and',
      answer: { kind: 'sum', column: 7 },
    };
    const { words, numbers } = wordingOf(query, { wordVariability: false, named: true }, first);
    expect(words.join(' ')).toBe('greater C and lesser E sum H');
    expect(numbers).toEqual([
      { comparison: 'greater', left: 0 },
      { comparison: 'lesser', left: 3 },
    ]);
  });

  it('puts the second word of a phrase to the left of the number', () => {
    const query: Query = {
      kind: 'select',
      conditions: [{ kind: 'greater', column: 0 }],
      join: 'and',
      answer: { kind: 'count' },
    };
    const wordings = wordingsOf(query, { wordVariability: true, named: false });
    const bigger = wordings.find(({ words }) => words.join(' ') === 'bigger than how many')!;
    expect(bigger.numbers).toEqual([{ comparison: 'greater', left: 1 }]);
    expect(wordings).toHaveLength(6 * 3);
  });

  it.each([
    {},
    { wordVariability: true },
    { numericColumns: 3 },
    { numericColumns: 2, textColumns: 2, wordVariability: true },
  ])('has no question with unknown words or more of them than fit: %o', (data) => {
    const own = settings({ data }).data;
    const sizes = sizesOf(own);
    const texts = templatesOf(own).map(({ wording }) => wording.words);
    expect(sizes.words).toEqual(expect.arrayContaining([...new Set(texts.flat())]));
    const longest = texts.map((words) => words.length);
    expect(Math.max(...longest)).toBe(sizes.positions);
  });
});

describe('training examples', () => {
  const { data } = settings({ data: { numericColumns: 3, textColumns: 1 } });

  it('are the same whenever they are asked for, and others for another seed', () => {
    const example = new TrainingExamples(data).draw(3, 17);
    const again = new TrainingExamples(data);
    again.draw(3, 16);
    expect(again.draw(3, 17)).toEqual(example);
    expect(again.draw(4, 17)).not.toEqual(example);
  });

  it.each([false, true])(
    'are packed alike from memory that is used again; synonyms: %j',
    (wordVariability) => {
      const own = { ...data, wordVariability };
      const examples = new TrainingExamples(own);
      const memory = new TableMemory(own.rows.most);
      const packing = new Packing(sizesOf(own));
      const each = Array.from({ length: 60 }, (_, index) => new TrainingExamples(own).draw(5, index));
      const reused = packing.pack(1, 60, (_, index) => examples.draw(5, index, memory));
      expect(reused.dataSync()).toEqual(packing.pack(1, 60, (_, index) => each[index]!).dataSync());
    },
  );

  it('have tables within the bounds, numbers with two decimals, and every kind of question equally often', () => {
    const examples = new TrainingExamples(data);
    const drawn = Array.from({ length: 400 }, (_, index) => examples.draw(0, index));
    for (const { table } of drawn) {
      expect(table.rows).toBeGreaterThanOrEqual(3);
      expect(table.rows).toBeLessThanOrEqual(6);
      for (const column of table.numeric.values())
        for (const value of column) {
          expect(Math.abs(value)).toBeLessThanOrEqual(100);
          expect(Math.abs(100 * value - Math.round(100 * value))).toBeLessThan(1e-9);
        }
    }
    expect(new Set(drawn.map(({ table }) => table.numeric.size))).toEqual(new Set([1, 2, 3]));
    const differences = drawn.filter(({ wording }) => wording.words.includes('diff')).length;
    expect(Math.abs(differences / 400 - 0.25)).toBeLessThan(0.07);
  });

  it('come once an epoch, in an order of the seed and epoch', () => {
    const epochs = new Epochs(40, 10);
    const epoch = (number: number, seed: number) =>
      [0, 1, 2, 3].flatMap((step) => [...epochs.batch(seed, 4 * number + step)]);
    const [one, two, other] = [epoch(0, 0), epoch(1, 0), epoch(0, 1)];
    for (const order of [one, two, other])
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(two).not.toEqual(one);
    expect(other).not.toEqual(one);
    expect(epoch(0, 0)).toEqual(one);
  });
});

describe('the test set', () => {
  it('asks every template once, or a fixed choice of them, about tables with all columns', () => {
    const { data } = settings({ data: { numericColumns: 3, testTemplates: 50 } });
    const { templates } = testSet(data);
    expect(templates).toHaveLength(50);
    expect(new Set(templates.map(({ wording }) => wording.words.join(' '))).size).toBe(50);
    for (const { cases } of templates) {
      expect(cases).toHaveLength(1);
      expect(cases[0]!.table.rows).toBe(8);
      expect([...cases[0]!.table.numeric.keys()]).toEqual([0, 1, 2]);
    }
    expect(testSet(data).templates).toEqual(templates);
  });
});
