import { expect, test } from 'vitest';
import { optional } from './optional.js';

test('a package that is not there is named with the command that adds it, and why it cannot be had on one line', async () => {
  // @ts-expect-error no such package
  const missing = optional('Charts', ['vega', 'no-such-package'], () => import('no-such-package'));
  await expect(missing).rejects.toThrow(
    /^Charts need vega and no-such-package, optional and not to be had here \(.*no-such-package.*\)\. Add what is missing: npm install vega no-such-package$/,
  );
  const broken = optional('PNG files', ['renderer'], () => Promise.reject(new Error('bad binary\n  at x')));
  await expect(broken).rejects.toThrow('not to be had here (bad binary). Add');
});

test('what is there is loaded', async () => {
  expect(await optional('Tests', ['node:path'], () => import('node:path'))).toHaveProperty('join');
});
