import { z } from 'zod';
import type { Experiment, Settings } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import type { SuccessCriterion } from '../trials/trial.js';
import type { Assignment } from './assignments.js';
import type { Section, Variant } from './config.js';
import type { Axis } from './grid.js';
import { describe, problemsOf } from './issues.js';
import type { Origin, Problem } from './problem.js';
import type { Label, ProblemLog } from './problem-log.js';
import { SECTIONS } from './schema.js';
import { schemaAt } from './shape.js';
import { at, type MapTree, originOf, plain, put, treeOf } from './tree.js';

type SectionName = (typeof SECTIONS)[number];
type Sections = Pick<Variant, SectionName>;

interface CheckedSection {
  readonly value: Section | undefined;
  readonly problems: readonly Problem[];
}

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
  /** What trees come to as sections. Grid points share the sections that they do not change, and with them the check. */
  private readonly checked = new Map(SECTIONS.map((name) => [name, new WeakMap<MapTree, CheckedSection>()]));

  constructor(
    private readonly experiment: Experiment,
    private readonly trial: z.ZodObject,
    private readonly problems: ProblemLog,
  ) {}

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
  private check(tree: MapTree, label: Label): Sections | undefined {
    const checked = SECTIONS.map((section) => this.checkSection(tree, section));
    const problems = checked.flatMap((section) => section.problems);
    const [data, model, train, success] = checked.map(({ value }) => value!);
    const sections = { data, model, train, success: success as unknown as SuccessCriterion } as Sections;
    if (problems.length === 0) problems.push(...this.senseless(sections, tree));
    for (const problem of problems) this.problems.add(problem, label);
    return problems.length === 0 ? sections : undefined;
  }

  private checkSection(tree: MapTree, name: SectionName): CheckedSection {
    const section = tree.entries.get(name)?.value as MapTree;
    const known = this.checked.get(name)!;
    const checked = known.get(section) ?? this.parseSection(tree, name, section);
    known.set(section, checked);
    return checked;
  }

  private parseSection(tree: MapTree, name: SectionName, section: MapTree): CheckedSection {
    const { data, error } = (this.trial.shape[name] as z.ZodType<Section>).safeParse(plain(section));
    const issues = (error?.issues ?? []).map((issue) => ({ ...issue, path: [name, ...issue.path] }));
    return { value: data, problems: problemsOf(issues, tree, this.trial) };
  }

  /** Combinations that make no sense to the experiment. */
  private senseless(sections: Sections, tree: MapTree): Problem[] {
    const wrong = this.experiment.check?.(sections as unknown as Settings) ?? [];
    return wrong.map(({ path, message }) => ({
      kind: 'other',
      origin: originOf(tree, path.split('.')),
      path,
      message,
    }));
  }
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
