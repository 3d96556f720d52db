import { UserError } from '../errors.js';
import { excerpt, excerptOf, printable } from '../excerpt.js';
import { suggest } from '../suggest.js';

/** Where a value was written: a file or a place in it (counted from 1), or an option of the command line. */
export type Origin =
  | { readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly option: string };

/** One thing that is wrong with a config. Kept as data; `problemText` turns it into words. */
export type Problem = {
  readonly origin: Origin;
  /** Dotted path of the value, e.g. `arms.with-noise.train.noise.eta`; empty for the whole file. */
  readonly path: string;
  /** Where a problem shows only in some of the combinations, one of them, e.g. `setting simple, arm dropout`. */
  readonly context?: string;
} & (
  | {
      readonly kind: 'unknown-name';
      /** The last part of the path, or another way to say what was written. */
      readonly name: string;
      readonly what: string;
      readonly known: readonly string[];
    }
  | {
      readonly kind: 'wrong-value';
      readonly expected: string;
      readonly received: string;
      readonly suggestion?: string;
      /** Why it must be so, where that is not plain. */
      readonly reason?: string;
    }
  | { readonly kind: 'missing'; readonly expected: string }
  | { readonly kind: 'other'; readonly message: string }
);

/** Problems told one by one; what is beyond them is mostly the same mistake again, or follows from it. */
export const MAX_TOLD = 10;
const MAX_LINE = 1000;

/** A config that cannot be used, with everything that is wrong with it. */
export class ConfigError extends UserError {
  override name = 'ConfigError';

  constructor(readonly problems: readonly Problem[]) {
    const told = problems.slice(0, MAX_TOLD).map(problemText);
    super([...told, `${countText(problems.length)}; nothing was run.`].join('\n'));
  }
}

function countText(count: number): string {
  if (count === 1) return '1 problem';
  return count <= MAX_TOLD ? `${count} problems` : `${count} problems, the first ${MAX_TOLD} of them above`;
}

/** The place of what an option of the command line says: `--set train.rate=x`. */
export function optionOrigin(name: string, text: string): Origin {
  return { option: excerpt(`${name} ${text}`, 100) };
}

/** A problem that is said in a sentence of its own, of no value in particular. */
export function other(origin: Origin, message: string): Problem {
  return { kind: 'other', origin, path: '', message };
}

/** E.g. `configs/mnist20.yaml:14:3  train.gama is not a known key. Did you mean gamma?` */
export function problemText(problem: Problem): string {
  const context = problem.context === undefined ? '' : ` (${problem.context})`;
  return `${printable(originText(problem.origin))}  ${excerpt(`${sentence(problem)}${context}`, MAX_LINE)}`;
}

/** E.g. `configs/mnist20.yaml:14:3` or `--set train.rate=x`. */
export function originText(origin: Origin): string {
  if ('option' in origin) return origin.option;
  return origin.line === undefined ? `${origin.file}:` : `${origin.file}:${origin.line}:${origin.column}`;
}

/** In reading order: the file from top to bottom, then the command line; the same problem is named once. */
export function tidyProblems(problems: readonly Problem[]): Problem[] {
  const distinct = new Map(problems.map((problem) => [identityOf(problem), problem]));
  return [...distinct.values()].sort((a, b) => rank(a.origin) - rank(b.origin));
}

/** Equal for problems that are told in equal words. */
export function identityOf(problem: Problem): string {
  return JSON.stringify({ ...problem, known: undefined });
}

function rank(origin: Origin): number {
  return 'option' in origin ? Number.POSITIVE_INFINITY : (origin.line ?? 0) * 1e6 + (origin.column ?? 0);
}

function sentence(problem: Problem): string {
  const subject = problem.path === '' ? 'the file' : excerpt(problem.path, 100);
  switch (problem.kind) {
    case 'unknown-name':
      return `${subject} is not ${problem.what}. ${hint(problem.known, suggestionOf(problem))}`;
    case 'wrong-value': {
      const guess = problem.suggestion === undefined ? '' : ` Did you mean ${problem.suggestion}?`;
      const reason = problem.reason === undefined ? '' : `: ${problem.reason}`;
      return `${subject} must be ${problem.expected}, got ${problem.received}${reason}.${guess}`;
    }
    case 'missing':
      return `${subject} is missing; it must be ${problem.expected}.`;
    case 'other':
      return problem.path === '' ? problem.message : `${subject}: ${problem.message}`;
  }
}

/** The name that was probably meant, if what is wrong is a name and one is near. */
export function suggestionOf(problem: Problem): string | undefined {
  return problem.kind === 'unknown-name' ? suggest(problem.name, problem.known) : undefined;
}

/** A suggestion takes the place of a list of names. */
function hint(known: readonly string[], suggestion: string | undefined): string {
  if (suggestion !== undefined) return `Did you mean ${suggestion}?`;
  return known.length === 0 ? 'There are none.' : `Known: ${excerptOf(known)}.`;
}
