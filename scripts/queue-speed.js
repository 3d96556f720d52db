// Prints what a queue costs: the same sweep by `gnoise run --jobs 2`, and by two `gnoise work --jobs 1` with `gnoise run --queue`,
// in turn: `npm run build && node scripts/queue-speed.js --help`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { Redis } from 'ioredis';
import { wholeNumber } from '../dist/cli/options.js';
import { exitCodes } from './options.js';

const SWEEP = ['configs/babi-single.yaml', '--seeds', '0-3', '--set', 'data.source=generated'];

const root = fileURLToPath(new URL('..', import.meta.url));
const program = new Command('node scripts/queue-speed.js')
  .description('Prints what a queue costs beside the same sweep without one.')
  .argument('<address>', 'of a Redis whose database may be emptied, such as redis://127.0.0.1:6379/9')
  .argument('[arguments...]', 'of gnoise run, after --', SWEEP)
  .option('--rounds <number>', 'of which the median counts', wholeNumber(1), 3)
  .exitOverride(exitCodes)
  .parse();
const [address, sweep] = program.processedArgs;
const { rounds } = program.opts();

const ratios = [];
for (let round = 0; round < rounds; round++) {
  const alone = await timed(inOneProcessTree);
  const queued = await timed(byQueue);
  ratios.push(alone.seconds / queued.seconds);
  // Two processes share the difference.
  const overhead = (2 * 1000 * (queued.seconds - alone.seconds)) / queued.populations;
  console.log(
    `run --jobs 2: ${alone.seconds.toFixed(1)} s; two workers: ${queued.seconds.toFixed(1)} s for ${queued.populations} ` +
      `populations; throughput ${ratios.at(-1).toFixed(3)}, ${overhead.toFixed(0)} ms more per population`,
  );
}
console.log(`median throughput of two workers, run --jobs 2 being 1: ${median(ratios).toFixed(3)}`);

async function timed(run) {
  const results = mkdtempSync(join(tmpdir(), 'gnoise-queue-speed-'));
  const start = performance.now();
  try {
    const populations = await run(results);
    return { seconds: (performance.now() - start) / 1000, populations };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

async function inOneProcessTree(results) {
  await gnoise('run', ...sweep, '--jobs', '2', '--backend', 'wasm', '--results', results).ended;
}

/** @returns how many populations were trained. */
async function byQueue(results) {
  const redis = new Redis(address);
  await redis.flushdb();
  await redis.quit();
  const workers = [1, 2].map(() => gnoise('work', address, '--jobs', '1', '--backend', 'wasm'));
  const log = gnoise('run', ...sweep, '--queue', address, '--backend', 'wasm', '--results', results);
  try {
    await log.ended;
  } finally {
    for (const { child } of workers) child.kill('SIGTERM');
    await Promise.all(workers.map(({ ended }) => ended.catch(() => undefined)));
  }
  return workers.reduce(
    (sum, { lines }) => sum + (lines().match(/population of \d+ started/g) ?? []).length,
    0,
  );
}

function gnoise(...args) {
  const child = spawn(process.execPath, ['bin/gnoise.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (part) => {
    text += part;
  });
  const ended = new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${args[0]} ended with ${code}: ${text}`)),
    );
  });
  return { child, ended, lines: () => text };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
