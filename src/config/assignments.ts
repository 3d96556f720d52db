import type { z } from 'zod';
import { unknownName } from './names.js';
import type { Origin, Problem } from './problem.js';
import { SECTIONS } from './schema.js';
import { dottedPaths } from './shape.js';
import type { Tree } from './tree.js';
import { parseOption } from './yaml.js';

/** A value for one path: of a grid point, or from the command line, as in `--set train.epochs=2`. */
export interface Assignment {
  readonly origin: Origin;
  readonly path: readonly string[];
  readonly value: Tree;
}

/**
 * What follows `--set`: a path in a trial's sections (`train.rate`), which goes on top of everything in every trial; the
 * same within one setting or arm (`arms.with-noise.train.noise.eta`); `seeds`; or `population`.
 */
export function parseAssignments(
  texts: readonly string[],
  trial: z.ZodObject,
  names: { readonly settings: readonly string[]; readonly arms: readonly string[] },
): { assignments: Assignment[]; problems: Problem[] } {
  const known = knownPaths(trial, names);
  const isOverlay = (path: string) => /^(settings|arms)\./.test(path);
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const option = `--set ${text}`;
    const [, path = '', value = ''] = /^([^=]*)=([\s\S]*)$/.exec(text) ?? [];
    if (path === '' || value.trim() === '') {
      const message = 'this must be a dotted path, an equals sign and a value, e.g. --set train.rate=0.1.';
      problems.push({ kind: 'other', origin: { option }, path: '', message });
    } else if (!known.includes(path)) {
      const alike = known.filter((candidate) => isOverlay(candidate) === isOverlay(path));
      problems.push(unknownName({ option }, path, path, 'a known path', alike));
    } else {
      const parsed = parseOption(value, option);
      problems.push(...parsed.problems);
      assignments.push({ origin: { option }, path: path.split('.'), value: parsed.tree });
    }
  }
  return { assignments, problems };
}

/** Whether one path is the other or leads to it. */
export function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.every((key, position) => position >= b.length || key === b[position]);
}

function knownPaths(
  trial: z.ZodObject,
  { settings, arms }: { settings: readonly string[]; arms: readonly string[] },
): string[] {
  const paths = dottedPaths(trial).map(([path]) => path);
  const inside = paths.filter((path) => !(SECTIONS as readonly string[]).includes(path));
  return [
    ...inside,
    'seeds',
    'population',
    ...settings.flatMap((name) => [...inside, 'seeds'].map((path) => `settings.${name}.${path}`)),
    ...arms.flatMap((name) => inside.map((path) => `arms.${name}.${path}`)),
  ];
}
