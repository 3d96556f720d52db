import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Parcels } from './parcels.js';
import { testDatabase } from './redis.test-helper.js';

const database = await testDatabase();

describe.runIf(database)('checkpoints in Redis', () => {
  const job = { id: 'population-1', token: 'mine' };
  let redis: Redis;
  let parcels: Parcels;
  beforeAll(async () => {
    redis = new Redis(database!.address);
    parcels = new Parcels(redis, { packed: 10_000, unpacked: 100_000 });
    await redis.set('gnoise:populations:population-1:lock', job.token);
  });
  afterAll(async () => {
    await redis.flushdb();
    redis.disconnect();
    await database!.dispose();
  });

  it('come back as they were, from whoever holds the job only', async () => {
    const file = randomBytes(5000);
    expect(await parcels.keepCheckpoint(job, file)).toBe('kept');
    expect(await parcels.keepCheckpoint({ ...job, token: 'not mine' }, Buffer.alloc(5))).toBe('lost');
    expect(await parcels.checkpoint(job.id)).toEqual(file);
  });

  it('are not kept where they are too large, packed or as files, and the worker learns of it', async () => {
    expect(await parcels.keepCheckpoint(job, randomBytes(20_000))).toBe('too large');
    expect(await parcels.keepCheckpoint(job, Buffer.alloc(200_000))).toBe('too large');
  });

  it('that unpack to more than one may have, or do not unpack, count as none', async () => {
    for (const packed of [gzipSync(Buffer.alloc(10_000_000)), Buffer.from('no gzip')]) {
      await redis.set('gnoise:checkpoint:population-1', packed);
      expect(await parcels.checkpoint(job.id)).toBeNull();
    }
  });
});
