import { closest } from 'fastest-levenshtein';
import type { z } from 'zod';
import { excerpt } from '../excerpt.js';
import { unknownName } from './names.js';
import { MAX_TOLD, type Origin, optionOrigin, other, type Problem } from './problem.js';
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

/** Options that are given more often are written by a script that has gone wrong. */
const MAX_OPTIONS = 1000;

/** Names of a config's settings and arms. */
interface Names {
  readonly settings: readonly string[];
  readonly arms: readonly string[];
}

/**
 * What follows `--set`: a path in a trial's sections (`train.rate`), which goes on top of everything in every trial; the
 * same within one setting or arm (`arms.with-noise.train.noise.eta`); `seeds`; or `population`.
 */
export function parseAssignments(
  texts: readonly string[],
  trial: z.ZodObject,
  names: Names,
): { assignments: Assignment[]; problems: Problem[] } {
  if (texts.length > MAX_OPTIONS) {
    const message = `${texts.length} of them are given; at most ${MAX_OPTIONS} can be.`;
    return { assignments: [], problems: [other({ option: '--set' }, message)] };
  }
  const known = new KnownPaths(trial, names);
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const origin = optionOrigin('--set', text);
    const [, path = '', value = ''] = /^([^=]*)=([\s\S]*)$/.exec(text) ?? [];
    if (path === '' || value.trim() === '') {
      const message = 'this must be a dotted path, an equals sign and a value, e.g. --set train.rate=0.1.';
      problems.push(other(origin, message));
    } else if (!known.has(path)) {
      // Beyond the problems that are told, what was meant need not be looked for.
      const near = problems.length < MAX_TOLD ? known.near(path) : [];
      problems.push(unknownName(origin, excerpt(path, 100), path, 'a known path', near));
    } else {
      const parsed = parseOption(value, origin);
      for (const problem of parsed.problems) problems.push(problem);
      assignments.push({ origin, path: path.split('.'), value: parsed.tree });
    }
  }
  return { assignments: lastOfEachPath(assignments), problems };
}

function lastOfEachPath(assignments: readonly Assignment[]): Assignment[] {
  const last = new Map(assignments.map((assignment) => [assignment.path.join('.'), assignment]));
  return assignments.filter((assignment) => last.get(assignment.path.join('.')) === assignment);
}

/** Whether one path is the other or leads to it. */
export function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.every((key, position) => position >= b.length || key === b[position]);
}

/** What `--set` can set. Paths within settings and arms are not listed: there are too many where there are many names. */
class KnownPaths {
  private readonly inside: readonly string[];
  private readonly names: { readonly [kind: string]: readonly string[] };

  constructor(trial: z.ZodObject, { settings, arms }: Names) {
    const paths = dottedPaths(trial).map(([path]) => path);
    this.inside = paths.filter((path) => !(SECTIONS as readonly string[]).includes(path));
    this.names = { settings, arms };
  }

  has(path: string): boolean {
    const { kind, name, inner } = partsOf(path);
    if (kind === undefined) return [...this.inside, 'seeds', 'population'].includes(path);
    return this.names[kind]!.includes(name) && this.within(kind).includes(inner);
  }

  /** Paths of the same kind that may have been meant: all, or those of the setting or arm that may have been meant. */
  near(path: string): string[] {
    const { kind, name } = partsOf(path);
    if (kind === undefined) return [...this.inside, 'seeds', 'population'];
    const names = this.names[kind]!;
    const meant = names.length === 0 ? [] : [closest(excerpt(name, 100), names)];
    return meant.flatMap((own) => this.within(kind).map((inner) => `${kind}.${own}.${inner}`));
  }

  private within(kind: string): readonly string[] {
    return kind === 'settings' ? [...this.inside, 'seeds'] : this.inside;
  }
}

/** `arms.with-noise.train.rate` in three; a path of a trial's sections is its own `inner`. */
function partsOf(path: string): { kind?: 'settings' | 'arms'; name: string; inner: string } {
  const [, kind, name = '', inner = path] = /^(settings|arms)\.([^.]*)\.?(.*)$/s.exec(path) ?? [];
  return { ...(kind === undefined ? {} : { kind: kind as 'settings' | 'arms' }), name, inner };
}
