import type { z } from 'zod';
import { parseSeedRanges, type SeedRange, type Seeds } from '../trials/seeds.js';
import type { Assignment } from './assignments.js';
import { type Axis, axesOf, remaining } from './grid.js';
import { armsBySetting, type Layers } from './layers.js';
import type { Label } from './problem-log.js';
import { SECTIONS } from './schema.js';
import { type MapTree, plain, type Tree } from './tree.js';

/** A setting with all that says how many trials it has; the trials themselves are made later. */
export interface Block {
  readonly setting: string;
  readonly overlay: MapTree;
  /** As they were written; undefined where they are missing. */
  readonly seeds: Tree | undefined;
  /** Empty where they are missing or wrong. */
  readonly seedRanges: readonly SeedRange[];
  /** The setting's grid, less what the command line says of all arms. */
  readonly axes: readonly Axis[];
  readonly cells: readonly Cell[];
}

/** One of a setting's arms. */
export interface Cell {
  readonly label: Required<Label>;
  /** The grid, less what the command line says of this arm. */
  readonly axes: readonly Axis[];
  /** The command line's values for setting and arm, with paths from the sections on. */
  readonly assignments: readonly Assignment[];
}

/** Every setting that has an arm. Of seeds and grids the topmost layer's hold as a whole. */
export function blocksOf(layers: Layers, trial: z.ZodObject, assignments: readonly Assignment[]): Block[] {
  const rangesIn = seedsReader();
  return [...armsBySetting(layers)].map(([setting, arms]) => {
    const overlay = layers.settings.get(setting)!;
    const all = [overlay, layers.profile, layers.root];
    const grid = axesOf(all, trial);
    const seeds = seedsAt(all, assignments, setting);
    return {
      setting,
      overlay,
      seeds,
      seedRanges: seeds === undefined ? [] : rangesIn(seeds),
      axes: remaining(grid, relevant(assignments, { setting })),
      cells: arms.map((arm) => {
        const label = { setting, arm };
        const own = relevant(assignments, label);
        return { label, axes: remaining(grid, own), assignments: own };
      }),
    };
  });
}

function seedsAt(
  layers: readonly MapTree[],
  assignments: readonly Assignment[],
  setting: string,
): Tree | undefined {
  const given = (path: string) =>
    assignments.findLast((assignment) => assignment.path.join('.') === path)?.value;
  const written = layers.map((layer) => layer.entries.get('seeds')?.value).find(Boolean);
  return given('seeds') ?? given(`settings.${setting}.seeds`) ?? written;
}

/** Reads seeds; those that many settings share are read once, and are then the same list. */
function seedsReader(): (seeds: Tree) => readonly SeedRange[] {
  const read = new Map<Tree, readonly SeedRange[]>();
  return (seeds) => {
    const ranges = read.get(seeds) ?? rangesOf(seeds);
    read.set(seeds, ranges);
    return ranges;
  };
}

function rangesOf(seeds: Tree): readonly SeedRange[] {
  try {
    return parseSeedRanges(plain(seeds) as Seeds);
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
