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
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

/** What the parent of a worker does with what it is told. */
export interface Listener {
  onEvent(event: SweepEvent): void;
  /** The worker cannot go on, and is about to end. */
  onFailure(failure: Failure): void;
}

/** Longest complaint kept, in characters. */
const COMPLAINT = 4000;

/** A process of its own that carries out an order. */
export class WorkerProcess {
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<WorkerEnd>;
  private readonly child: ChildProcess;
  private complaint = '';

  /** @param environment variables that are its own, beside those that it has from this process. */
  constructor(order: SweepOrder, environment: NodeJS.ProcessEnv, listener: Listener) {
    // Where the user wants to see the native library's own messages, they are not kept from him.
    const errors = order.backend.verbose ? 'inherit' : 'pipe';
    const env = { ...process.env, ...environment };
    this.child = fork(ENTRY, { env, stdio: ['ignore', 'ignore', errors, 'ipc'] });
    this.child.on('message', (message: FromWorker) => {
      if (message.kind === 'failure') listener.onFailure(message);
      else listener.onEvent(message);
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString()).slice(-COMPLAINT);
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null, complaint = this.complaint) =>
        resolve({ code, signal, complaint: complaint.trim() });
      this.child.once('close', end);
      // It could not be started at all.
      this.child.once('error', (error) => end(null, null, error.message));
    });
    this.send({ kind: 'order', order });
  }

  /** Asks it to store a checkpoint and end. */
  stop(): void {
    this.send({ kind: 'stop' });
  }

  private send(message: ToWorker): void {
    // One that is gone cannot be told, and need not.
    if (this.child.connected) this.child.send(message, () => {});
  }
}
