import { expect, test } from 'vitest';
import { percent, precise, pValue, readable, signed } from './values.js';

test.each([
  [0.1135, '11.4'],
  [0.11350000000000002, '11.4'],
  [-0.1135, '-11.4'],
  [0.9665, '96.7'],
  [0.9664, '96.6'],
  [0, '0.0'],
  [1, '100.0'],
])('%f is %s%%', (fraction, text) => {
  expect(percent(fraction)).toBe(text);
});

test.each([
  [0.003, true, '+0.3'],
  [-0.07, true, '-7.0'],
  [-0.0001, true, '0.0'],
  [0, false, '0'],
  [null, true, '-'],
])('a difference of %s reads %3$s', (value, fraction, text) => {
  expect(signed(value, fraction)).toBe(text);
});

test('figures that are no fractions keep four significant digits', () => {
  expect(readable(123.456, false)).toBe('123.5');
  expect(readable(0.000123456, false)).toBe('0.0001235');
  expect(readable(null, false)).toBe('-');
});

test('numbers in CSV files do not show how a sum was rounded', () => {
  expect(precise(0.1 + 0.2)).toBe('0.3');
  expect(precise(1 / 3)).toBe('0.333333333333');
  expect(precise(null)).toBe('');
});

test('small p-values are not shown as zero', () => {
  expect(pValue(0.00001)).toBe('<0.001');
  expect(pValue(0.0412)).toBe('0.041');
  expect(pValue(null)).toBe('-');
});
