import { expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { reading, writing } from './system-errors.js';

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(`${code}: oh`), { code }));

test.each([
  [
    'ENOSPC',
    '--data',
    'a b cannot be written: the disk is full (ENOSPC). Free some space, or choose another folder with --data.',
  ],
  [
    'EACCES',
    '--results',
    'a b cannot be written: permission denied (EACCES). Change the permissions, or choose another folder with --results.',
  ],
  [
    'EROFS',
    'GNOISE_CACHE',
    'a b cannot be written: the file system is read-only (EROFS). Remount it, or choose another folder with GNOISE_CACHE.',
  ],
  ['EIO', '--out', 'a b cannot be written: EIO: oh. Check the disk, or choose another folder with --out.'],
] as const)('%s becomes a sentence with a way out, by %s', async (code, elsewhere, message) => {
  const error = await writing('a b', elsewhere, failing(code)).catch((thrown: unknown) => thrown);
  expect(error).toEqual(new UserError(message));
});

test('reading is told from writing', async () => {
  await expect(reading('a b', '--data', failing('EACCES'))).rejects.toThrow(
    /^a b cannot be read: permission/,
  );
});

test.each([
  ['a bug', new TypeError('undefined is not a function')],
  [
    "Node's complaint about an argument",
    Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ],
  ['an error that is explained already', new UserError('the moon is full')],
])('%s stays what it is', async (_, error) => {
  await expect(writing('a', '--data', () => Promise.reject(error))).rejects.toBe(error);
});
