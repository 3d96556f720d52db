import { describe } from 'vitest';
import { CASES } from './cases.test-helper.js';
import { itHasTheBitsOfWasm } from './same-bits.test-helper.js';

describe.each(Object.entries(CASES))('%s', (kernel, makeCase) => {
  itHasTheBitsOfWasm(kernel, makeCase);
});
