import { openBackend } from '../backends/index.js';
import { experiments } from '../experiments/index.js';
import { ResultStore } from '../results/store.js';
import type { SweepEvent } from './events.js';
import type { SweepOrder } from './order.js';
import { originOf } from './provenance.js';
import { Sweep } from './sweep.js';

/** How the one who gave an order follows its execution and ends it. */
export interface Supervision {
  /** Aborted: a checkpoint is stored, and training stops. */
  readonly signal: AbortSignal;
  tell(event: SweepEvent): void;
}

/**
 * Trains in this process what an order says.
 * @throws UserError when backend, data or disk stop it.
 */
export async function execute(order: SweepOrder, { signal, tell }: Supervision): Promise<void> {
  const { trials, results, dataFolders, processes, cards, population } = order;
  const backend = await openBackend(order.backend);
  const sweep = new Sweep(experiments.get(trials[0]!.description.experiment)!, trials, {
    store: new ResultStore(results),
    data: { folders: dataFolders, offline: true, notice: (text) => tell({ kind: 'notice', text }) },
    origin: await originOf(backend),
    room: { backend, cards, processes, population },
    checkpointSeconds: order.checkpointSeconds,
    retryFailedBefore: order.retryFailedBefore,
    keepWeights: order.keepWeights,
    signal,
    tell,
  });
  await sweep.run();
}
