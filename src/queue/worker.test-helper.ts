import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import { workersOf } from '../runner/workers/processes.test-helper.js';

const BIN = join(process.cwd(), 'bin/gnoise.js');

/** A worker as a machine of its own would run it. */
export class TestWorker {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  err = '';
  private static readonly all: TestWorker[] = [];

  constructor(folder: string, address: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(
      process.execPath,
      [BIN, 'work', address, '--backend', 'wasm', '--jobs', '1', ...args],
      {
        cwd: folder,
        env: { ...process.env, GNOISE_DATA: '', ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.child.stderr!.on('data', (chunk) => {
      this.err += chunk;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
    TestWorker.all.push(this);
  }

  static async endAll(): Promise<void> {
    for (const { child } of TestWorker.all) child.kill('SIGCONT');
    for (const { child } of TestWorker.all) child.kill('SIGTERM');
    await Promise.all(TestWorker.all.splice(0).map(({ ended }) => ended));
  }

  /** The processes in which it trains. */
  get trainers(): number[] {
    return workersOf(this.child.pid!);
  }

  /** Waits until it has said this, so many times. */
  async says(text: string | RegExp, times = 1): Promise<void> {
    await expect
      .poll(() => this.err.split(text).length - 1, { timeout: 60_000, interval: 50 })
      .toBeGreaterThanOrEqual(times);
  }

  /** Ends it as a lost machine ends: the process and its trainings at once. */
  async vanish(): Promise<void> {
    for (const pid of [this.child.pid!, ...this.trainers]) process.kill(pid, 'SIGKILL');
    await this.ended;
  }
}

/** An environment in which Node runs this first. */
export const preloading = (code: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"`,
});
