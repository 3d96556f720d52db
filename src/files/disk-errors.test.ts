import { expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { onDisk } from './disk-errors.js';

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(`${code}: oh`), { code }));

test.each([
  [
    'ENOSPC',
    'a b cannot be written: the disk is full. Free some space, or choose another folder with --data.',
  ],
  [
    'EACCES',
    'a b cannot be written: permission denied. Change the permissions, or choose another folder with --data.',
  ],
  [
    'EROFS',
    'a b cannot be written: the file system is read-only. Remount it, or choose another folder with --data.',
  ],
  ['EIO', 'a b cannot be written: EIO: oh. Check the disk, or choose another folder with --data.'],
])('%s becomes a sentence with a way out', async (code, message) => {
  const error = await onDisk('a b', failing(code)).catch((thrown: unknown) => thrown);
  expect(error).toEqual(new UserError(message));
});

test('a bug stays what it is', async () => {
  const bug = new TypeError('undefined is not a function');
  await expect(onDisk('a', () => Promise.reject(bug))).rejects.toBe(bug);
});
