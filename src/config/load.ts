import { basename, extname } from 'node:path';
import type { Experiment } from '../experiments/experiment.js';
import { deepFreeze } from '../json.js';
import { suggest } from '../suggest.js';
import { type Assignment, overlaps, parseAssignments } from './assignments.js';
import { BASE_PROFILE, type Config, type TableLayout } from './config.js';
import { describe, problemsOf } from './issues.js';
import { locateConfig } from './locate.js';
import { checkNames, unknownName } from './names.js';
import {
  ConfigError,
  MAX_TOLD,
  type Origin,
  optionOrigin,
  originText,
  type Problem,
  suggestionOf,
  tidyProblems,
} from './problem.js';
import { profilesOf, resolveProfiles } from './profiles.js';
import { readText } from './read.js';
import { fileSchema, scaleSchema, trialSchema } from './schema.js';
import { at, type MapTree, mapAt, mapTree, plain, type Tree, withEntry } from './tree.js';
import { parseYaml } from './yaml.js';

/** What the command line lays over a config file. */
export interface Overrides {
  /** Scale overlay; the default, `paper`, is the file without one. */
  readonly profile?: string | undefined;
  /** `path=value`, on top of everything else, e.g. `train.epochs=2`. */
  readonly set?: readonly string[] | undefined;
  /** Replace the config's seeds. */
  readonly seeds?: SeedsOption | undefined;
}

/** Seeds as they were written on the command line. */
export interface SeedsOption {
  /** Where they were written, for messages. */
  readonly option: '--seed' | '--seeds';
  /** `3`, `0-19`, `0-3,7`. */
  readonly text: string;
}

/**
 * A config file, validated and complete, under one profile.
 * @param given its path, or the name of one that gnoise comes with.
 * @throws ConfigError with all that is wrong in the file and the overrides, each with its place.
 */
export function loadConfig(
  given: string,
  experiments: ReadonlyMap<string, Experiment>,
  overrides: Overrides = {},
): Config {
  const file = locateConfig(given);
  const { tree, problems } = parseYaml(readText(file), file);
  if (problems.length > 0) throw new ConfigError(tidyProblems(problems));
  const root = asRoot(tree, file);
  const { experiment, problems: unknown } = experimentOf(root, experiments);
  const profile = overrides.profile ?? BASE_PROFILE;
  const { assignments, problems: written } = checkWritten(root, experiment, profile, overrides);
  const early = [...unknown, ...written];
  // More cannot be told anyway, and a file that is so far off has little to be merged.
  if (early.length >= MAX_TOLD) throw new ConfigError(tidyProblems(early));
  const trial = trialSchema(experiment);
  const chosen = { root, experiment, trial, profile, assignments };
  const { settings, arms, variants, problems: merged } = resolveProfiles(chosen);
  const all = withoutEchoes(early, merged);
  if (all.length > 0) throw new ConfigError(tidyProblems(all));
  const population = assignments.findLast(({ path }) => path[0] === 'population')?.value;
  return deepFreeze({
    file,
    name: nameOf(file),
    experiment,
    description: textAt(root, 'description'),
    table: { rows: 'arms', columns: [], ...(plain(mapAt(root, ['table'])) as Partial<TableLayout>) },
    profile: { name: profile, title: textAt(mapAt(root, ['profiles', profile]), 'title') },
    profiles: profilesOf(root),
    population: numberOf(
      population ?? at(root, ['profiles', profile, 'population']) ?? at(root, ['population']),
    ),
    settings,
    arms,
    variants,
  });
}

/** The file's name without its ending; names the folder of its results. */
function nameOf(file: string): string {
  return basename(file, extname(file));
}

function asRoot(tree: Tree, file: string): MapTree {
  const origin = { file };
  if (!/^[^.\s]/.test(nameOf(file))) {
    throw fileError(origin, "a config's file name names its results; it cannot begin with a dot or a space.");
  }
  if (tree.kind === 'map') return withoutEmpty({ ...tree, origin: { file, line: 1, column: 1 } });
  const what = tree.kind === 'list' ? 'a list' : tree.value === null ? 'empty' : 'a single value';
  throw fileError(
    origin,
    `the file is ${what}; it must be a map with experiment, data, model, train and so on.`,
  );
}

function fileError(origin: Origin, message: string): ConfigError {
  return new ConfigError([{ kind: 'other', origin, path: '', message }]);
}

/** A name with nothing after it (`no-noise:`) is an overlay that changes nothing. */
function withoutEmpty(root: MapTree): MapTree {
  const filled = ['settings', 'arms', 'profiles'].reduce(
    (tree, kind) => withValues(tree, kind, orEmptyMap),
    root,
  );
  return withValues(filled, 'profiles', (profile) =>
    profile.kind === 'map'
      ? ['settings', 'arms'].reduce((tree, kind) => withValues(tree, kind, orEmptyMap), profile)
      : profile,
  );
}

