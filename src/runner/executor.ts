import { type OpenBackend, openBackend } from '../backends/index.js';
import { experiments } from '../experiments/index.js';
import { canonicalJson } from '../json.js';
import { ResultStore } from '../results/store.js';
import { DataCache } from './data-cache.js';
import type { SweepEvent } from './events.js';
import type { SweepOrder } from './order.js';
import { type Origin, originOf } from './provenance.js';
import { Sweep } from './sweep.js';

/** How the one who gave an order follows its execution and ends it. */
export interface Supervision {
  /** Aborted: a checkpoint is stored, and training stops. */
  readonly signal: AbortSignal;
  tell(event: SweepEvent): void;
}

interface Opened {
  readonly choice: string;
  readonly backend: OpenBackend;
  readonly origin: Origin;
}

/** Trains in this process what orders say, one after another; the backend and the last data stay open between them. */
export class Executor {
  private readonly data = new DataCache();
  private opened: Opened | null = null;

  /** @throws UserError when backend, data or disk stop it. */
  async execute(order: SweepOrder, { signal, tell }: Supervision): Promise<void> {
    const { trials, results, dataFolders, processes, cards, population } = order;
    const { backend, origin } = await this.open(order);
    const sweep = new Sweep(experiments.get(trials[0]!.description.experiment)!, trials, {
      store: new ResultStore(results),
      data: this.data,
      dataContext: { folders: dataFolders, offline: true, notice: (text) => tell({ kind: 'notice', text }) },
      origin,
      room: { backend, cards, processes, population },
      checkpointSeconds: order.checkpointSeconds,
      retryFailedBefore: order.retryFailedBefore,
      keepWeights: order.keepWeights,
      signal,
      tell,
    });
    await sweep.run();
  }

  /** Frees the data. */
  dispose(): void {
    this.data.dispose();
  }

  private async open({ backend: wanted, processes }: SweepOrder): Promise<Opened> {
    const choice = canonicalJson({ ...wanted, processes });
    if (this.opened?.choice === choice) return this.opened;
    // Tensors of one backend are none of another's.
    this.data.dispose();
    const backend = await openBackend(wanted, processes);
    this.opened = { choice, backend, origin: await originOf(backend) };
    return this.opened;
  }
}
