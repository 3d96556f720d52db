import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { build } from '../build.test-helper.js';
import type { TrialRecord } from '../results/record.js';

const ROOT = process.cwd();
const BIN = join(ROOT, 'bin/gnoise.js');

/** Two arms and two seeds of a tiny network, trained in a second; under `--profile long` in some seconds. */
export const TINY = `
experiment: mnist20
data: { source: synthetic-digits, trainExamples: 300, testExamples: 100 }
model: { layers: 3, units: 16, init: he }
train: { batchSize: 10, epochs: 6, rate: 0.05 }
success: { metric: testAccuracy, above: 0.2 }
arms:
  no-noise: {}
  with-noise: { train: { noise: { eta: 0.01 } } }
seeds: 0-1
profiles:
  long: { train: { epochs: 600 } }
`;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Wall-clock time of the process. */
  readonly seconds: number;
}

/** What is done once, as soon as the process has written `text` to standard error, so many times. */
export interface Cue {
  readonly text: string;
  readonly times?: number;
  act(child: ChildProcess): void;
}

/** So many populations are in training. */
export const inTraining = (act: Cue['act'], times = 1): Cue => ({ text: 'population of', times, act });

/** A folder of its own in which the built command is run; it holds `tiny.yaml`. */
export interface Sandbox {
  readonly folder: string;
  gnoise(args: readonly string[], cue?: Cue, variables?: Record<string, string>): Promise<Ended>;
  write(file: string, content: string): void;
  /** Stored trials of a config, `tiny` if none is named, by file name, without where and when they were trained. */
  outcomes(results: string, profile?: string, config?: string): Map<string, Omit<TrialRecord, 'provenance'>>;
}

/** Builds the product before the tests of a file, and clears its sandbox away after them. */
export function useSandbox(): Sandbox {
  // A name that has what shells and URLs trip over.
  const folder = mkdtempSync(join(tmpdir(), 'gnoise ünïcode % '));
  const write = (file: string, content: string) => writeFileSync(join(folder, file), content);
  beforeAll(() => build('gnoise'));
  beforeAll(() => write('tiny.yaml', TINY));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    gnoise: (args, cue, variables) => run(folder, args, cue, variables),
    write,
    outcomes(results, profile = 'paper', config = 'tiny') {
      const trials = join(folder, results, config, profile, 'trials');
      const names = readdirSync(trials).filter((name) => name.endsWith('.json'));
      return new Map(
        names.map((name) => {
          const { provenance: _, ...rest } = JSON.parse(
            readFileSync(join(trials, name), 'utf8'),
          ) as TrialRecord;
          return [name, rest];
        }),
      );
    },
  };
}

function run(
  folder: string,
  args: readonly string[],
  cue?: Cue,
  variables: Record<string, string> = {},
): Promise<Ended> {
  const start = performance.now();
  const env = { ...process.env, GNOISE_DATA: '', ...variables };
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env });
  let out = '';
  let err = '';
  let waiting = cue;
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    if (!waiting || err.split(waiting.text).length - 1 < (waiting.times ?? 1)) return;
    const { act } = waiting;
    waiting = undefined;
    act(child);
  });
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, out, err, seconds: (performance.now() - start) / 1000 })),
  );
}
