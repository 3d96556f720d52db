import { describe } from 'vitest';
import type { FunctionName } from '../functions.js';
import { CASES } from './cases.test-helper.js';
import { itHasTheBitsOfWasm } from './same-bits.test-helper.js';

describe.each(Object.keys(CASES) as FunctionName[])('%s', (kernel) => {
  itHasTheBitsOfWasm(kernel, CASES[kernel]);
});
