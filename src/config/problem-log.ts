import { ONLY_NAME } from './config.js';
import { identityOf, type Problem } from './problem.js';

/** The setting and the arm in which a problem shows; `arm` is left out where it concerns all of a setting's arms. */
export interface Label {
  readonly setting: string;
  readonly arm?: string;
}

/** Problems by setting and arm; one that many of them share is told once. */
export class ProblemLog {
  private readonly found = new Map<string, { problem: Problem; labels: Map<string, Label> }>();

  add(problem: Problem, label: Label): void {
    const key = identityOf(problem);
    const entry = this.found.get(key) ?? { problem, labels: new Map() };
    entry.labels.set(keyOf(label), label);
    this.found.set(key, entry);
  }

  /**
   * The problems, with one of the places where each shows, unless it shows everywhere.
   * @param all Every pair of setting and arm there is.
   */
  list(all: readonly Required<Label>[]): Problem[] {
    const pairsOf = new Map<string, string[]>();
    for (const { setting, arm } of all) {
      const key = keyOf({ setting });
      const pairs = pairsOf.get(key) ?? [];
      pairs.push(keyOf({ setting, arm }));
      pairsOf.set(key, pairs);
    }
    // By settings first: a problem has a label for each step of this, so that thousands of problems take no longer than they are.
    const settings = [...pairsOf];
    return [...this.found.values()].map(({ problem, labels }) => {
      const isEverywhere = settings.every(
        ([setting, pairs]) => labels.has(setting) || pairs.every((pair) => labels.has(pair)),
      );
      const first = labelText(labels.values().next().value!);
      const more = labels.size > 1 ? ` and ${labels.size - 1} more` : '';
      return first === '' || isEverywhere ? problem : { ...problem, context: `${first}${more}` };
    });
  }
}

function keyOf({ setting, arm }: Label): string {
  return JSON.stringify([setting, arm]);
}

/** `setting simple, arm dropout`; what a config has but one of, without a name, is not mentioned. */
export function labelText({ setting, arm }: Label): string {
  const named = (kind: string, name = ONLY_NAME) => (name === ONLY_NAME ? [] : [`${kind} ${name}`]);
  return [...named('setting', setting), ...named('arm', arm)].join(', ');
}
