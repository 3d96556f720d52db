import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { underLock } from '../files/lock.js';
import { listFolder, statIfPresent } from '../files/present.js';
import { writing } from '../files/system-errors.js';
import { removeLeftovers, writeWhole } from '../files/whole.js';

/** Trials that this process alone trains until it releases them or dies. */
export interface Claim {
  /** Trials still claimed. */
  readonly ids: readonly string[];
  /**
   * Tells other machines that the claim is alive; does something at most once in five seconds, so call it freely.
   * False when the claim has been lost (this machine was silent for two minutes, and another took over): stop training.
   */
  heartbeat(): Promise<boolean>;
  /** Gives one trial back, after its record has been written. */
  drop(id: string): Promise<void>;
  /** Gives everything back. */
  release(): Promise<void>;
}

/** A claim as found on disk. */
export interface LiveClaim {
  readonly host: string;
  readonly pid: number;
  readonly ids: readonly string[];
  /** Seconds since its last sign of life. */
  readonly quietSeconds: number;
}

/** Seconds without a sign of life after which a runner of another machine counts as dead. */
export const DEAD_SECONDS = 120;

const deadAfter = DEAD_SECONDS * 1000;
const beatEvery = 5_000;
/** Claiming takes milliseconds; who waits for a minute waits for something that hangs. */
const locking = { staleAfter: 5_000, patience: 60_000, elsewhere: '--results' } as const;

const claimSchema = z.object({
  host: z.string(),
  /** Boot and process-id namespace: process ids mean something only where both are equal. */
  machine: z.string(),
  pid: z.int().positive(),
  /** Clock tick at which the process started, so that a reused process id is not mistaken for it; null off Linux. */
  start: z.string().nullable(),
  ids: z.array(z.string()),
});
type ClaimFile = z.infer<typeof claimSchema>;
type FoundClaim = ClaimFile & { file: string; beatAt: number };

/**
 * Claims trials for this process, so that no other process or machine on the same folder trains them too.
 * @param folder of one config and profile; claims lie in its `.claims`.
 * @param pending ids of trials to be trained, in order.
 * @param pick chooses among the free ones, in that order, while no other runner can claim. A trial may have been
 *   finished since `pending` was made: look at the store again here, a record is always written before its claim goes.
 * @returns null when nothing was picked.
 * @throws UserError when the folder cannot be written to, or its lock cannot be had.
 */
export async function claimTrials(
  folder: string,
  pending: readonly string[],
  pick: (free: string[]) => readonly string[] | Promise<readonly string[]>,
): Promise<Claim | null> {
  const claims = join(folder, '.claims');
  await writing(claims, '--results', () => mkdir(claims, { recursive: true }));
  for (;;) {
    const attempt = await underLock(join(claims, 'lock'), locking, async (lost) => {
      const taken = new Set((await removeDead(claims)).flatMap(({ ids }) => ids));
      const free = pending.filter((id) => !taken.has(id));
      const picked = free.length === 0 ? [] : await pick(free);
      const claim = picked.length === 0 ? null : await makeClaim(claims, picked);
      return { claim, lost: lost.aborted };
    });
    if (attempt.claim === null) return null;
    if (!attempt.lost && !(await isContested(claims, attempt.claim.ids))) return attempt.claim;
    await attempt.claim.release();
    await sleep(200 * Math.random());
  }
}

/** Claims of runners that are alive, for showing; changes no claim and takes no lock. */
export async function liveClaims(folder: string): Promise<LiveClaim[]> {
  const claims = join(folder, '.claims');
  const found = await readClaims(claims);
  if (found.length === 0) return [];
  // Where nothing can be written our own clock has to do.
  const now = await folderTime(claims).catch(() => Date.now());
  return found
    .filter((claim) => isAlive(claim, now))
    .map(({ host, pid, ids, beatAt }) => {
      const quietSeconds = Math.max(0, Math.round((now - beatAt) / 1000));
      return { host, pid, ids, quietSeconds };
    });
}

/**
 * Whether another claim holds one of the trials. It can happen that two runners break the lock of a killed one at the same
 * moment and both have it; since each writes its claim before it looks, at least one of them sees the other and yields.
 */
async function isContested(claims: string, ids: readonly string[]): Promise<boolean> {
  const now = await folderTime(claims);
  const holders = (await readClaims(claims)).filter((claim) => isAlive(claim, now));
  return holders.filter((claim) => ids.some((id) => claim.ids.includes(id))).length > 1;
}

