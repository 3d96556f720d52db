import { expect, test } from 'vitest';
import { paperTable, paperTables } from './index.js';

test('every cell of every table is a fraction under a known column', () => {
  for (const { columns, rows } of paperTables) {
    const known = columns.map(({ id }) => id).sort();
    for (const { values } of rows) {
      expect(Object.keys(values).sort()).toEqual(known);
      for (const value of Object.values(values)) expect(value).toSatisfy((v: number) => v >= 0 && v <= 1);
    }
  }
});

test('no table has two rows for one setting and arm', () => {
  for (const { rows } of paperTables) {
    expect(new Set(rows.map(({ setting, arm }) => `${setting} ${arm}`)).size).toBe(rows.length);
  }
});

test('the abstract follows from the tables: 72% less error, and twice as many accurate multipliers', () => {
  const value = (table: string, setting: string, arm: string, column: string) =>
    paperTable(table)!.rows.find((row) => row.setting === setting && row.arm === arm)!.values[column]!;
  const before = 1 - value('table-4', 'five-columns', 'no-noise', 'best');
  const after = 1 - value('table-4', 'five-columns', 'with-noise', 'best');
  expect((before - after) / before).toBeCloseTo(0.723, 3);
  const multipliers = (arm: string) => value('table-6', 'multiplication', arm, 'below-1') * 7290;
  expect(multipliers('with-noise') / multipliers('no-noise')).toBeCloseTo(58 / 28);
});

test('the printed averages of table 5 are the means of its settings', () => {
  const { rows, overall } = paperTable('table-5')!;
  for (const [arm, { success }] of Object.entries(overall!)) {
    const own = rows.filter((row) => row.arm === arm);
    expect(own.reduce((sum, { values }) => sum + values.success!, 0) / own.length).toBeCloseTo(success!, 3);
  }
});

test('an unknown table is undefined', () => {
  expect(paperTable('table-3')).toBeUndefined();
});
