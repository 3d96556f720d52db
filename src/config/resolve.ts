import type { z } from 'zod';
import type { Experiment } from '../experiments/experiment.js';
import { parseSeeds, type Seeds } from '../trials/seeds.js';
import type { Assignment } from './assignments.js';
import { type Arm, ONLY_NAME, type Setting, type Variant } from './config.js';
import { checkDistinct } from './distinct.js';
import { type Axis, axesOf, remaining } from './grid.js';
import { mergeMaps } from './merge.js';
import type { Problem } from './problem.js';
import { type Label, ProblemLog } from './problem-log.js';
import { SECTIONS, type TrialSchema } from './schema.js';
import { at, type Entry, type MapTree, mapAt, mapTree, originOf, plain } from './tree.js';
import { variantsOf } from './variants.js';

export interface Resolution {
  readonly settings: Setting[];
  readonly arms: Arm[];
  readonly variants: Variant[];
  readonly problems: Problem[];
}

export interface ResolveRequest {
  readonly root: MapTree;
  readonly experiment: Experiment;
  readonly trial: TrialSchema;
  readonly profile: string;
  readonly assignments: readonly Assignment[];
}

/**
 * Puts a config's layers together and checks every variant that comes out. In this order, later ones on top: the file's
 * sections, the profile, the setting, the arm, the grid point, `--set`. Of seeds and grids the last one holds as a whole.
 */
export function resolve(request: ResolveRequest): Resolution {
  const { root, experiment, trial, assignments } = request;
  const profile = mapAt(root, ['profiles', request.profile]);
  const base = mergeMaps(sectionsOf(root, true), sectionsOf(profile), trial);
  const settings = overlays('settings', root, profile, trial);
  const arms = overlays('arms', root, profile, trial);
  const labels = pairs(settings, arms);
  const problems = new ProblemLog(labels);
  if (labels.length === 0) problems.add(nothingLeft(root, request.profile), { setting: ONLY_NAME });
  const variants: Variant[] = [];
  const resolved = [...settings].flatMap(([setting, overlay]): Setting[] => {
    const own = labels.filter((label) => label.setting === setting);
    if (own.length === 0) return [];
    const layers = [overlay, profile, root];
    const seeds = seedsOf(layers, request, setting, problems);
    const axes = axesOf(layers, trial);
    const merged = mergeMaps(base, sectionsOf(overlay), trial);
    const points = own.map((label) => {
      const onTop = relevant(assignments, label);
      const tree = mergeMaps(merged, sectionsOf(arms.get(label.arm)!), trial);
      const left = remaining(axes, onTop);
      return variantsOf(tree, { experiment, trial, label, seeds, axes: left, assignments: onTop, problems });
    });
    variants.push(...interleave(points));
    return [settingOf(setting, overlay, root, seeds, remaining(axes, relevant(assignments, { setting })))];
  });
  checkDistinct(variants, root, assignments.length === 0 ? '' : ' with these options', problems);
  const armNames = new Set(labels.map(({ arm }) => arm));
  return {
    settings: resolved,
    arms: [...arms]
      .filter(([arm]) => armNames.has(arm))
      .map(([arm, overlay]) => ({ name: arm, title: textAt(overlay, 'title') ?? arm })),
    variants,
    problems: problems.list(),
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

/** Which setting has which arm. */
function pairs(
  settings: ReadonlyMap<string, MapTree>,
  arms: ReadonlyMap<string, MapTree>,
): Required<Label>[] {
  return [...settings.keys()].flatMap((setting) =>
    [...arms]
      .filter(([, overlay]) => namesAt(overlay, ['only'])?.includes(setting) ?? true)
      .map(([arm]) => ({ setting, arm })),
  );
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
  { root, assignments }: ResolveRequest,
  setting: string,
  problems: ProblemLog,
): number[] {
  const given = (path: string) =>
    assignments.findLast((assignment) => assignment.path.join('.') === path)?.value;
  const written = layers.map((layer) => layer.entries.get('seeds')?.value).find(Boolean);
  const seeds = given('seeds') ?? given(`settings.${setting}.seeds`) ?? written;
  if (seeds === undefined) {
    const expected = 'one or several, e.g. 0-19';
    problems.add({ kind: 'missing', origin: root.origin, path: 'seeds', expected }, { setting });
    return [];
  }
  try {
    return parseSeeds(plain(seeds) as Seeds);
  } catch {
    // What is wrong with them the file's schema has said already.
    return [];
  }
}

/** The command line's values for one setting and arm, with paths from the sections on. */
function relevant(assignments: readonly Assignment[], { setting, arm }: Label): Assignment[] {
  return assignments.flatMap(({ origin, path, value }) => {
    const [first, name, ...rest] = path as [string, ...string[]];
    const isOwn = (first === 'settings' && name === setting) || (first === 'arms' && name === arm);
    const inner = isOwn ? rest : path;
    return (SECTIONS as readonly string[]).includes(inner[0] ?? '') ? [{ origin, path: inner, value }] : [];
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
    grid: Object.fromEntries(axes.map(({ path, values }) => [path.join('.'), values.map(plain)])),
  };
}

/** From arm by arm to grid point by grid point, so that the arms of a point stand side by side. */
function interleave(arms: readonly (readonly Variant[])[]): Variant[] {
  const longest = Math.max(0, ...arms.map((points) => points.length));
  return Array.from({ length: longest }, (_, point) => arms.flatMap((points) => points[point] ?? [])).flat();
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
