import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TINY, useSandbox } from './real-command.test-helper.js';
import { screenOf } from './views/screen.test-helper.js';

const { folder, write } = useSandbox();
const BIN = join(process.cwd(), 'bin/gnoise.js');

/** util-linux's `script` gives a command a terminal; that of other systems is another program. */
const hasTerminals = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

/** What a real command writes to a terminal of this size. */
async function onTerminal(args: string, { columns, rows }: { columns: number; rows: number }) {
  const command = `stty cols ${columns} rows ${rows}; exec '${process.execPath}' '${BIN}' ${args}`;
  const env = { ...process.env, TERM: 'xterm', GNOISE_DATA: '' };
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env,
  });
  return stdout;
}

describe.skipIf(!hasTerminals)('on a terminal', () => {
  test('bars of a run move before the first report, fit, and leave every line that was written', async () => {
    const slow = TINY.replace('trainExamples: 300', 'trainExamples: 2000')
      .replace('batchSize: 10, epochs: 6', 'batchSize: 1, epochs: 1')
      .replace('epochs: 600', 'epochs: 2')
      .replace('seeds: 0-1', 'seeds: 0-2');
    write('slow.yaml', slow);
    const size = { columns: 60, rows: 3 };
    const text = await onTerminal(
      'run slow.yaml --backend wasm --arm no-noise --jobs 3 --population 1',
      size,
    );
    const { history, rows } = screenOf(text, size);
    const lines = [...history, ...rows];
    expect(lines.filter((line) => /seed \d: (succeeded|missed)/.test(line))).toHaveLength(3);
    expect(rows.join('\n')).toMatch(/and 2 more populations \| ETA 0:00:00/);
    expect(lines.join('\n')).toMatch(/3 trials: /);
    const percents = [...text.matchAll(/(\d+)% \|/g)].map(([, percent]) => Number(percent));
    expect(percents.some((percent) => percent > 0 && percent < 100)).toBe(true);
    for (const line of lines.filter((each) => each.includes('% |')))
      expect(line).toMatch(/steps\/s \| ETA [-\d:]+$/);
  }, 120_000);

  test('tables and status keep to its width', async () => {
    await onTerminal('run tiny.yaml --backend wasm --quiet', { columns: 80, rows: 24 });
    for (const command of ['table', 'status']) {
      const text = await onTerminal(`${command} tiny.yaml`, { columns: 60, rows: 24 });
      const lines = text.split(/\r?\n/);
      expect(lines.length).toBeGreaterThan(5);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
    }
  }, 60_000);
});
