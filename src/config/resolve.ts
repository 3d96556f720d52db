import type { z } from 'zod';
import type { Experiment, Settings } from '../experiments/experiment.js';
import { parseSeeds, type Seeds } from '../trials/seeds.js';
import { canonicalJson, type Json, type SuccessCriterion } from '../trials/trial.js';
import { type Assignment, overlaps } from './assignments.js';
import type { Arm, Section, Setting, Variant } from './config.js';
import { describe, problemsOf } from './issues.js';
import { mergeMaps } from './merge.js';
import type { Origin, Problem } from './problem.js';
import { SECTIONS } from './schema.js';
import {
  at,
  type Entry,
  keyOrigin,
  type MapTree,
  mapAt,
  mapTree,
  originOf,
  plain,
  put,
  type Tree,
} from './tree.js';

/** More trials than this in one config are a slip in its grid or seeds. */
const MAX_TRIALS = 1_000_000;

/** The profile that is the file itself, without an overlay: what the paper did. */
export const BASE_PROFILE = 'paper';

/** The name of the only setting or arm of a config that names none. */
export const ONLY_NAME = 'default';

export interface Resolution {
  readonly settings: Setting[];
  readonly arms: Arm[];
  readonly variants: Variant[];
  readonly problems: Problem[];
}

interface Request {
  readonly root: MapTree;
  readonly experiment: Experiment;
  readonly trial: z.ZodObject;
  readonly profile: string;
  readonly assignments: readonly Assignment[];
}

/** Values of one grid axis, with the place of each. */
type Axis = readonly [path: string, values: readonly Tree[], origin: Origin];

/** The place of one variant in the config, for messages. */
type Label = { readonly setting: string; readonly arm: string };

/**
 * Puts a config's layers together and checks every variant that comes out. In this order, later ones on top: the file's
 * sections, the profile, the setting, the arm, the grid point, `--set`. Of seeds and grids the last one holds as a whole.
 */
export function resolve(request: Request): Resolution {
  const { root, profile: name, trial } = request;
  const profile = mapAt(root, ['profiles', name]);
  const base = mergeMaps(sectionsOf(root, true), sectionsOf(profile), trial);
  const settings = overlays('settings', root, profile, trial);
  const arms = overlays('arms', root, profile, trial);
  const problems = new ProblemLog();
  const resolved: Setting[] = [];
  const variants: Variant[] = [];
  for (const [setting, overlay] of settings) {
    const layers = [overlay, profile, root];
    const seeds = seedsOf(layers, request, setting, problems);
    const axes = axesOf(layers);
    resolved.push(
      settingOf(setting, overlay, root, seeds, remaining(axes, relevant(request.assignments, { setting }))),
    );
    const merged = mergeMaps(base, sectionsOf(overlay), trial);
    const points: Variant[][] = [];
    for (const [arm, armOverlay] of arms) {
      if (!hasArm(armOverlay, setting)) continue;
      const label = { setting, arm };
      const tree = mergeMaps(merged, sectionsOf(armOverlay), trial);
      points.push(variantsOf(tree, axes, seeds, label, request, problems));
    }
    variants.push(...interleave(points));
  }
  if (variants.length === 0 && problems.isEmpty())
    problems.add(nothingLeft(root, name), { setting: '', arm: '' });
  return {
    settings: resolved,
    arms: [...arms].map(([arm, overlay]) => ({ name: arm, title: textAt(overlay, 'title') ?? arm })),
    variants,
    problems: [...problems.list(variantCount(settings, arms)), ...sameTrials(variants, request)],
  };
}

/** The sections of a layer as a tree of their own; with `all`, a section that is not there as an empty map. */
function sectionsOf(layer: MapTree, all = false): MapTree {
  const entries = SECTIONS.flatMap((section): [string, Entry][] => {
    const entry = layer.entries.get(section);
    if (entry?.value.kind === 'map') return [[section, entry]];
    const origin = entry?.origin ?? layer.origin;
    return all ? [[section, { origin, value: mapTree(origin) }]] : [];
  });
  return mapTree(layer.origin, entries);
}

/** The settings or arms by name, with what the profile changes in them, less those that it leaves out. */
function overlays(
  kind: 'settings' | 'arms',
  root: MapTree,
  profile: MapTree,
  trial: z.ZodObject,
): Map<string, MapTree> {
  const named = mapAt(root, [kind]).entries;
  const names = named.size === 0 ? [ONLY_NAME] : [...named.keys()];
  const only = namesAt(profile, ['only', kind]);
  return new Map(
    names
      .filter((name) => only === undefined || only.includes(name))
      .map((name) => [name, overlaid(mapAt(root, [kind, name]), mapAt(profile, [kind, name]), trial)]),
  );
}

/** One setting or arm with a profile's changes: sections are merged, all else is replaced. */
function overlaid(below: MapTree, above: MapTree, trial: z.ZodObject): MapTree {
  const sections = mergeMaps(sectionsOf(below), sectionsOf(above), trial).entries;
  return { ...below, entries: new Map([...below.entries, ...above.entries, ...sections]) };
}

