import { type Card, environmentOn } from '../../backends/tensorflow/cards.js';
import { Mishap, UserError } from '../../errors.js';
import type { SweepEvent } from '../events.js';
import type { SweepOrder } from '../order.js';
import type { Failure } from './channel.js';
import { type WorkerEnd, WorkerProcess } from './worker-process.js';

/** How several workers are followed and ended; `slot` is a worker's number, from 0. */
export interface WorkersSupervision {
  readonly signal: AbortSignal;
  /** GPUs, of which each worker gets one; none where the processor computes. */
  readonly cards: readonly Card[];
  tell(slot: number, event: SweepEvent): void;
}

/**
 * Carries out an order in as many processes as it says, which share the work by claiming it. When one of them cannot go
 * on, the others are asked to store a checkpoint and end, too: what stops one (the disk, the data) stops all.
 * @throws UserError or Error of the first worker that says why it cannot go on; Mishap when one just dies.
 */
export async function trainInWorkers(
  order: SweepOrder,
  { signal, tell, cards }: WorkersSupervision,
): Promise<void> {
  const failures: Failure[] = [];
  const workers = Array.from(
    { length: order.processes },
    (_, slot) => new WorkerProcess(environmentOn(cards, slot), order.backend.verbose),
  );
  const stopAll = () => {
    for (const worker of workers) worker.stop();
  };
  const work = async (worker: WorkerProcess, slot: number): Promise<WorkerEnd> => {
    const end = await worker.carryOut(order, (event) => tell(slot, event));
    if (end?.failure) {
      failures.push(end.failure);
      stopAll();
    }
    // There is no other order.
    worker.stop();
    return worker.ended;
  };
  signal.addEventListener('abort', stopAll);
  try {
    const ends = Promise.all(workers.map(work));
    if (signal.aborted) stopAll();
    const died = (await ends).find(({ code }) => code !== 0);
    if (failures.length > 0) throw errorOf(failures[0]!);
    if (died && !signal.aborted) throw deathOf(died);
  } finally {
    signal.removeEventListener('abort', stopAll);
  }
}

function errorOf({ text, isUserError }: Failure): Error {
  if (isUserError) return new UserError(text);
  // A fault of ours is shown with the stack that it had where it happened.
  return Object.assign(new Error('A worker process failed.'), { stack: text });
}

function deathOf({ code, signal, complaint }: WorkerEnd): Mishap {
  const end = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const hint =
    signal === 'SIGKILL' ? ' Perhaps memory ran out: try --population or --jobs with a smaller number.' : '';
  return new Mishap(
    `A worker process ${end}.${hint} Finished trials are stored; run the command again to go on.${complaint ? `\n${complaint}` : ''}`,
  );
}
