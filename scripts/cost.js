// Prints the table of docs/cost.md: what the paper profile of each config takes, by `gnoise run --dry-run` on this machine, and
// what committed trials took: `npm run build && node scripts/cost.js --help`. Some six minutes on an idle machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import { exitCodes, namesOf } from './options.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Processes that the estimates are for. */
const JOBS = 2;
/** A larger machine, reckoned by its cores: populations do not talk to each other. */
const CORES = 64;

const configs = readdirSync(join(root, 'configs'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => basename(file, '.yaml'));
const [names] = new Command('node scripts/cost.js')
  .description('Prints what the paper profiles of configs take, by a dry run here and by committed trials.')
  .argument('[configs]', 'names with commas between them', namesOf(configs), configs)
  .exitOverride(exitCodes)
  .parse().processedArgs;
const empty = mkdtempSync(join(tmpdir(), 'gnoise-cost-'));
const rows = [];
try {
  for (const name of names) rows.push(rowOf(name));
} finally {
  rmSync(empty, { recursive: true, force: true });
}
const head = [
  'config',
  'trials',
  `hours, ${JOBS} cores (dry run)`,
  `hours, ${JOBS} cores (measured)`,
  `hours, ${CORES} cores (reckoned)`,
  'memory of a process',
];
console.log(markdownTable([head, ...rows], { align: ['l', 'r', 'r', 'r', 'r', 'r'] }));
console.error(`Measured on ${availableParallelism()} cores.`);

function rowOf(name) {
  const args = ['run', join(root, `configs/${name}.yaml`), '--dry-run', '--json', '--results', empty];
  const options = ['--backend', 'wasm', '--jobs', `${JOBS}`];
  const program = join(root, 'bin/gnoise.js');
  const text = execFileSync(process.execPath, [program, ...args, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
  const [{ trials, populations, estimate }] = JSON.parse(text);
  if (!estimate) return [name, `${trials.length}`, 'no data here', '', '', ''];
  const { seconds, bytes } = estimate;
  const perPopulation = (JOBS * seconds) / populations;
  const wide = Math.max(perPopulation, (JOBS * seconds) / CORES);
  const memory = `${Math.round(bytes / 1e6)} MB and the data`;
  return [name, `${trials.length}`, hours(seconds), measured(name, trials.length), hours(wide), memory];
}

/** Of committed trials that were trained on processors: the time of all, when some are missing, is reckoned from those. */
function measured(name, count) {
  const folder = join(root, 'results', name, 'paper/trials');
  let files;
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    return '';
  }
  const here = files
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).provenance)
    .filter(({ backend }) => backend === 'wasm');
  const seconds = here.reduce((sum, { seconds, population }) => sum + seconds / population, 0);
  if (here.length === 0) return '';
  const whole = hours(((seconds / here.length) * count) / JOBS);
  return here.length === count ? whole : `${whole} (from ${here.length})`;
}

function hours(seconds) {
  const value = seconds / 3600;
  return value < 0.095 ? value.toFixed(2) : value < 9.5 ? value.toFixed(1) : value.toFixed(0);
}
