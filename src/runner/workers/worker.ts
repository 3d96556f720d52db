import { on } from 'node:events';
import { UserError } from '../../errors.js';
import { surviveSizeLimit } from '../../files/size-limit.js';
import { Executor } from '../executor.js';
import { parseOrder, type SweepOrder } from '../order.js';
import { endBy, Stopped, stopSignal } from '../stop-signal.js';
import type { FromWorker, ToWorker } from './channel.js';

/*
 * A worker process: takes orders over its channel, carries out one after another, and tells how it gets on, until it is to
 * end. Started by `WorkerProcess`, never by hand. Requests to end come as signals, as a message, or as the end of the parent.
 */

const dismissed = new AbortController();
const stopped = stopSignal();
const signal = AbortSignal.any([stopped, dismissed.signal]);
// The parent reads what is written there; once it is gone nobody does, and that is no reason to lose a checkpoint.
process.stderr.on('error', () => {});
surviveSizeLimit();
process.once('disconnect', () => dismissed.abort());
process.on('message', ({ kind }: ToWorker) => {
  if (kind === 'stop') dismissed.abort();
});

try {
  const executor = new Executor();
  for await (const order of orders()) {
    await executor.execute(order, { signal, tell: (event) => void tell(event) });
    if (signal.aborted) break;
    await tell({ kind: 'done' });
  }
} catch (error) {
  process.exitCode = 1;
  const isUserError = error instanceof UserError;
  const text = error instanceof Error ? (isUserError ? error.message : error.stack!) : String(error);
  await tell({ kind: 'failure', text, isUserError });
} finally {
  // An open channel would keep this process alive, and the parent waiting.
  if (process.connected) process.disconnect();
}
// Whoever waits for this process sees that it did not end by itself.
if (stopped.reason instanceof Stopped && !dismissed.signal.aborted) endBy(stopped.reason.by);

/** Those that arrive, until this process is to end. */
async function* orders(): AsyncGenerator<SweepOrder> {
  try {
    for await (const [message] of on(process, 'message', { signal }) as AsyncIterable<[ToWorker]>)
      if (message.kind === 'order') yield parseOrder(message.order);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves once the message is on its way. A parent that is gone is no fault: its end stops this process. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
