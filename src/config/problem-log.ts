import { ONLY_NAME } from './config.js';
import type { Problem } from './problem.js';

/** The setting and the arm in which a problem shows; `arm` is left out where it concerns all of a setting's arms. */
export interface Label {
  readonly setting: string;
  readonly arm?: string;
}

/** Problems by setting and arm; one that many of them share is told once. */
export class ProblemLog {
  private readonly found = new Map<string, { problem: Problem; labels: Map<string, Label> }>();

  /** @param all Every pair of setting and arm there is. */
  constructor(private readonly all: readonly Label[]) {}

  add(problem: Problem, label: Label): void {
    const key = JSON.stringify(problem);
    const entry = this.found.get(key) ?? { problem, labels: new Map() };
    entry.labels.set(labelText(label), label);
    this.found.set(key, entry);
  }

  isEmpty(): boolean {
    return this.found.size === 0;
  }

  /** The problems, with one of the places where each shows, unless it shows everywhere. */
  list(): Problem[] {
    return [...this.found.values()].map(({ problem, labels }) => {
      const [first = ''] = labels.keys();
      const more = labels.size > 1 ? ` and ${labels.size - 1} more` : '';
      return first === '' || this.isEverywhere([...labels.values()])
        ? problem
        : { ...problem, context: `${first}${more}` };
    });
  }

  private isEverywhere(labels: readonly Label[]): boolean {
    return this.all.every(({ setting, arm }) =>
      labels.some((label) => label.setting === setting && (label.arm ?? arm) === arm),
    );
  }
}

/** `setting simple, arm dropout`; what a config has but one of, without a name, is not mentioned. */
function labelText({ setting, arm }: Label): string {
  const named = (kind: string, name = ONLY_NAME) => (name === ONLY_NAME ? [] : [`${kind} ${name}`]);
  return [...named('setting', setting), ...named('arm', arm)].join(', ');
}
