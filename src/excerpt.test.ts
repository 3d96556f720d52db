import { expect, it } from 'vitest';
import { excerpt, excerptOf } from './excerpt.js';

it('shows plain text as it is', () => {
  expect(excerpt('Größe 3 – 数字 😀')).toBe('Größe 3 – 数字 😀');
});

it('cuts what is long, and says so', () => {
  expect(excerpt('x'.repeat(1000), 10)).toBe('xxxxxxx...');
  expect(excerpt('x'.repeat(10), 10)).toBe('xxxxxxxxxx');
});

it('never hands a terminal a control code, a turned order of letters or half a character', () => {
  expect(excerpt('\u001b[31mred\u001b[0m\u0007\n\t\u202egnp.exe\u2028\u009b')).toBe(
    '\\u{1b}[31mred\\u{1b}[0m\\u{7}\\n\\t\\u{202e}gnp.exe\\u{2028}\\u{9b}',
  );
  expect(excerpt(`${'x'.repeat(6)}😀xxxx`, 10)).toBe('xxxxxx\\u{d83d}...');
});

it('lists a few names and counts the rest', () => {
  const names = Array.from({ length: 35 }, (_, i) => `n${i}`);
  expect(excerptOf(names.slice(0, 3))).toBe('n0, n1, n2');
  expect(excerptOf(names)).toMatch(/^n0, n1, .*, n29 and 5 more$/);
});
