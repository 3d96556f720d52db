import { expect, test } from 'vitest';
import { upperTail } from './normal.js';

// python3 -c "from mpmath import *; mp.dps = 30; nprint(erfc(mpf('0.999') / sqrt(2)) / 2, 16)", and so on
test.each([
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [0.999, 0.1588973456413183],
  [1, 0.15865525393145705],
  [3, 0.0013498980316300946],
  [10, 7.619853024160525e-24],
  [30, 4.906713927148187e-198],
])('the tail of the normal distribution above %d is right to 14 digits', (x, tail) => {
  expect(Math.abs(upperTail(x) / tail - 1)).toBeLessThan(1e-14);
});
