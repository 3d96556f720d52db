import { UserError } from '../errors.js';

/** What names another folder where one does not serve: an option, or a variable of the environment. */
export type FolderName =
  | '--results'
  | '--data'
  | '--out'
  | '--csv'
  | '--parquet'
  | '--tensorboard'
  | 'GNOISE_CACHE';

/** What a system error means, and what the user can do about it. */
const meanings = new Map<string, readonly [cause: string, remedy: string]>([
  ['ENOSPC', ['the disk is full', 'Free some space']],
  ['EDQUOT', ['the disk quota is used up', 'Free some space']],
  ['EFBIG', ['the file would be larger than this system allows', 'Raise the limit (ulimit -f)']],
  ['EACCES', ['permission denied', 'Change the permissions']],
  ['EPERM', ['permission denied', 'Change the permissions']],
  ['EROFS', ['the file system is read-only', 'Remount it']],
  ['ENOTDIR', ['a part of this path is a file, not a folder', 'Move it away']],
  ['EEXIST', ['a file stands where a folder is needed', 'Move it away']],
  ['EISDIR', ['a folder stands where a file is needed', 'Move it away']],
  ['ENAMETOOLONG', ['the path is too long', 'Shorten it']],
  ['ELOOP', ['a link in this path leads back to itself', 'Move it away']],
  ['EMFILE', ['this process has too many files open', 'Raise the limit (ulimit -n)']],
  ['ENFILE', ['this machine has too many files open', 'Close some programs']],
]);

/**
 * Runs an operation that writes to `path`.
 * @param elsewhere what names another folder.
 * @throws UserError when the system refuses, with the cause and what to do; other errors pass as they are.
 */
export function writing<T>(path: string, elsewhere: FolderName, operation: () => Promise<T>): Promise<T> {
  return explained(`${path} cannot be written`, elsewhere, operation);
}

/** Runs an operation that reads from `path`; as `writing`. */
export function reading<T>(path: string, elsewhere: FolderName, operation: () => Promise<T>): Promise<T> {
  return explained(`${path} cannot be read`, elsewhere, operation);
}

async function explained<T>(problem: string, elsewhere: FolderName, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // Node's own errors, of bad arguments and the like, begin with ERR_.
    if (!/^E[A-Z0-9]+$/.test(code)) throw error;
    const [cause, remedy] = meanings.get(code) ?? [message, 'Check the disk'];
    // The system's own message names its code.
    const said = meanings.has(code) ? `${cause} (${code})` : cause;
    throw new UserError(`${problem}: ${said}. ${remedy}, or choose another folder with ${elsewhere}.`);
  }
}
