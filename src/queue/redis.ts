import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { optional } from '../optional.js';

/** The packages that a queue needs; optional, and loaded only where a queue is used. */
export interface QueuePackages {
  readonly bullmq: Pick<
    typeof import('bullmq'),
    'DelayedError' | 'Queue' | 'QueueEvents' | 'WaitingError' | 'Worker'
  >;
  readonly ioredis: Pick<typeof import('ioredis'), 'Redis'>;
}

/** @throws UserError that says how to add them, where they are missing. */
export async function queuePackages(): Promise<QueuePackages> {
  return optional('Queues', ['bullmq', 'ioredis'], async () => {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  });
}

/**
 * Checks the address of a Redis or Valkey server.
 * @throws UserError that shows neither user nor password, which an address may hold.
 */
export function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:')
    throw new UserError(
      'The address of the queue must be redis://host:6379, or rediss:// where the server speaks TLS; user, password and database as in redis://user:password@host:6379/0.',
    );
  if (url.hostname === '')
    throw new UserError('The address of the queue names no host: write redis://host:6379.');
  return url;
}

/** `host:6379`, without what is secret in an address. */
export function placeOf({ hostname, port }: URL): string {
  return excerpt(`${hostname}:${port || 6379}`);
}

/** How long a server may take to answer at first. Later it may be away for as long as it likes. */
const PATIENCE_MS = 10_000;

/**
 * Connects; the connection comes back by itself whenever the server does, and what is asked of it meanwhile waits.
 * @throws UserError when there is no answer at first, or the server refuses.
 */
export async function connect(url: URL, { ioredis }: QueuePackages): Promise<Redis> {
  const redis = new ioredis.Redis(url.href, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    // As BullMQ wants it: requests wait for the server instead of failing.
    maxRetriesPerRequest: null,
    retryStrategy: (attempts) => Math.min(100 * 2 ** Math.min(attempts, 6), 3000),
  });
  let reason: Error | undefined;
  redis.on('error', (error) => {
    reason = error;
  });
  try {
    await Promise.race([
      redis.connect().then(() => redis.ping()),
      once(redis, 'error').then(([error]) => Promise.reject(error as Error)),
      new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error('no answer')).unref()),
    ]);
  } catch (error) {
    redis.disconnect();
    throw new UserError(`Redis at ${placeOf(url)} cannot be used: ${why(reason ?? (error as Error))}.`);
  }
  return redis;
}

function why(error: Error): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no such host';
  // What a server says of a wrong password does not hold it; a long text might hold anything.
  return excerpt(message || code || 'no reason given', 120);
}
