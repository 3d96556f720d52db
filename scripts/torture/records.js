import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { faultsOf, gnoise, last } from './product.js';
import { runOf } from './samples.js';

const references = new Map();

/** The records of an undisturbed run of a sample, trained once per harness. */
export function reference(sample, scratch) {
  if (!references.has(sample)) references.set(sample, undisturbed(sample, scratch));
  return references.get(sample);
}

async function undisturbed(sample, scratch) {
  const results = join(scratch, 'undisturbed', sample);
  mkdirSync(results, { recursive: true });
  const start = performance.now();
  const run = await gnoise(runOf(sample, results, '--jobs', '1'));
  if (run.code !== 0)
    throw new Error(`The undisturbed run of ${sample} ended with ${run.code}: ${last(run.err)}`);
  return { results, records: recordsIn(results), seconds: (performance.now() - start) / 1000 };
}

/**
 * Runs a disturbed sweep to its end, undisturbed, and compares every record with those of a sweep that never was.
 * @param logs what the disturbed runners said of the trials that they trained.
 * @returns what was found: lost, different, duplicate trainings, leftovers, and faults of the last run.
 */
export async function settle(sample, results, scratch, logs) {
  age(results);
  const { records } = await reference(sample, scratch);
  const run = await gnoise(runOf(sample, results, '--jobs', '1'));
  const found = faultsOf(run, { allowed: [0] }).map((fault) => `last run: ${fault}`);
  found.push(...differences(records, recordsIn(results)));
  found.push(...duplicates([...logs, run.err]));
  found.push(...leftovers(results).map((file) => `leftover: ${file}`));
  return found;
}

/** Stored trials of a results folder by name, as JSON without where and when they were trained. */
export function recordsIn(results) {
  const trials = files(results).filter((file) => /\/trials\/[^/]+\.json$/.test(`/${file}`));
  return new Map(
    trials.map((file) => {
      const { provenance: _, ...rest } = JSON.parse(readFileSync(join(results, file), 'utf8'));
      return [basename(file), JSON.stringify(rest)];
    }),
  );
}

function differences(expected, actual) {
  const found = [];
  for (const [name, record] of expected) {
    if (!actual.has(name)) found.push(`lost: ${name}`);
    else if (actual.get(name) !== record) found.push(`different: ${name}`);
  }
  for (const name of actual.keys())
    if (!expected.has(name)) found.push(`different: ${name} is no trial of the sweep`);
  return found;
}

/** Trials that were said to be finished more than once, by whichever runner. */
function duplicates(logs) {
  const lines = logs.flatMap((log) => log.match(/^\S+Z .*, seed \d+: (succeeded|missed|diverged)/gm) ?? []);
  const names = lines.map((line) => line.slice(line.indexOf(' ')));
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map(
    (name) => `duplicate:${name}`,
  );
}

/** Makes half-written files as old as those that a later run removes: it leaves those of the last ten minutes to their writers. */
function age(results) {
  const before = Date.now() / 1000 - 3600;
  for (const file of files(results))
    if (file.endsWith('.tmp')) utimesSync(join(results, file), before, before);
}

/** Files that a finished sweep does not have, its tables and what was set aside apart. */
function leftovers(results) {
  const kept = /(^|\/)(trials\/[^/]+\.json|\.claims\/now|[^/]+\.(csv|damaged|broken-\d+))$/;
  return files(results).filter((file) => !kept.test(file));
}

export function files(folder) {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.isFile());
}
