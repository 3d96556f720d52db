import { describe, expect, it } from 'vitest';
import { UserError } from '../../errors.js';
import { chosenKernels, instructionSets, nativeProblem } from './addon.js';

const sets = instructionSets();

it('what was built for this machine can be loaded', () => {
  // Else all that tests native kernels would be left out without a word.
  expect(nativeProblem() ?? '').toMatch(/^$|^there is no /);
});

describe('GNOISE_KERNELS', () => {
  it('takes the best there are when it is not set', () => {
    expect(chosenKernels('')).toBe(sets[0] ?? 'wasm');
    expect(chosenKernels('wasm')).toBe('wasm');
  });

  it('refuses what is not there, with a list of what is', () => {
    expect(() => chosenKernels('avx9000')).toThrow(UserError);
    expect(() => chosenKernels('avx9000')).toThrow(/^GNOISE_KERNELS is avx9000; available here: wasm/);
    for (const set of sets) expect(() => chosenKernels('avx9000')).toThrow(set);
  });

  it.skipIf(sets.length === 0)(
    'takes an instruction set by its name, the best as native, the least as baseline',
    () => {
      for (const set of sets) expect(chosenKernels(set)).toBe(set);
      expect(chosenKernels('native')).toBe(sets[0]);
      expect(chosenKernels('baseline')).toBe(sets.at(-1));
      expect(nativeProblem()).toBeUndefined();
    },
  );

  it.skipIf(sets.length > 0)('says why there are no native ones', () => {
    expect(() => chosenKernels('native')).toThrow(`No native kernels: ${nativeProblem()}`);
  });
});
