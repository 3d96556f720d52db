import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256, sha256OfFile } from './sha256.js';

// FIPS 180-2, appendix B.1.
const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('bytes and a file of them have the published digest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gnoise sha '));
  await writeFile(join(folder, 'abc'), 'abc');
  expect(sha256(Buffer.from('abc'))).toBe(digest);
  expect(await sha256OfFile(join(folder, 'abc'))).toBe(digest);
  await rm(folder, { recursive: true });
});
