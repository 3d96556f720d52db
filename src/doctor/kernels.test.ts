import { expect, it } from 'vitest';
import { instructionSets } from '../kernels/native/addon.js';
import { checkKernels } from './kernels.js';

it('names the best native kernels there are, or says why there are none and how to get them', () => {
  const [best] = instructionSets();
  const check = checkKernels(undefined);
  if (best) expect(check).toEqual({ name: 'kernels', status: 'ok', text: `native, ${best}` });
  else expect(check).toMatchObject({ status: 'optional', repair: expect.stringContaining('build:native') });
});

it('says which kernels were asked for', () => {
  expect(checkKernels('wasm')).toMatchObject({
    status: 'ok',
    text: 'WebAssembly, as GNOISE_KERNELS=wasm asks',
  });
});

it('lists the kernels there are when others are asked for', () => {
  const check = checkKernels('avx1024');
  expect(check.status).toBe('not ok');
  expect(check.text).toMatch(/GNOISE_KERNELS is avx1024; available here: wasm/);
});
