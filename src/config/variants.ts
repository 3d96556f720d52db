import { z } from 'zod';
import type { Experiment, Settings } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import type { Assignment } from './assignments.js';
import type { Variant } from './config.js';
import type { Axis } from './grid.js';
import { describe, problemsOf } from './issues.js';
import type { Origin, Problem } from './problem.js';
import type { Label, ProblemLog } from './problem-log.js';
import type { TrialSchema } from './schema.js';
import { schemaAt } from './shape.js';
import { at, type MapTree, originOf, plain, put, treeOf } from './tree.js';

/** One setting and arm, and what lies on top of their sections. */
export interface VariantRequest {
  readonly label: Required<Label>;
  readonly seeds: readonly number[];
  readonly axes: readonly Axis[];
  /** From the command line, with paths from the sections on; none of them overlaps an axis. */
  readonly assignments: readonly Assignment[];
}

/** Makes variants of merged sections, and logs what is wrong with them. */
export class VariantMaker {
  private readonly read;

  constructor(
    private readonly experiment: Experiment,
    private readonly trial: TrialSchema,
    private readonly problems: ProblemLog,
  ) {
    const { data, model, train, success } = trial.shape;
    this.read = {
      data: sectionReader('data', data),
      model: sectionReader('model', model),
      train: sectionReader('train', train),
      success: sectionReader('success', success),
    };
  }

  /** All grid points of one setting and arm, the last axis varying fastest; those with problems are left out. */
  variantsOf(tree: MapTree, { label, seeds, axes, assignments }: VariantRequest): Variant[] {
    const variants: Variant[] = [];
    const walk = (placed: MapTree, variation: Variant['variation'], [axis, ...rest]: readonly Axis[]) => {
      if (axis === undefined) {
        const sections = this.check(placed, label);
        if (sections) variants.push({ ...label, variation, seeds, ...sections });
        return;
      }
      for (const value of axis.values) {
        const next = this.place(placed, { ...axis, value }, label);
        if (next) walk(next, { ...variation, [axis.name]: plain(value) }, rest);
      }
    };
    const start = assignments.reduce<MapTree | undefined>(
      (placed, assignment) => placed && this.place(placed, assignment, label),
      tree,
    );
    if (start) walk(start, {}, axes);
    return variants;
  }

  private place(tree: MapTree, { origin, path, value }: Assignment, label: Label): MapTree | undefined {
    const complete = withDefaults(tree, path, this.trial);
    const placed = put(complete, path, value);
    if (placed === undefined) this.problems.add(blocked(complete, path, origin), label);
    return placed;
  }

  /** The sections of a variant if nothing is wrong with them. */
  private check(tree: MapTree, label: Label) {
    const data = this.read.data(tree);
    const model = this.read.model(tree);
    const train = this.read.train(tree);
    const success = this.read.success(tree);
    const problems = [data, model, train, success].flatMap((section) => section.problems);
    const sections = { data: data.value!, model: model.value!, train: train.value!, success: success.value! };
    if (problems.length === 0) problems.push(...this.senseless(sections, tree));
    for (const problem of problems) this.problems.add(problem, label);
    return problems.length === 0 ? sections : undefined;
  }

  /** Combinations that make no sense to the experiment. */
  private senseless(sections: Settings, tree: MapTree): Problem[] {
    const wrong = this.experiment.check?.(sections) ?? [];
    return wrong.map(({ path, message }) => ({
      kind: 'other',
      origin: originOf(tree, path.split('.')),
      path,
      message,
    }));
  }
}

/** What a section's tree comes to; the value is undefined where there are problems. */
interface Checked<T> {
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

/** Reads a section of a trial's tree. Grid points share the sections that they do not change: each is checked once. */
function sectionReader<T>(name: string, schema: z.ZodType<T>): (tree: MapTree) => Checked<T> {
  const read = new WeakMap<MapTree, Checked<T>>();
  return (tree) => {
    const section = tree.entries.get(name)?.value as MapTree;
    const known = read.get(section);
    if (known) return known;
    const { data, error } = schema.safeParse(plain(section));
    const checked = { value: data, problems: problemsOf(error?.issues ?? [], tree, schema, [name]) };
    read.set(section, checked);
    return checked;
  };
}

/** The tree with the defaults above a path written out: a rate for noise that is `none` by default is a mistake. */
function withDefaults(tree: MapTree, path: readonly string[], trial: z.ZodObject): MapTree {
  let complete = tree;
  for (let length = 2; length < path.length; length++) {
    const above = path.slice(0, length);
    const schema = schemaAt(trial, above);
    if (!(schema instanceof z.ZodDefault) || at(complete, above) !== undefined) continue;
    const standard = schema.def.defaultValue as Json;
    complete = put(complete, above, treeOf(standard, tree.origin)) ?? complete;
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
