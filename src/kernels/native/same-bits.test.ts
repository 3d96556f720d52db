import { describe } from 'vitest';
import type { FunctionName } from '../functions.js';
import { CASES } from './cases.test-helper.js';
import { itHasTheBitsOfWasm } from './same-bits.test-helper.js';

/** Kernels that share their work out among threads. */
const SHARED: readonly FunctionName[] = [
  'noisyDescent',
  'noisyAdam',
  'denseStack',
  'denseStackGradient',
  'machineStep',
  'machineStepGradient',
  'convolutionalGru',
  'convolutionalGruGradient',
];

describe.each(Object.keys(CASES) as FunctionName[])('%s', (kernel) => {
  itHasTheBitsOfWasm(kernel, CASES[kernel]);
});

describe.each(SHARED)('%s', (kernel) => {
  for (const threads of [2, 3, 5]) itHasTheBitsOfWasm(kernel, CASES[kernel], threads);
});
