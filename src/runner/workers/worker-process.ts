import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SweepEvent } from '../events.js';
import type { SweepOrder } from '../order.js';
import type { Failure, FromWorker, ToWorker } from './channel.js';

const ENTRY = fileURLToPath(new URL('./worker.js', import.meta.url));

/** How a worker process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not go on, where it said so. */
  readonly failure: Failure | null;
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

/** Longest complaint kept, in characters. */
const COMPLAINT = 4000;

/** A process of its own that carries out orders, one after another. */
export class WorkerProcess {
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<WorkerEnd>;
  private readonly child: ChildProcess;
  private failure: Failure | null = null;
  private complaint = '';
  private onEvent: (event: SweepEvent) => void = () => {};
  private onDone: () => void = () => {};

  /**
   * @param environment variables that are its own, beside those that it has from this process.
   * @param verbose whether the user wants to see the native library's own messages: then they are not kept from him.
   */
  constructor(environment: NodeJS.ProcessEnv, verbose: boolean) {
    const env = { ...process.env, ...environment };
    this.child = fork(ENTRY, { env, stdio: ['ignore', 'ignore', verbose ? 'inherit' : 'pipe', 'ipc'] });
    this.child.on('message', (message: FromWorker) => this.hear(message));
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString()).slice(-COMPLAINT);
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null, complaint = this.complaint) =>
        resolve({ code, signal, failure: this.failure, complaint: complaint.trim() });
      this.child.once('close', end);
      // It could not be started at all.
      this.child.once('error', (error) => end(null, null, error.message));
    });
  }

  /**
   * Has it carry out an order, after the one before.
   * @returns null once it is done and waits for the next one; else how the process ended.
   */
  carryOut(order: SweepOrder, onEvent: (event: SweepEvent) => void): Promise<WorkerEnd | null> {
    this.onEvent = onEvent;
    const done = new Promise<null>((resolve) => {
      this.onDone = () => resolve(null);
    });
    this.send({ kind: 'order', order });
    return Promise.race([done, this.ended]);
  }

  /** Asks it to store a checkpoint of what it trains, and end. */
  stop(): void {
    this.send({ kind: 'stop' });
  }

  private hear(message: FromWorker): void {
    switch (message.kind) {
      case 'failure':
        this.failure = message;
        return;
      case 'done':
        this.onDone();
        return;
      default:
        this.onEvent(message);
    }
  }

  private send(message: ToWorker): void {
    // One that is gone cannot be told, and need not.
    if (this.child.connected) this.child.send(message, () => {});
  }
}
