import { describe, expect, it } from 'vitest';
import { program } from './example.test-helper.js';
import type { Wording } from './grammar.js';
import { explainProgram } from './trace.js';

const wording: Wording = {
  words: ['greater', 'A', 'and', 'lesser', 'B', 'sum', 'B'],
  numbers: [
    { comparison: 'greater', left: 0 },
    { comparison: 'lesser', left: 3 },
  ],
};
const table = {
  rows: 4,
  numeric: new Map([
    [0, Float64Array.of(1, 2, 3, 4)],
    [1, Float64Array.of(10.25, 20.5, 30, 40)],
  ]),
  text: new Map(),
};
const asked = { numbers: [1.5, 35], table, answer: { kind: 'scalar', value: 50.5 } } as const;

describe('the trace of a question', () => {
  it('shows operation and column of every step, what they leave, and the answer', () => {
    const { text, value } = explainProgram(wording, program('greater A, lesser B, and, sum B'), asked);
    expect(text).toMatchInlineSnapshot(`
      "question: greater 1.5 A and lesser 35 B sum B
      table: 4 rows, columns A, B

      | step | operation | column | with | rows selected | scalar |
      | ---: | :-------- | :----- | ---: | ------------: | -----: |
      |    1 | greater   | A      |  1.5 |             3 |      0 |
      |    2 | lesser    | B      |   35 |             3 |      0 |
      |    3 | and       |        |      |             2 |      0 |
      |    4 | sum       | B      |      |             0 |   50.5 |

      answer: 50.5 (right)"
    `);
    expect(value).toMatchObject({ answer: '50.5', expected: '50.5', right: true });
  });

  it('says so when the answer is wrong, or none', () => {
    const { text: wrong } = explainProgram(wording, program('greater A, lesser B, and, assign B'), asked);
    expect(wrong).toContain('answer: column B of rows 2, 3 (wrong; the truth is 50.5)');
    const { text: none } = explainProgram(wording, program('greater A, lesser B, and, reset'), asked);
    expect(none).toContain('answer: none (wrong; the truth is 50.5)');
  });
});
