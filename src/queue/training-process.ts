import type { SweepEvent } from '../runner/events.js';
import type { SweepOrder } from '../runner/order.js';
import { type WorkerEnd, WorkerProcess } from '../runner/workers/worker-process.js';

/** Milliseconds without work after which a process ends: data and a GPU's memory are not held for a job that may never come. */
const IDLE_MS = 60_000;

/**
 * The process of one of a worker's slots, which trains one population after another, always on the slot's card. Where it is
 * gone, a fresh one takes its place.
 */
export class TrainingProcess {
  private process: WorkerProcess | null = null;
  /** The end of one that was let go: two might not fit on a card. */
  private leaving: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly verbose: boolean,
  ) {}

  /**
   * @param signal aborted: a checkpoint is stored, and the process ends.
   * @returns null when the order has been carried out; else how the process ended.
   */
  async carryOut(
    order: SweepOrder,
    signal: AbortSignal,
    onEvent: (event: SweepEvent) => void,
  ): Promise<WorkerEnd | null> {
    clearTimeout(this.idle);
    await this.leaving;
    const process = this.process ?? this.start();
    const stop = () => void this.letGo();
    signal.addEventListener('abort', stop);
    try {
      const ending = process.carryOut(order, onEvent);
      if (signal.aborted) stop();
      return await ending;
    } finally {
      signal.removeEventListener('abort', stop);
      this.idle = setTimeout(stop, IDLE_MS).unref();
    }
  }

  /** Has the process end, so that whatever is trained next starts in a clean one. Resolves when it is gone. */
  async letGo(): Promise<void> {
    clearTimeout(this.idle);
    const { process } = this;
    if (process) {
      this.process = null;
      process.stop();
      this.leaving = process.ended;
    }
    await this.leaving;
  }

  private start(): WorkerProcess {
    const process = new WorkerProcess(this.environment, this.verbose);
    this.process = process;
    void process.ended.then(() => {
      if (this.process === process) this.process = null;
    });
    return process;
  }
}
