import type { JobType } from 'bullmq';
import { printable } from '../excerpt.js';
import type { PopulationJob } from './job.js';
import { PREFIX, QUEUE } from './names.js';
import { Parcels, type WorkerSign } from './parcels.js';
import { connect, parseAddress, queuePackages } from './redis.js';

/** A population that failed too often. */
export interface ParkedPopulation {
  readonly name: string;
  readonly trials: number;
  readonly reason: string;
}

/** What a queue holds, in populations. */
export interface QueueStatus {
  readonly waiting: number;
  readonly training: number;
  readonly parked: readonly ParkedPopulation[];
  readonly workers: readonly WorkerSign[];
}

const WAITING: JobType[] = ['waiting', 'delayed', 'prioritized'];

/** @throws UserError when there is no such server. */
export async function queueStatus(address: string): Promise<QueueStatus> {
  const url = parseAddress(address);
  const packages = await queuePackages();
  const redis = await connect(url, packages);
  const queue = new packages.bullmq.Queue<PopulationJob>(QUEUE, { connection: redis, prefix: PREFIX });
  queue.on('error', () => {});
  try {
    const failed = await queue.getFailed();
    return {
      waiting: await queue.getJobCountByTypes(...WAITING),
      training: await queue.getActiveCount(),
      parked: failed.map(({ name, data, failedReason }) => ({
        name: printable(name),
        trials: Array.isArray(data?.trials) ? data.trials.length : 0,
        reason: printable(String(failedReason).split('\n')[0]!),
      })),
      workers: await new Parcels(redis).workers(),
    };
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}