/** Clears away what runners that are gone have left among the claims; in a folder where all is in order it writes nothing. */
export async function removeDeadClaims(folder: string): Promise<void> {
  const claims = join(folder, '.claims');
  const names = await listFolder(claims);
  if (!names.some((name) => /\.(json|tmp)$/.test(name))) return;
  await underLock(join(claims, 'lock'), locking, () => removeDead(claims));
}

/** Removes claims of runners that are gone, and returns the others. Only under the lock. */
async function removeDead(claims: string): Promise<FoundClaim[]> {
  const now = await folderTime(claims);
  const alive: FoundClaim[] = [];
  for (const claim of await readClaims(claims)) {
    if (isAlive(claim, now)) alive.push(claim);
    else await rm(claim.file, { force: true });
    // Dated in the future, by a clock that was wrong: whoever is alive dates it anew, and it ages from now on if nobody does.
    if (claim.beatAt - now > deadAfter) await utimes(claim.file, now / 1000, now / 1000).catch(() => {});
  }
  await removeLeftovers(claims);
  return alive;
}

/** Now by the clock that stamps files in this folder, a file server's perhaps, since heartbeats are such stamps. */
async function folderTime(claims: string): Promise<number> {
  const probe = join(claims, 'now');
  const existing = await statIfPresent(probe);
  if (existing && !existing.isFile()) throw new UserError(`${probe} is no file. Move it away.`);
  await writing(probe, '--results', () => writeFile(probe, 'x'));
  return (await stat(probe)).mtimeMs;
}

async function readClaims(claims: string): Promise<FoundClaim[]> {
  const found: FoundClaim[] = [];
  for (const name of await listFolder(claims)) {
    if (!name.endsWith('.json')) continue;
    const file = join(claims, name);
    try {
      // Reading a pipe would wait for somebody to write to it.
      if (!(await stat(file)).isFile()) continue;
      const claim = claimSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      found.push({ ...claim, file, beatAt: (await stat(file)).mtimeMs });
    } catch (error) {
      // Network file systems say so when a file was replaced while it was being read.
      if ((error as NodeJS.ErrnoException).code === 'ESTALE') return readClaims(claims);
      // Released meanwhile, or not a claim: claims are written whole, so nobody's trials are in it.
    }
  }
  return found;
}

function isAlive(claim: FoundClaim, now: number): boolean {
  const beating = now - claim.beatAt < deadAfter;
  if (claim.host !== hostname() || claim.machine !== machine) return beating;
  if (!processExists(claim.pid)) return false;
  const start = claim.start === null ? null : processStart(claim.pid);
  // What cannot be seen, another user's process perhaps, is given the benefit of the doubt.
  return start === null ? beating : start === claim.start;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Clock tick at which a process started (proc(5), field 22 of stat), or `gone` for a zombie; null where that cannot be
 * read: off Linux, or because /proc is closed to us.
 */
function processStart(pid: number): string | null {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return null;
  // The second field, the command's name in brackets, may itself hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0]!;
  return state === 'Z' || state === 'X' ? 'gone' : fields[19]!;
}

const machine = [
  attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  attempt(() => readlinkSync('/proc/self/ns/pid')),
].join(' ');

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

async function makeClaim(claims: string, picked: readonly string[]): Promise<Claim> {
  const file = join(claims, `${process.pid}-${randomBytes(6).toString('hex')}.json`);
  let ids = [...picked];
  // Not by the clock on the wall, which may be set.
  let beatAt = performance.now();
  let held = true;
  const save = () => {
    const claim: ClaimFile = {
      host: hostname(),
      machine,
      pid: process.pid,
      start: processStart(process.pid),
      ids,
    };
    return writeWhole(file, JSON.stringify(claim), '--results');
  };
  await save();
  return {
    get ids() {
      return ids;
    },
    async heartbeat() {
      if (!held || performance.now() - beatAt < beatEvery) return held;
      beatAt = performance.now();
      held = await beat(file);
      return held;
    },
    async drop(id) {
      ids = ids.filter((other) => other !== id);
      // Not to revive a claim that others have declared dead.
      held &&= await beat(file);
      if (held) await save();
    },
    async release() {
      held = false;
      ids = [];
      await rm(file, { force: true });
    },
  };
}

/** Writes a claim's first byte anew: the file system's own clock stamps it. False when the claim is gone. */
async function beat(file: string): Promise<boolean> {
  return writing(file, '--results', async () => {
    try {
      const handle = await open(file, 'r+');
      await handle.write('{', 0).finally(() => handle.close());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
}
