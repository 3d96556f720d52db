import { UserError } from '../errors.js';

const causes = new Map([
  ['ENOSPC', 'the disk is full. Free some space'],
  ['EDQUOT', 'the disk quota is used up. Free some space'],
  ['EACCES', 'permission denied. Change the permissions'],
  ['EPERM', 'permission denied. Change the permissions'],
  ['EROFS', 'the file system is read-only. Remount it'],
  ['ENOTDIR', 'a part of this path is a file, not a folder. Move it away'],
  ['EEXIST', 'a file stands where a folder is needed. Move it away'],
  ['EISDIR', 'a folder stands where a file is needed. Move it away'],
  ['ENAMETOOLONG', 'the path is too long. Shorten it'],
]);

/**
 * Runs a file operation on `path`.
 * @param purpose what the operation is for, in words for the message.
 * @throws UserError when the system refuses, with the cause and what to do.
 */
export async function onDisk<T>(
  path: string,
  operation: () => Promise<T>,
  purpose: 'written' | 'read' = 'written',
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UserError) throw error;
    const cause = causes.get(code) ?? `${message}. Check the disk`;
    throw new UserError(`${path} cannot be ${purpose}: ${cause}, or choose another folder with --data.`);
  }
}
