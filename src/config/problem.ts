import { UserError } from '../errors.js';

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
      readonly what: string;
      readonly known: readonly string[];
      readonly suggestion?: string;
    }
  | {
      readonly kind: 'wrong-value';
      readonly expected: string;
      readonly received: string;
      readonly suggestion?: string;
    }
  | { readonly kind: 'missing'; readonly expected: string }
  | { readonly kind: 'other'; readonly message: string }
);

/** A config that cannot be used, with everything that is wrong with it. */
export class ConfigError extends UserError {
  override name = 'ConfigError';

  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([...problems.map(problemText), `${count}; nothing was run.`].join('\n'));
  }
}

/** E.g. `configs/mnist20.yaml:14:3  train.gama is not a known key. Did you mean gamma?` */
export function problemText(problem: Problem): string {
  const context = problem.context === undefined ? '' : ` (${problem.context})`;
  return `${originText(problem.origin)}  ${sentence(problem)}${context}`;
}

/** E.g. `configs/mnist20.yaml:14:3` or `--set train.rate=x`. */
export function originText(origin: Origin): string {
  if ('option' in origin) return origin.option;
  return origin.line === undefined ? `${origin.file}:` : `${origin.file}:${origin.line}:${origin.column}`;
}

/** In reading order: the file from top to bottom, then the command line; the same problem is named once. */
export function tidyProblems(problems: readonly Problem[]): Problem[] {
  const distinct = new Map(problems.map((problem) => [problemText(problem), problem]));
  return [...distinct.values()].sort((a, b) => rank(a.origin) - rank(b.origin));
}

function rank(origin: Origin): number {
  return 'option' in origin ? Number.POSITIVE_INFINITY : (origin.line ?? 0) * 1e6 + (origin.column ?? 0);
}

function sentence(problem: Problem): string {
  const subject = problem.path === '' ? 'the file' : problem.path;
  switch (problem.kind) {
    case 'unknown-name':
      return `${subject} is not ${problem.what}. ${hint(problem.known, problem.suggestion)}`;
    case 'wrong-value': {
      const guess = problem.suggestion === undefined ? '' : ` Did you mean ${problem.suggestion}?`;
      return `${subject} must be ${problem.expected}, got ${problem.received}.${guess}`;
    }
    case 'missing':
      return `${subject} is missing; it must be ${problem.expected}.`;
    case 'other':
      return problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
  }
}

/** Names listed in a message; a suggestion takes the place of a longer list. */
const MAX_NAMES = 30;

function hint(known: readonly string[], suggestion: string | undefined): string {
  if (suggestion !== undefined) return `Did you mean ${suggestion}?`;
  if (known.length === 0) return 'There are none.';
  const rest = known.length > MAX_NAMES ? ` and ${known.length - MAX_NAMES} more` : '';
  return `Known: ${known.slice(0, MAX_NAMES).join(', ')}${rest}.`;
}
