import { type ChildProcess, fork } from 'node:child_process';
import type { Outcome } from '../results/record.js';

/** What a worker process tells its parent. */
export type WorkerMessage =
  | {
      readonly kind: 'population';
      readonly replicas: number;
      readonly steps: number;
      readonly resumedAt: number;
    }
  | {
      readonly kind: 'progress';
      readonly step: number;
      readonly steps: number;
      readonly replicas: number;
      readonly loss: number;
    }
  | { readonly kind: 'trial'; readonly id: string; readonly label: string; readonly outcome: Outcome }
  | { readonly kind: 'notice'; readonly text: string };

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

/** Longest complaint kept, in characters. */
const COMPLAINT = 4000;

/**
 * Runs `count` workers of this program at once; they share the work by claiming it in the results folder.
 * @param args command line of a worker, without the program's own path.
 * @param signal when aborted, workers are asked to store a checkpoint and stop.
 */
export async function runWorkers(
  program: string,
  args: readonly string[],
  count: number,
  signal: AbortSignal,
  onMessage: (worker: number, message: WorkerMessage) => void,
): Promise<WorkerEnd[]> {
  const workers = Array.from({ length: count }, (_, index) => {
    const child = fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.on('message', (message) => onMessage(index, message as WorkerMessage));
    return child;
  });
  const stop = () => {
    for (const child of workers) if (child.exitCode === null) child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop);
  try {
    return await Promise.all(workers.map(ended));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function ended(child: ChildProcess): Promise<WorkerEnd> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-COMPLAINT);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, complaint: complaint.trim() }));
  });
}
