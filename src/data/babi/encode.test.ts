import { expect, test } from 'vitest';
import { encodeQuestions, lexiconOf } from './encode.js';
import { parseStories } from './parse.js';

const train = parseStories(
  '1 Mary ran.\n2 John sat down.\n3 Who ran?\tMary\t1\n4 Mary sat.\n5 Who?\tnone\t4\n',
  'train',
);
const test1 = parseStories('1 Ann ran.\n2 Who?\tann\t1\n', 'test');
const tasks = [{ task: 7, train, test: test1 }];

test('words and answers of training and test data have ids in order of appearance, after nil', () => {
  const lexicon = lexiconOf(tasks, 50);
  expect(lexicon.words).toEqual(['', 'mary', 'ran', 'john', 'sat', 'down', 'who', 'none', 'ann']);
  expect(lexicon).toMatchObject({ slots: 4, memory: 3, size: 12 });
});

test('a question sees the statements before it; the slot of the time word stays free', () => {
  const lexicon = lexiconOf(tasks, 50);
  const encoded = encodeQuestions([{ task: 7, stories: train }], lexicon);
  expect([...encoded.statements]).toEqual([1, 2, 0, 0, 3, 4, 5, 0, 1, 4, 0, 0]);
  expect([...encoded.first]).toEqual([0, 0]);
  expect([...encoded.kept]).toEqual([2, 3]);
  expect([...encoded.words]).toEqual([6, 2, 0, 6, 0, 0]);
  expect([...encoded.answers]).toEqual([1, 7]);
  expect([...encoded.tasks]).toEqual([7, 7]);
});

test('a memory that is too small keeps the latest statements', () => {
  const lexicon = lexiconOf(tasks, 2);
  expect(lexicon).toMatchObject({ memory: 2, size: 11 });
  const encoded = encodeQuestions([{ task: 7, stories: train }], lexicon);
  expect([...encoded.first]).toEqual([0, 1]);
  expect([...encoded.kept]).toEqual([2, 2]);
});
