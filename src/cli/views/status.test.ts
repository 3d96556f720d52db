import { expect, test } from 'vitest';
import type { Status } from '../../planning/status.js';
import { statusText } from './status.js';

const nothing: Status = {
  config: 'mnist20',
  profile: 'desk',
  planned: 5,
  done: 0,
  outcomes: { succeeded: 0, missed: 0, diverged: 0, failed: 0 },
  onOtherData: 0,
  unplanned: 0,
  running: 0,
  checkpoints: 0,
  broken: [],
};

test('says below the table what is not trusted, on other data, or no longer planned', () => {
  const text = statusText([
    { ...nothing, onOtherData: 1, unplanned: 2, broken: [{ file: '/a.json', reason: 'the file is empty' }] },
  ]);
  expect(text).toContain('mnist20, profile desk: 1 stored trials are on data that stand in');
  expect(text).toContain('2 stored trials belong to no planned cell');
  expect(text).toContain('a.json is not trusted and counts as not done: the file is empty');
});

test('of nothing stored is a line of zeros', () => {
  expect(statusText([nothing])).toMatchInlineSnapshot(`
    "┌─────────┬─────────┬─────────┬──────┬───────────┬────────┬──────────┬────────┬─────────┬─────────────┬────────┐
    │ config  │ profile │ planned │ done │ succeeded │ missed │ diverged │ failed │ running │ checkpoints │ broken │
    ├─────────┼─────────┼─────────┼──────┼───────────┼────────┼──────────┼────────┼─────────┼─────────────┼────────┤
    │ mnist20 │ desk    │       5 │    0 │         0 │      0 │        0 │      0 │       0 │           0 │      0 │
    └─────────┴─────────┴─────────┴──────┴───────────┴────────┴──────────┴────────┴─────────┴─────────────┴────────┘
    "
  `);
});
