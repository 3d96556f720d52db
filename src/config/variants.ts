import { z } from 'zod';
import type { Experiment } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import type { Assignment } from './assignments.js';
import type { Variant } from './config.js';
import { type Axis, gridPoints, pointCount } from './grid.js';
import { describe, problemsOf } from './issues.js';
import type { Origin, Problem } from './problem.js';
import type { Label, ProblemLog } from './problem-log.js';
import type { TrialSchema } from './schema.js';
import { schemaAt } from './shape.js';
import { at, type MapTree, originOf, plain, put, treeOf } from './tree.js';

/** More trials than this in one config are a slip in its grid or seeds. */
const MAX_TRIALS = 1_000_000;

/** One setting and arm, and what lies on top of their sections. */
export interface VariantRequest {
  readonly experiment: Experiment;
  readonly trial: TrialSchema;
  readonly label: Required<Label>;
  readonly seeds: readonly number[];
  readonly axes: readonly Axis[];
  /** From the command line, with paths from the sections on. */
  readonly assignments: readonly Assignment[];
  readonly problems: ProblemLog;
}

/** All grid points of one setting and arm, checked; those with problems are left out and logged. */
export function variantsOf(tree: MapTree, request: VariantRequest): Variant[] {
  const { label, seeds, axes, assignments, problems } = request;
  const count = pointCount(axes) * Math.max(seeds.length, 1);
  if (count > MAX_TRIALS) {
    const message = `these are ${count} trials for each arm; at most ${MAX_TRIALS} make a config.`;
    problems.add({ kind: 'other', origin: axes[0]?.origin ?? tree.origin, path: 'grid', message }, label);
    return [];
  }
  return gridPoints(axes).flatMap((point) => {
    const placed = placeAll(tree, [...point, ...assignments], request);
    const sections = placed && check(placed, request);
    const variation = Object.fromEntries(point.map(({ path, value }) => [path.join('.'), plain(value)]));
    return sections ? [{ ...label, variation, seeds, ...sections }] : [];
  });
}

function placeAll(
  tree: MapTree,
  assignments: readonly Assignment[],
  { trial, label, problems }: VariantRequest,
): MapTree | undefined {
  let placed: MapTree = tree;
  for (const { origin, path, value } of assignments) {
    const complete = withDefaults(placed, path, trial);
    const next = put(complete, path, value);
    if (next === undefined) {
      problems.add(blocked(complete, path, origin), label);
      return undefined;
    }
    placed = next;
  }
  return placed;
}

/** The tree with the defaults above a path written out: a rate for noise that is `none` by default is a mistake. */
function withDefaults(tree: MapTree, path: readonly string[], trial: z.ZodObject): MapTree {
  let complete = tree;
  for (let length = 2; length < path.length; length++) {
    const above = path.slice(0, length);
    const schema = schemaAt(trial, above);
    if (!(schema instanceof z.ZodDefault) || at(complete, above) !== undefined) continue;
    complete = put(complete, above, treeOf(schema.def.defaultValue as Json, tree.origin)) ?? complete;
  }
  return complete;
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
function check(tree: MapTree, { experiment, trial, label, problems }: VariantRequest) {
  const parsed = trial.safeParse(plain(tree));
  if (!parsed.success) {
    for (const problem of problemsOf(parsed.error.issues, tree, trial)) problems.add(problem, label);
    return undefined;
  }
  const { success, ...settings } = parsed.data;
  const senseless = experiment.check?.(settings) ?? [];
  for (const { path, message } of senseless) {
    problems.add({ kind: 'other', origin: originOf(tree, path.split('.')), path, message }, label);
  }
  return senseless.length === 0 ? { ...settings, success } : undefined;
}
