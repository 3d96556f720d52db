import type { Experiment, Mask } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import { optimiserStructure } from '../optimiser/chain.js';
import type { TrainSettings } from '../optimiser/settings.js';
import { settingsOf } from '../trainer/settings.js';
import type { Trial } from '../trials/trial.js';

/** What the optimiser has for each replica; `optimiserStructure` says what of it must be alike. */
const OPTIMISER: Mask<TrainSettings> = {
  rate: true,
  anneal: true,
  clip: true,
  noise: true,
  optimiser: true,
};

/** What trials must share to train in lockstep: all of their settings but those that are known to be each replica's own. */
export function structureOf(experiment: Experiment, { description }: Trial): Json {
  const settings = settingsOf(experiment, description);
  const { model, train } = experiment.perReplica;
  return {
    data: settings.data,
    model: without(settings.model, { ...model }),
    train: without(settings.train, { ...train, ...OPTIMISER }),
    optimiser: optimiserStructure(settings.train),
    budget: { ...experiment.budget(settings) },
    own: experiment.structure?.(settings),
  };
}

type JsonMap = { readonly [key: string]: Json | undefined };

/** A copy that lacks what the mask names. */
function without(map: JsonMap, mask: JsonMap): JsonMap {
  const left = Object.entries(map).filter(([key]) => mask[key] !== true);
  return Object.fromEntries(
    left.map(([key, value]) => {
      const inner = mask[key];
      return [key, isMap(value) && isMap(inner) ? without(value, inner) : value];
    }),
  );
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
