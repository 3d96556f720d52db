import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { UserError } from '../errors.js';
import { type FolderName, writing } from './system-errors.js';

export interface LockOptions {
  /** Milliseconds without a sign of life after which a holder counts as dead; 2000 or more. */
  readonly staleAfter: number;
  /** Milliseconds to wait for others; for ever where left out. */
  readonly patience?: number;
  /** Told once, when the wait is more than a moment, who holds the lock, e.g. `process 1234 on ada`. */
  readonly onWait?: (holder: string) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** What names another folder, should the lock's not be writable. */
  readonly elsewhere: FolderName;
}

/**
 * Runs `work` while no other process of any machine that shares the folder works under the same lock.
 * @param path where the lock stands while it is held; its folder exists. Who holds it is written beside it.
 * @param work its signal is aborted when the lock could not be kept, because this process was halted for so long that it
 *   counted as dead.
 * @throws UserError when the lock's folder cannot be written to, or others hold it for longer than the patience; what
 *   `work` throws.
 */
export async function underLock<T>(
  path: string,
  options: LockOptions,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const onCompromised = () =>
    lost.abort(
      new UserError(`${path} was deleted, or another process took it over while this one was halted.`),
    );
  const release = await acquire(path, options, onCompromised);
  try {
    // Only for words: where it fails, the lock serves as well.
    await writeFile(`${path}.holder`, `process ${process.pid} on ${hostname()}`).catch(() => {});
    return await work(lost.signal);
  } finally {
    // What was lost is another's to release. What cannot be released goes stale.
    if (!lost.signal.aborted) {
      await rm(`${path}.holder`, { force: true }).catch(() => {});
      await release().catch(() => {});
    }
  }
}

async function acquire(
  path: string,
  { staleAfter, patience = Number.POSITIVE_INFINITY, onWait, signal, elsewhere }: LockOptions,
  onCompromised: () => void,
): Promise<() => Promise<void>> {
  const settings = { lockfilePath: path, realpath: false, stale: staleAfter, onCompromised };
  const isDead = watch(path, 2 * staleAfter);
  const start = performance.now();
  for (let told = false; ; ) {
    const release = await writing(path, elsewhere, () =>
      lock(path, settings).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ELOCKED') return null;
        throw error;
      }),
    );
    if (release) return release;
    const waited = performance.now() - start;
    // A moment's wait is not worth a word, and the holder may still be writing who it is.
    if (!told && waited > 100) {
      onWait?.(await holderOf(path));
      told = true;
    }
    if (waited > patience) {
      const seconds = Math.round(patience / 1000);
      const holder = await holderOf(path);
      throw new UserError(
        `${path} was held by others for ${seconds} s, at last by ${holder}. Try again later.`,
      );
    }
    // The package trusts the clocks; a time long past is one that it takes for dead.
    if (await isDead()) await utimes(path, 0, 0).catch(() => {});
    await sleep(20 + 100 * Math.random(), undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/**
 * Says whether the lock's time has stood still for so many milliseconds of our own clock, which no setting of clocks
 * changes: a lock dated in the future, or by a machine whose clock runs ahead, is dead too when nobody renews it.
 */
function watch(path: string, milliseconds: number): () => Promise<boolean> {
  let seen: number | undefined;
  let since = performance.now();
  return async () => {
    const time = (await stat(path).catch(() => null))?.mtimeMs;
    if (time !== seen) since = performance.now();
    seen = time;
    return performance.now() - since > milliseconds;
  };
}

/** Who holds a lock, as it says beside it; the form is checked because the words go to a terminal. */
async function holderOf(path: string): Promise<string> {
  const words = await readFile(`${path}.holder`, 'utf8').catch(() => '');
  return /^process \d+ on [\w.-]{1,255}$/.test(words) ? words : 'another process';
}
