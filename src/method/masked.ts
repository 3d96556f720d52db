import { type Config, whole } from './config.js';
import type { NamedTensors } from './named-tensors.js';
import { type GradientTransformation, transformation } from './transformation.js';

/** Which parameters, by name: those that a pattern finds, those listed, or those of which a function says so. */
export type Names = RegExp | readonly string[] | ((parameter: string) => boolean);

/**
 * A transformation of some parameters only, as Optax's `masked`: the gradients of the others pass unchanged.
 *
 *     chain(masked(weightDecay(1e-4), /kernel/), adam())
 *
 * Where `names` is a function, a model saved with its optimiser cannot be loaded again by itself.
 * @throws TypeError if `names` is none of the three.
 */
export function masked(link: GradientTransformation, names: Names): GradientTransformation {
  const holds = predicate(names);
  const pick = (tensors: NamedTensors) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => holds(name)));
  return transformation({
    ...link,
    config: whole('masked', { link: link.config, names: inWords(names) }),
    init: (parameters, replicas) => link.init(pick(parameters), replicas),
    update(gradients, state, step, parameters) {
      const picked = pick(gradients);
      if (Object.keys(picked).length === 0) return { updates: gradients };
      const { updates, ...rest } = link.update(picked, state, step, parameters && pick(parameters));
      return { ...rest, updates: { ...gradients, ...updates } };
    },
  });
}

function predicate(names: Names): (name: string) => boolean {
  if (typeof names === 'function') return names;
  if (Array.isArray(names)) return (name) => names.includes(name);
  // Not the pattern itself: `test` moves one that is global or sticky on.
  if (names instanceof RegExp) return (name) => name.search(names) >= 0;
  throw new TypeError(
    'masked: names must be a regular expression, a list of names, or a function of a name.',
  );
}

/** What is under `name` survives in a saved model; TensorFlow.js rewrites other strings that have an underscore. */
function inWords(names: Names): Config | Config[] | undefined {
  if (typeof names === 'function') return undefined;
  return names instanceof RegExp
    ? { name: names.source, flags: names.flags }
    : names.map((name) => ({ name }));
}

/** The names again. */
export function fromWords(words: Config | readonly Config[]): Names {
  return Array.isArray(words)
    ? (words as readonly Config[]).map(({ name }) => name)
    : new RegExp((words as Config).name, (words as Config).flags as string);
}
