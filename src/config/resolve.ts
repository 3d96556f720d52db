import type { Experiment } from '../experiments/experiment.js';
import { type SeedRange, seedsIn } from '../trials/seeds.js';
import type { Assignment } from './assignments.js';
import { type Block, blocksOf } from './blocks.js';
import type { Arm, Setting, Variant } from './config.js';
import { checkDistinct } from './distinct.js';
import { countPairs, type Layers, layersOf, sectionsOf } from './layers.js';
import { MAX_VARIANTS } from './limits.js';
import { mergeMaps } from './merge.js';
import type { Problem } from './problem.js';
import { ProblemLog } from './problem-log.js';
import type { TrialSchema } from './schema.js';
import { countVariants, pairsProblem, sizeProblem } from './size.js';
import { type MapTree, originOf, plain } from './tree.js';
import { VariantMaker } from './variants.js';

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
 * @param most Variants that are made at most; where there are more, there are none.
 */
export function resolve(request: ResolveRequest, most = MAX_VARIANTS): Resolution {
  const { root, experiment, trial, assignments } = request;
  const nothing = { settings: [], arms: [], variants: [] };
  const layers = layersOf(root, request.profile, trial);
  const pairs = countPairs(layers);
  if (pairs === 0) return { ...nothing, problems: [nothingLeft(root, request.profile)] };
  const tooManyPairs = pairsProblem(pairs, root);
  if (tooManyPairs) return { ...nothing, problems: [tooManyPairs] };
  const blocks = blocksOf(layers, trial, assignments);
  const tooMany = sizeProblem(blocks);
  if (tooMany) return { ...nothing, problems: [tooMany] };
  if (countVariants(blocks) > most) return { ...nothing, problems: [] };

  const problems = new ProblemLog();
  const maker = new VariantMaker(experiment, trial, problems);
  const seedsOf = seedLists();
  const base = mergeMaps(sectionsOf(root, true), sectionsOf(layers.profile), trial);
  const variants: Variant[] = [];
  const settings = blocks.map((block) => {
    const { setting, overlay, cells, seedRanges } = block;
    if (block.seeds === undefined) problems.add(noSeeds(root), { setting });
    const seeds = seedsOf(seedRanges);
    const merged = mergeMaps(base, sectionsOf(overlay), trial);
    const points = cells.map((cell) => {
      const tree = mergeMaps(merged, sectionsOf(layers.arms.get(cell.label.arm)!), trial);
      return maker.variantsOf(tree, { ...cell, seeds });
    });
    for (const variant of interleaved(points)) variants.push(variant);
    return settingOf(block, seeds, root);
  });
  checkDistinct(variants, root, assignments.length === 0 ? '' : ' with these options', problems);
  const labels = blocks.flatMap(({ cells }) => cells.map(({ label }) => label));
  return { settings, arms: armsOf(layers, blocks), variants, problems: problems.list(labels) };
}

/** Lists the seeds of ranges; settings that share ranges share the list. */
function seedLists(): (ranges: readonly SeedRange[]) => readonly number[] {
  const lists = new Map<readonly SeedRange[], readonly number[]>();
  return (ranges) => {
    const seeds = lists.get(ranges) ?? seedsIn(ranges);
    lists.set(ranges, seeds);
    return seeds;
  };
}

/** From arm by arm to grid point by grid point, so that the arms of a point stand side by side. */
function* interleaved(arms: readonly (readonly Variant[])[]): Generator<Variant> {
  const longest = arms.reduce((length, points) => Math.max(length, points.length), 0);
  for (let point = 0; point < longest; point++) {
    for (const points of arms) if (point < points.length) yield points[point]!;
  }
}

function settingOf({ setting, overlay, axes }: Block, seeds: readonly number[], root: MapTree): Setting {
  return {
    name: setting,
    title: textAt(overlay, 'title') ?? setting,
    paper: textAt(overlay, 'paper') ?? textAt(root, 'paper') ?? null,
    seeds,
    grid: Object.fromEntries(axes.map(({ name, values }) => [name, values.map(plain)])),
  };
}

function armsOf({ arms }: Layers, blocks: readonly Block[]): Arm[] {
  const used = new Set(blocks.flatMap(({ cells }) => cells.map(({ label }) => label.arm)));
  return [...arms]
    .filter(([arm]) => used.has(arm))
    .map(([arm, overlay]) => ({ name: arm, title: textAt(overlay, 'title') ?? arm }));
}

function textAt(tree: MapTree, key: string): string | undefined {
  const value = tree.entries.get(key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function noSeeds(root: MapTree): Problem {
  return { kind: 'missing', origin: root.origin, path: 'seeds', expected: 'one or several, e.g. 0-19' };
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
