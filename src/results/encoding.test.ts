import { expect, it } from 'vitest';
import { exampleRecord } from '../tables/example.test-helper.js';
import { decodeRecord, encodeRecord } from './encoding.js';

const record = exampleRecord({ seed: 0 }, 0.97);
const reasonFor = (changed: object) => {
  const read = decodeRecord(JSON.stringify({ ...JSON.parse(encodeRecord(record)), ...changed }), record.id);
  return 'reason' in read ? read.reason : '';
};

it.each([
  ['its id', { id: `\u001b[2J\n${'x'.repeat(5000)}` }],
  ['a name among its metrics', { metrics: { [`\u001b[2J\n${'x'.repeat(5000)}`]: 'no number' } }],
])('a reason that quotes %s is one short line that no terminal obeys', (_, changed) => {
  const reason = reasonFor(changed);
  expect(reason).toMatch(/^(its id|not a trial record).*\\u\{1b\}\[2J\\nxxx/);
  expect(reason).not.toMatch(/\p{Cc}/u);
  expect(reason.length).toBeLessThan(400);
});