function orEmptyMap(value: Tree): Tree {
  return value.kind === 'scalar' && value.value === null ? mapTree(value.origin) : value;
}

/** The tree with every value of the map at `key` changed, if there is a map. */
function withValues(tree: MapTree, key: string, change: (value: Tree) => Tree): MapTree {
  const entry = tree.entries.get(key);
  if (entry?.value.kind !== 'map') return tree;
  const changed = [...entry.value.entries].map(
    ([name, { origin, value }]) => [name, { origin, value: change(value) }] as const,
  );
  return withEntry(tree, key, { ...entry, value: mapTree(entry.value.origin, changed) });
}

/** The experiment; for a misspelt one that which was probably meant, so that the rest of the file can be checked. */
function experimentOf(
  root: MapTree,
  experiments: ReadonlyMap<string, Experiment>,
): { experiment: Experiment; problems: Problem[] } {
  const written = at(root, ['experiment']);
  const known = [...experiments.keys()];
  if (written === undefined) {
    const expected = `one of ${known.join(', ')}`;
    throw new ConfigError([{ kind: 'missing', origin: root.origin, path: 'experiment', expected }]);
  }
  const name = written.kind === 'scalar' ? String(written.value) : '';
  const problem = unknownName(
    written.origin,
    `experiment ${describe(written)}`,
    name,
    'a known experiment',
    known,
  );
  const suggestion = suggest(name, known);
  const experiment = experiments.get(name) ?? experiments.get(suggestion ?? '');
  if (experiment === undefined) throw new ConfigError([problem]);
  return { experiment, problems: experiment.name === name ? [] : [problem] };
}

/** What is wrong in the file as it stands, layer by layer, and in the overrides. */
function checkWritten(
  root: MapTree,
  experiment: Experiment,
  profile: string,
  overrides: Overrides,
): { assignments: Assignment[]; problems: Problem[] } {
  const schema = fileSchema(experiment);
  const names = (kind: string) => [...mapAt(root, [kind]).entries.keys()];
  const all = { settings: names('settings'), arms: names('arms') };
  const set = parseAssignments(overrides.set ?? [], trialSchema(experiment), all);
  const assignments = [...set.assignments, ...seedsAssignment(overrides.seeds)];
  const shape = problemsOf(schema.safeParse(plain(root)).error?.issues ?? [], root, schema);
  return {
    assignments,
    problems: [
      // A misspelt experiment has been reported by `experimentOf`, with all the names there are.
      ...shape.filter(({ path }) => path !== 'experiment'),
      ...checkNames(root, profile),
      ...set.problems,
      ...assignments.flatMap(checkScale),
    ],
  };
}

/** What is wrong with seeds or a population from the command line; trials' sections are checked once merged. */
function checkScale({ path, value }: Assignment): Problem[] {
  const key = path.at(-1)!;
  if (!Object.hasOwn(scaleSchema.shape, key) || (path.length > 1 && path[0] !== 'settings')) return [];
  const tree = mapTree(value.origin, [[key, { origin: value.origin, value }]]);
  return problemsOf(scaleSchema.safeParse(plain(tree)).error?.issues ?? [], tree, scaleSchema);
}

function seedsAssignment(seeds: SeedsOption | undefined): Assignment[] {
  if (seeds === undefined) return [];
  const origin = optionOrigin(seeds.option, seeds.text);
  return [{ origin, path: ['seeds'], value: { kind: 'scalar', origin, value: seeds.text } }];
}

/** A mistake seen in the file as written may show again, in other words, once merged: it is told once. */
function withoutEchoes(written: readonly Problem[], merged: readonly Problem[]): Problem[] {
  const places = new Set(written.map(({ origin }) => originText(origin)));
  const paths = written.flatMap((problem) =>
    [problem.path, meantPath(problem)].map((path) => path.split('.')),
  );
  const isEcho = ({ origin, path }: Problem) =>
    places.has(originText(origin)) || paths.some((known) => overlaps(known, path.split('.')));
  return [...written, ...merged.filter((problem) => !isEcho(problem))];
}

/** `model.width` for a misspelt `model.wdith`: it is not missing as well. */
function meantPath(problem: Problem): string {
  const suggestion = suggestionOf(problem);
  return suggestion === undefined
    ? problem.path
    : [...problem.path.split('.').slice(0, -1), suggestion].join('.');
}

function textAt(tree: MapTree, key: string): string | null {
  const value = tree.entries.get(key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : null;
}

function numberOf(tree: Tree | undefined): number | null {
  return tree?.kind === 'scalar' && typeof tree.value === 'number' ? tree.value : null;
}
