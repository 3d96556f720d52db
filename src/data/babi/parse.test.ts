import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UserError } from '../../errors.js';
import { findBabi, loadBabi } from './data-set.js';
import { parseStories, wordsOf } from './parse.js';

const REAL = '../shared/data';

test('a file becomes stories with the statements each question has seen', () => {
  const text = [
    '1 Mary moved to the bathroom.',
    '2 John went to the hallway.',
    '3 Where is Mary? \tbathroom\t1',
    '4 Bill gave the milk to Mary.',
    '5 Who received the milk?\tMary\t4 1',
    '1 The kitchen is north of the garden.',
    '2 How do you go from the garden to the kitchen?\tn,n\t1',
    '',
  ].join('\n');
  const [first, second] = parseStories(text, 'file');
  expect(first!.statements[0]).toEqual(['mary', 'moved', 'to', 'the', 'bathroom']);
  expect(first!.questions).toEqual([
    { words: ['where', 'is', 'mary'], answer: 'bathroom', seen: 2, support: [0] },
    { words: ['who', 'received', 'the', 'milk'], answer: 'mary', seen: 3, support: [2, 0] },
  ]);
  expect(second!.questions[0]!.answer).toBe('n,n');
});

test('words are split at white space, in lower case, less one full stop or question mark', () => {
  expect(wordsOf(' What is  the Hallway east of? ')).toEqual(['what', 'is', 'the', 'hallway', 'east', 'of']);
});

test.each([
  ['no number', 'Mary moved.\n', 'line 1: a line must be a number, a space and a sentence.'],
  ['a tab after the number', '1\tMary moved.\n', 'line 1: a line must be'],
  ['a first number that is not 1', '2 Mary moved.\n', 'line 1: the number 2 follows nothing'],
  ['a gap in the numbers', '1 Mary moved.\n3 John moved.\n', 'line 2: the number 3 follows 1;'],
  [
    'a statement without a full stop',
    '1 Mary moved\n',
    'line 1: a statement must end with its only full stop.',
  ],
  ['two sentences on a line', '1 Mary moved. John moved.\n', 'line 1: a statement must end'],
  ['a carriage return', '1 Mary moved.\r\n', 'line 1: a line must be'],
  [
    'a question without an answer',
    '1 Mary moved.\n2 Where is Mary?\t\t1\n',
    "line 2: the answer '' must be one word",
  ],
  ['an answer of two words', '1 Mary moved.\n2 Who?\ta b\t1\n', "line 2: the answer 'a b' must be one word"],
  ['a list with an empty item', '1 Mary moved.\n2 Who?\ta,,b\t1\n', "line 2: the answer 'a,,b'"],
  ['a question with two parts', '1 Mary moved.\n2 Who?\tMary\n', 'line 2: a question has three parts'],
  ['a question with four parts', '1 Mary moved.\n2 Who?\tMary\t1\t1\n', 'line 2: a question has three parts'],
  ['a question without its mark', '1 Mary moved.\n2 Who\tMary\t1\n', 'line 2: a question must end'],
  ['support that is no number', '1 Mary moved.\n2 Who?\tMary\tx\n', "line 2: 'x' must be the numbers"],
  [
    'support by a later line',
    '1 Mary moved.\n2 Who?\tMary\t3\n3 John moved.\n',
    "line 2: the supporting numbers '3'",
  ],
  [
    'support by a question',
    '1 Mary moved.\n2 Who?\tMary\t1\n3 Who?\tMary\t2\n',
    "line 3: the supporting numbers '2'",
  ],
  ['an empty line', '1 Mary moved.\n\n', 'line 2: a line must be'],
  ['no end of the last line', '1 Mary moved.\n2 John mo', 'ends within line 2'],
  ['nothing', '', 'is empty'],
])('refuses %s', (_what, text, message) => {
  expect(() => parseStories(text, 'qa1.txt')).toThrow(UserError);
  expect(() => parseStories(text, 'qa1.txt')).toThrow(message);
});

test('the published files are accepted, 1000 questions each', async (context) => {
  if (!existsSync(`${REAL}/babi`)) {
    console.warn(`skipped: there is no bAbI in ${REAL}`);
    return context.skip();
  }
  const place = await findBabi([REAL]);
  const tasks = await loadBabi(
    place!,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  for (const stories of tasks.flatMap(({ train, test }) => [train, test]))
    expect(stories.reduce((sum, { questions }) => sum + questions.length, 0)).toBe(1000);
});