function hasArm(arm: MapTree, setting: string): boolean {
  return namesAt(arm, ['only'])?.includes(setting) ?? true;
}

function namesAt(tree: MapTree, path: readonly string[]): string[] | undefined {
  const list = at(tree, path);
  return list?.kind === 'list' ? list.items.map((item) => String(plain(item))) : undefined;
}

function textAt(tree: MapTree, key: string): string | undefined {
  const value = tree.entries.get(key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function seedsOf(
  layers: readonly MapTree[],
  request: Request,
  setting: string,
  problems: ProblemLog,
): number[] {
  const given = (path: string) =>
    request.assignments.findLast((assignment) => assignment.path.join('.') === path)?.value;
  const written = layers.map((layer) => layer.entries.get('seeds')?.value).find(Boolean);
  const seeds = given('seeds') ?? given(`settings.${setting}.seeds`) ?? written;
  if (seeds === undefined) {
    const { origin } = request.root;
    problems.add(
      { kind: 'missing', origin, path: 'seeds', expected: 'seeds such as 0-19' },
      { setting, arm: '' },
    );
    return [];
  }
  try {
    return parseSeeds(plain(seeds) as Seeds);
  } catch {
    // What is wrong with them the file's schema has said already.
    return [];
  }
}

function axesOf(layers: readonly MapTree[]): Axis[] {
  const grid = layers.map((layer) => layer.entries.get('grid')?.value).find(Boolean);
  if (grid?.kind !== 'map') return [];
  return [...grid.entries].flatMap(([path, { origin, value }]) =>
    value.kind === 'list' && value.items.length > 0 ? [[path, value.items, origin] as const] : [],
  );
}

/** A value from the command line stands above the grid: an axis that it overrides is left out. */
function remaining(axes: readonly Axis[], assignments: readonly Assignment[]): Axis[] {
  return axes.filter(
    ([path]) => !assignments.some((assignment) => overlaps(assignment.path, path.split('.'))),
  );
}

/** The command line's values for one setting and arm, with paths from the sections on. */
function relevant(assignments: readonly Assignment[], { setting, arm }: Partial<Label>): Assignment[] {
  return assignments.flatMap(({ path, value }) => {
    const [first, name, ...rest] = path as [string, ...string[]];
    const isOwn = (first === 'settings' && name === setting) || (first === 'arms' && name === arm);
    const inner = isOwn ? rest : path;
    return (SECTIONS as readonly string[]).includes(inner[0] ?? '') ? [{ path: inner, value }] : [];
  });
}

function settingOf(
  name: string,
  overlay: MapTree,
  root: MapTree,
  seeds: readonly number[],
  axes: readonly Axis[],
): Setting {
  return {
    name,
    title: textAt(overlay, 'title') ?? name,
    paper: textAt(overlay, 'paper') ?? textAt(root, 'paper') ?? null,
    seeds,
    grid: Object.fromEntries(axes.map(([path, values]) => [path, values.map(plain)])),
  };
}

/** All grid points of one setting and arm, checked. */
function variantsOf(
  tree: MapTree,
  axes: readonly Axis[],
  seeds: readonly number[],
  label: Label,
  request: Request,
  problems: ProblemLog,
): Variant[] {
  const assignments = relevant(request.assignments, label);
  const left = remaining(axes, assignments);
  const count = left.reduce((product, [, values]) => product * values.length, 1) * Math.max(seeds.length, 1);
  if (count > MAX_TRIALS) {
    const message = `these are ${count} trials for each arm; at most ${MAX_TRIALS} make a config.`;
    problems.add({ kind: 'other', origin: left[0]?.[2] ?? tree.origin, path: 'grid', message }, label);
    return [];
  }
  return gridPoints(left).flatMap((point) => {
    const onTop = [...point, ...assignments];
    const placed = placeAll(tree, onTop, label, problems);
    const variation = Object.fromEntries(point.map(({ path, value }) => [path.join('.'), plain(value)]));
    const sections = placed && check(placed, label, request, problems);
    return sections ? [{ ...label, variation, seeds, ...sections }] : [];
  });
}

/** The cross product of the axes; the last axis varies fastest. */
function gridPoints(axes: readonly Axis[]): Assignment[][] {
  return axes.reduce<Assignment[][]>(
    (points, [path, values]) =>
      points.flatMap((point) => values.map((value) => [...point, { path: path.split('.'), value }])),
    [[]],
  );
}

function placeAll(
  tree: MapTree,
  assignments: readonly Assignment[],
  label: Label,
  problems: ProblemLog,
): MapTree | undefined {
  let placed: MapTree = tree;
  for (const { path, value } of assignments) {
    const next = put(placed, path, value);
    if (next === undefined) {
      problems.add(blocked(placed, path, value.origin), label);
      return undefined;
    }
    placed = next;
  }
  return placed;
}

function blocked(tree: MapTree, path: readonly string[], origin: Origin): Problem {
  const length = path.findIndex((_, position) => at(tree, path.slice(0, position + 1))?.kind !== 'map') + 1;
  const wall = path.slice(0, length);
  const message =
    `cannot be set where ${wall.join('.')} is ${describe(at(tree, wall)!)}; ` +
    `set it only where it applies, e.g. with arms.<name>.${path.join('.')}, or set ${wall.join('.')} as a whole.`;
  return { kind: 'other', origin, path: path.join('.'), message };
}

/** The sections of a variant if nothing is wrong with them. */
function check(tree: MapTree, label: Label, request: Request, problems: ProblemLog) {
  const { experiment, trial } = request;
  const parsed = trial.safeParse(plain(tree));
  if (!parsed.success) {
    for (const problem of problemsOf(parsed.error.issues, tree, trial)) problems.add(problem, label);
    return undefined;
  }
  const { success, ...settings } = parsed.data as { success: SuccessCriterion };
  const senseless = experiment.check?.(settings as unknown as Settings) ?? [];
  for (const { path, message } of senseless) {
    problems.add({ kind: 'other', origin: originOf(tree, path.split('.')), path, message }, label);
  }
  const { data, model, train } = settings as unknown as Record<'data' | 'model' | 'train', Section>;
  return senseless.length === 0 ? { data, model, train, success } : undefined;
}

/** From arm by arm to grid point by grid point, so that the arms of a point stand side by side. */
function interleave(arms: readonly (readonly Variant[])[]): Variant[] {
  const longest = Math.max(0, ...arms.map((points) => points.length));
  return Array.from({ length: longest }, (_, point) => arms.flatMap((points) => points[point] ?? [])).flat();
}

/** Two labels for the same trials: they would be trained once and could be counted under one of them only. */
function sameTrials(variants: readonly Variant[], { root }: Request): Problem[] {
  const first = new Map<string, Variant>();
  const problems = new Map<string, Problem>();
  for (const variant of variants) {
    const { data, model, train, success } = variant;
    const key = canonicalJson({ data, model, train, success } as unknown as Json);
    const other = first.get(key);
    if (other === undefined) first.set(key, variant);
    else if (variant.seeds.some((seed) => other.seeds.includes(seed))) {
      const [path, message] = explainSame(variant, other);
      problems.set(`${path.join('.')}${message}`, {
        kind: 'other',
        origin: keyOrigin(root, path),
        path: path.join('.'),
        message,
      });
    }
  }
  return [...problems.values()];
}

function explainSame(variant: Variant, other: Variant): [path: string[], message: string] {
  if (variant.setting !== other.setting) {
    const arms = `${variant.setting}/${variant.arm} and ${other.setting}/${other.arm}`;
    return [['settings', variant.setting], `${arms} are the same trials under two names.`];
  }
  if (variant.arm !== other.arm) {
    const where = variant.setting === ONLY_NAME ? '' : ` in setting ${variant.setting}`;
    return [['arms', variant.arm], `arms ${variant.arm} and ${other.arm} train the same trials${where}.`];
  }
  return [
    ['grid'],
    `${canonicalJson(variant.variation)} and ${canonicalJson(other.variation)} are the same trials.`,
  ];
}

function nothingLeft(root: MapTree, profile: string): Problem {
  const message = 'no setting is left that has an arm: see what `only` leaves out.';
  return {
    kind: 'other',
    origin: originOf(root, ['profiles', profile]),
    path: `profiles.${profile}`,
    message,
  };
}

function variantCount(settings: ReadonlyMap<string, MapTree>, arms: ReadonlyMap<string, MapTree>): number {
  return [...settings.keys()].reduce(
    (count, setting) => count + [...arms.values()].filter((arm) => hasArm(arm, setting)).length,
    0,
  );
}

/** Problems by setting and arm; one that many of them share is told once. */
class ProblemLog {
  private readonly found = new Map<string, { problem: Problem; labels: Set<string> }>();

  add(problem: Problem, { setting, arm }: Label): void {
    const key = JSON.stringify(problem);
    const entry = this.found.get(key) ?? { problem, labels: new Set() };
    const parts = [named('setting', setting), named('arm', arm)].filter((part) => part !== '');
    this.found.set(key, { problem, labels: entry.labels.add(parts.join(', ')) });
  }

  isEmpty(): boolean {
    return this.found.size === 0;
  }

  /** @param total Number of pairs of setting and arm; what concerns all of them needs no label. */
  list(total: number): Problem[] {
    return [...this.found.values()].map(({ problem, labels }) => {
      const [first = ''] = labels;
      const more = labels.size > 1 ? ` and ${labels.size - 1} more` : '';
      return first === '' || labels.size >= total ? problem : { ...problem, context: `${first}${more}` };
    });
  }
}

function named(kind: string, name: string): string {
  return name === '' || name === ONLY_NAME ? '' : `${kind} ${name}`;
}
