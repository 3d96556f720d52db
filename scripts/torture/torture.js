// Tries to make gnoise lose, spoil or repeat work, and tells what it did and found: `npm run build && npm run torture -- --help`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import { wholeNumber } from '../../dist/cli/options.js';
import { exitCodes, namesOf, positiveNumber } from '../options.js';
import * as clocks from './clocks.js';
import * as disks from './disks.js';
import * as damage from './inputs.js';
import * as kills from './kills.js';

/** By name, with the share of the time that each is given. */
const stages = {
  kills: { ...kills, share: 0.45 },
  disks: { ...disks, share: 0.15 },
  clocks: { ...clocks, share: 0.15 },
  inputs: { ...damage, share: 0.25 },
};

const options = new Command('npm run torture --')
  .description('Tries to make gnoise lose, spoil or repeat work, and tells what it did and found.')
  .option('--minutes <number>', 'how long; a thousand kills take hours', positiveNumber, 5)
  .option('--seed <number>', 'what is drawn: plans, moments, mutations', wholeNumber(0), 1)
  .option(
    '--stages <names>',
    `some of ${Object.keys(stages).join()}`,
    namesOf(Object.keys(stages)),
    Object.keys(stages),
  )
  .option('--lanes <number>', 'rounds at once', wholeNumber(1), 1)
  .option('--rounds <number>', 'so many rounds of each stage instead of --minutes', wholeNumber(1))
  .option(
    '--inputs <number>',
    'of each kind to the functions that read them, in a round',
    wholeNumber(0),
    200,
  )
  .option('--round <number>', 'only this round of each stage, to repeat what was found', wholeNumber(0))
  .exitOverride(exitCodes)
  .parse()
  .opts();
const { minutes, seed, stages: names, lanes, inputs, round: first = 0 } = options;
const rounds = options.round === undefined ? (options.rounds ?? Infinity) : 1;

const scratch = mkdtempSync(join(tmpdir(), 'gnoise-torture-'));
const begun = performance.now();
const tallies = new Map(
  names.map((name) => [name, { begun: 0, rounds: 0, seconds: 0, counts: {}, found: [], skipped: new Set() }]),
);
await Promise.all(Array.from({ length: lanes }, lane));
report();
rmSync(scratch, { recursive: true, force: true });
process.exit([...tallies.values()].some(({ found }) => found.length > 0) ? 1 : 0);

async function lane() {
  for (let name = next(); name !== undefined; name = next()) await once(name);
}

/** The stage that is furthest behind its share of the time, or undefined when all is done. */
function next() {
  const isOver = rounds === Infinity && performance.now() - begun > minutes * 60_000;
  const open = names.filter((name) => tallies.get(name).begun < rounds);
  if (isOver || open.length === 0) return undefined;
  const spent = (name) => tallies.get(name).seconds / stages[name].share;
  return open.reduce((least, name) => (spent(name) < spent(least) ? name : least));
}

async function once(name) {
  const tally = tallies.get(name);
  const number = first + tally.begun;
  tally.begun += 1;
  const start = performance.now();
  const { counts, found, skipped } = await stages[name].round(seed, number, { scratch, inputs });
  tally.rounds += 1;
  tally.seconds += (performance.now() - start) / 1000;
  for (const [what, count] of Object.entries(counts)) tally.counts[what] = (tally.counts[what] ?? 0) + count;
  if (skipped) tally.skipped.add(skipped);
  const repeat = `npm run torture -- --stages ${name} --seed ${seed} --inputs ${inputs} --round ${number}`;
  for (const what of found) {
    tally.found.push({ what, repeat });
    console.log(`FOUND ${what}\n      ${repeat}`);
  }
  console.log(`${clock()} ${name}: round ${number}, ${countsText(tally)}, ${tally.found.length} found`);
}

function report() {
  const rows = [...tallies].map(([name, tally]) => [
    name,
    `${tally.rounds}`,
    tally.seconds.toFixed(0),
    countsText(tally),
    `${tally.found.length}`,
  ]);
  console.log(
    `\n${markdownTable([['stage', 'rounds', 'seconds', 'done', 'found'], ...rows], { align: ['l', 'r', 'r', 'l', 'r'] })}`,
  );
  for (const [name, { skipped }] of tallies)
    for (const reason of skipped) console.log(`${name}: left out: ${reason}`);
  for (const { found } of tallies.values())
    for (const { what, repeat } of found) console.log(`\nFOUND ${what}\n  ${repeat}`);
}

function countsText({ counts }) {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function clock() {
  return `${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s`;
}
