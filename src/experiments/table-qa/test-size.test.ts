import { describe, expect, it } from 'vitest';
import { templatesOf } from './questions.js';
import { dataSchema } from './settings.js';
import { countTemplates, templatesWithin, testBytes } from './test-size.js';

const data = (numericColumns: number, textColumns: number, more: object = {}) =>
  dataSchema.parse({ numericColumns, textColumns, ...more });

describe('the count of templates', () => {
  it.each([
    data(1, 0),
    data(5, 0),
    data(1, 1),
    data(2, 2, { wordVariability: true }),
    data(3, 1, { categories: ['logic'], wordVariability: true }),
    data(2, 0, { categories: ['arithmetic', 'simple'], wordVariability: true }),
    data(1, 3, { categories: ['comparison'] }),
  ])('is that of the templates that are made: %j', (settings) => {
    expect(countTemplates(settings)).toBe(templatesOf(settings).length);
  });
});

it('refuses more templates than there are random streams', () => {
  expect(templatesWithin(data(10, 5))).toEqual([]);
  expect(templatesWithin(data(10, 5, { wordVariability: true }))[0]?.message).toMatch(
    /makes 3358648 different/,
  );
});

it('reckons what tables take, however many there would be', () => {
  expect(testBytes(data(1, 0, { tablesPerTemplate: 1e12 }))).toBeGreaterThan(1e15);
  expect(testBytes(data(5, 0))).toBeLessThan(1e8);
});
