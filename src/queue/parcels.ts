import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { printable } from '../excerpt.js';
import { encodeRecord } from '../results/encoding.js';
import type { TrialRecord } from '../results/record.js';
import { PREFIX, QUEUE } from './names.js';

/** A job in the hands of a worker: only who holds its lock may hand something in for it. */
export interface HeldJob {
  readonly id: string;
  /** What the lock holds. */
  readonly token: string;
}

const sign = z
  .object({
    host: z.string().transform(printable),
    pid: z.int(),
    /** Populations that it trains at once. */
    jobs: z.int().positive(),
    backend: z.string().transform(printable),
  })
  .readonly();

/** A worker process of a machine, as it says of itself. */
export type WorkerSign = z.infer<typeof sign>;

/** Largest checkpoint that travels: compressed, Redis' own limit being twice that, and as a file. */
const CHECKPOINT_BYTES = { packed: 256 * 2 ** 20, unpacked: 2 ** 30 };

const DAY_SECONDS = 24 * 3600;
/** Seconds that an unfinished population's checkpoint is kept. */
const CHECKPOINT_SECONDS = 7 * DAY_SECONDS;
/** Seconds that a record is kept after a runner has it on disk, for other runners that wait for it. */
const ACKNOWLEDGED_SECONDS = DAY_SECONDS;
/** Seconds after which a worker that gives no sign is not listed any more. */
export const SIGN_SECONDS = 30;

const IF_HELD = "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end ";
const HAND_IN = `${IF_HELD}
  redis.call('set', KEYS[2], ARGV[2])
  redis.call('sadd', KEYS[3], ARGV[3])
  redis.call('expire', KEYS[3], ARGV[4])
  return 1`;
const KEEP = `${IF_HELD} redis.call('set', KEYS[2], ARGV[2], 'EX', ARGV[3]) return 1`;
const FORGET = `${IF_HELD} return redis.call('del', KEYS[2])`;

/** What travels through Redis beside the jobs: results on their way to a runner, and checkpoints. */
export class Parcels {
  constructor(
    private readonly redis: Redis,
    private readonly largest = CHECKPOINT_BYTES,
  ) {}

  /** Hands a result in; it waits until a runner has it on disk. False when another worker holds the job by now. */
  async handIn(job: HeldJob, record: TrialRecord): Promise<boolean> {
    const keys = [lockKey(job.id), recordKey(record.id), handedInKey(job.id)];
    const values = [job.token, encodeRecord(record), record.id, CHECKPOINT_SECONDS];
    return (await this.redis.eval(HAND_IN, keys.length, ...keys, ...values)) === 1;
  }

  /** Ids of the trials of a job whose results have been handed in. */
  async handedIn(jobId: string): Promise<Set<string>> {
    return new Set(await this.redis.smembers(handedInKey(jobId)));
  }

  /** Keeps a checkpoint file for whoever takes the job next, if this worker holds the job. */
  async keepCheckpoint(job: HeldJob, file: Buffer): Promise<'kept' | 'lost' | 'too large'> {
    if (file.length > this.largest.unpacked) return 'too large';
    const packed = await promisify(gzip)(file, { level: 1 });
    if (packed.length > this.largest.packed) return 'too large';
    const keys = [lockKey(job.id), checkpointKey(job.id)];
    const kept = await this.redis.eval(KEEP, keys.length, ...keys, job.token, packed, CHECKPOINT_SECONDS);
    return kept === 1 ? 'kept' : 'lost';
  }

  /** The last checkpoint file of a job; null when there is none, or it does not unpack to a size that one may have. */
  async checkpoint(jobId: string): Promise<Buffer | null> {
    const packed = await this.redis.getBuffer(checkpointKey(jobId));
    const maxOutputLength = this.largest.unpacked;
    return packed && (await promisify(gunzip)(packed, { maxOutputLength }).catch(() => null));
  }

  /** Forgets a checkpoint that is not to be gone on from. */
  async forgetCheckpoint(job: HeldJob): Promise<void> {
    await this.redis.eval(FORGET, 2, lockKey(job.id), checkpointKey(job.id), job.token);
  }

  /** Forgets what was kept for a job that is finished, or is to start anew. */
  async forgetJob(jobId: string): Promise<void> {
    await this.redis.del(checkpointKey(jobId), handedInKey(jobId));
  }

  /** Results that are there, by trial, as text from outside. */
  async records(ids: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (let start = 0; start < ids.length; start += 500) {
      const some = ids.slice(start, start + 500);
      const texts = await this.redis.mget(some.map(recordKey));
      for (const [i, text] of texts.entries()) if (text !== null) found.set(some[i]!, text);
    }
    return found;
  }

  /** A runner has this result on disk. */
  async acknowledge(id: string): Promise<void> {
    await this.redis.expire(recordKey(id), ACKNOWLEDGED_SECONDS);
  }

  /** Results that are not to be waited for any more: of trials that are to be trained again. */
  async forgetRecords(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.redis.del(...ids.map(recordKey));
  }

  /** A worker's sign of life. */
  async giveSign(name: string, own: WorkerSign): Promise<void> {
    await this.redis.set(signKey(name), JSON.stringify(own), 'EX', SIGN_SECONDS);
  }

  async takeLeave(name: string): Promise<void> {
    await this.redis.del(signKey(name));
  }

  /** Workers that gave a sign of life lately. */
  async workers(): Promise<WorkerSign[]> {
    const keys: string[] = [];
    for await (const some of this.redis.scanStream({ match: signKey('*'), count: 1000 }))
      keys.push(...(some as string[]));
    const texts = keys.length > 0 ? await this.redis.mget(keys) : [];
    return texts.flatMap((text) => parseSign(text) ?? []);
  }

  /** Runs `work` while no other runner plans; a runner that dies there holds the others up for a minute at most. */
  async planAlone<T>(token: string, work: () => Promise<T>): Promise<T> {
    const key = `${PREFIX}:planning`;
    while ((await this.redis.set(key, token, 'EX', 60, 'NX')) === null)
      await new Promise((resolve) => setTimeout(resolve, 50 + 100 * Math.random()));
    try {
      return await work();
    } finally {
      await this.redis.eval(`${IF_HELD} return redis.call('del', KEYS[1])`, 1, key, token);
    }
  }
}

function parseSign(text: string | null): WorkerSign | null {
  try {
    return sign.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    return null;
  }
}

/** BullMQ's own key. */
const lockKey = (jobId: string) => `${PREFIX}:${QUEUE}:${jobId}:lock`;
const recordKey = (id: string) => `${PREFIX}:record:${id}`;
const checkpointKey = (jobId: string) => `${PREFIX}:checkpoint:${jobId}`;
const handedInKey = (jobId: string) => `${PREFIX}:handed-in:${jobId}`;
const signKey = (name: string) => `${PREFIX}:worker:${name}`;
