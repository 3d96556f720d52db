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
  const aimed = assignments.map(aimOf);
  return [...armsBySetting(layers)].map(([setting, arms]) => {
    const overlay = layers.settings.get(setting)!;
    const all = [overlay, layers.profile, layers.root];
    const grid = axesOf(all, trial);
    const seeds = seedsAt(all, aimed, setting);
    return {
      setting,
      overlay,
      seeds,
      seedRanges: seeds === undefined ? [] : rangesIn(seeds),
      axes: remaining(grid, relevant(aimed, { setting })),
      cells: arms.map((arm) => {
        const label = { setting, arm };
        const own = relevant(aimed, label);
        return { label, axes: remaining(grid, own), assignments: own };
      }),
    };
  });
}

/** An assignment with what it aims at: all trials, or those of a setting or an arm. */
interface Aimed {
  readonly kind?: 'settings' | 'arms';
  readonly name?: string;
  /** Its path is that within what it aims at. */
  readonly inner: Assignment;
}

function aimOf(assignment: Assignment): Aimed {
  const [kind, name, ...path] = assignment.path as [string, string, ...string[]];
  if (kind !== 'settings' && kind !== 'arms') return { inner: assignment };
  return { kind, name, inner: { ...assignment, path } };
}

function seedsAt(layers: readonly MapTree[], aimed: readonly Aimed[], setting: string): Tree | undefined {
  const isSeeds = ({ inner }: Aimed) => inner.path[0] === 'seeds';
  const given =
    aimed.findLast((each) => each.kind === undefined && isSeeds(each)) ??
    aimed.findLast((each) => each.kind === 'settings' && each.name === setting && isSeeds(each));
  return given?.inner.value ?? layers.map((layer) => layer.entries.get('seeds')?.value).find(Boolean);
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

/** The command line's values for the sections of one setting and arm. */
function relevant(aimed: readonly Aimed[], { setting, arm }: Label): Assignment[] {
  return aimed
    .filter(({ kind, name }) => kind === undefined || name === (kind === 'settings' ? setting : arm))
    .map(({ inner }) => inner)
    .filter(({ path }) => (SECTIONS as readonly string[]).includes(path[0]!));
}
