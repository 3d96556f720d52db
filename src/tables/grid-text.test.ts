import { expect, test } from 'vitest';
import { gridText, type TextGrid } from './grid-text.js';

const grid: TextGrid = {
  head: ['arm', 'trials', 'best', 'average', 'success'],
  blocks: [
    { title: 'a setting', rows: [['noise', '10', '99.5', '50.5', '100.0 [90.0, 100.0]']] },
    { title: 'another', rows: [['noise', '10', '9.5', '5.5', '0.0 [0.0, 10.0]']] },
  ],
};

test('a grid that fits is drawn whole', () => {
  expect(gridText(grid, 60)).toMatchInlineSnapshot(`
    "arm      trials  best  average              success
    ───────────────────────────────────────────────────
    a setting
      noise      10  99.5     50.5  100.0 [90.0, 100.0]
    another
      noise      10   9.5      5.5      0.0 [0.0, 10.0]"
  `);
});

test('columns that do not fit follow below, beside the first column again', () => {
  expect(gridText(grid, 40)).toMatchInlineSnapshot(`
    "arm      trials  best  average
    ──────────────────────────────
    a setting
      noise      10  99.5     50.5
    another
      noise      10   9.5      5.5

    arm                  success
    ────────────────────────────
    a setting
      noise  100.0 [90.0, 100.0]
    another
      noise      0.0 [0.0, 10.0]"
  `);
});

test('no column is lost on the narrowest terminal, and each stands once', () => {
  const text = gridText(grid, 1);
  for (const heading of grid.head.slice(1)) expect(text.split(heading)).toHaveLength(2);
});
