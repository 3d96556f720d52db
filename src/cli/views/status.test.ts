import { expect, test } from 'vitest';
import type { Status } from '../../planning/status.js';
import { remainingText, statusText } from './status.js';

const nothing: Status = {
  config: 'mnist20',
  profile: 'desk',
  planned: 5,
  done: 0,
  outcomes: { succeeded: 0, missed: 0, diverged: 0, failed: 0 },
  standIns: [],
  unplanned: 0,
  running: 0,
  runners: [],
  checkpoints: 0,
  broken: [],
};

test('says below the table what is not trusted, on other data, or no longer planned', () => {
  const text = statusText([
    {
      ...nothing,
      standIns: [{ ...nothing, data: 'synthetic-digits', done: 1 }],
      unplanned: 2,
      broken: [{ file: '/a.json', reason: 'the file is empty' }],
    },
  ]);
  expect(text).toMatch(/^mnist20, desk \(synthetic-digits\) +5 +1 /m);
  expect(text).toContain('mnist20, profile desk: synthetic-digits stands in for the data asked for');
  expect(text).toContain('2 stored trials belong to no planned cell');
  expect(text).toContain('a.json is not trusted and counts as not done: the file is empty');
});

test('names the processes that train', () => {
  const runners = [{ host: 'box', pid: 7, ids: ['a', 'b'], quietSeconds: 3 }];
  expect(statusText([{ ...nothing, runners }])).toContain(
    'mnist20, profile desk: process 7 on box has 2 trials in training, seen 3 s ago',
  );
});

test('what is left is estimated from what was finished meanwhile, and from nothing not at all', () => {
  expect(remainingText(nothing, { ...nothing, done: 2 }, 120)).toContain('3 left: about 3 min');
  expect(remainingText(nothing, nothing, 120)).toBeNull();
  expect(remainingText(nothing, { ...nothing, done: 5 }, 120)).toBeNull();
});

test('of nothing stored is a line of zeros', () => {
  expect(statusText([nothing])).toMatchInlineSnapshot(`
    "config, profile  planned  done  succeeded  missed  diverged  failed  running  checkpoints  broken
    ─────────────────────────────────────────────────────────────────────────────────────────────────
    mnist20, desk          5     0          0       0         0       0        0            0       0
    "
  `);
});
