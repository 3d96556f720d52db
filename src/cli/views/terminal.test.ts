import type { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { capture } from '../streams.test-helper.js';
import { downloadReport } from './download.js';
import { progressView } from './progress.js';
import { watch } from './watch.js';

afterEach(() => vi.unstubAllEnvs());

const shown = { replicas: 2, step: 0, steps: 10, loss: null, trialsDone: 0, trials: 2 };

function written(terminal: string): string {
  vi.stubEnv('TERM', terminal);
  const streams = capture({ isTTY: true });
  const view = progressView(streams, false);
  view.start(0, shown);
  view.stop();
  const report = downloadReport('toy', streams.err);
  report.progress?.(1, 2);
  report.end();
  return streams.text.err;
}

test('a terminal shows bars, and a dumb one dated lines without escape codes', () => {
  expect(written('xterm')).toContain('\u001b[');
  const plain = written('dumb');
  expect(plain).not.toContain('\u001b');
  expect(plain).toMatch(/Z population of 2 started, 10 steps\n.*Z toy: /);
});

test('a watch on a dumb terminal writes no escape codes', async () => {
  vi.stubEnv('TERM', 'dumb');
  const { out, text } = capture({ isTTY: true });
  await watch(out, async () => {
    setImmediate(() => (out as Writable).destroy());
    return '1 done\n';
  });
  expect(text.out).toMatch(/^\S+Z\n1 done\n$/);
});
