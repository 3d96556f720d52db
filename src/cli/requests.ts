import type { Overrides } from '../config/load.js';
import { dataFolders } from '../data/folders.js';
import type { TrainingRequest } from '../runner/request.js';
import type { Shard } from '../trials/shard.js';
import type { FlagsOf } from './command.js';
import type { backendOptions, dataOption, overrideOptions, trialOptions } from './options.js';

/* The door: flags become requests here, once. Nothing further in knows of flags. */

export function overridesOf({ profile, seed, seeds, set }: FlagsOf<typeof overrideOptions>): Overrides {
  return { profile, set, seeds: seedsOf('--seed', seed) ?? seedsOf('--seeds', seeds) };
}

function seedsOf(option: '--seed' | '--seeds', text: string | undefined): Overrides['seeds'] {
  return text === undefined ? undefined : { option, text };
}

type TrainingFlags = FlagsOf<readonly [...typeof trialOptions, ...typeof backendOptions, typeof dataOption]>;

/** What all training is asked for. */
export function trainingRequest(
  files: readonly string[],
  flags: TrainingFlags & { readonly shard?: Shard },
): TrainingRequest {
  const { arm: arms, setting: settings, shard, backend, device, threads, verbose, data } = flags;
  return {
    files,
    overrides: overridesOf(flags),
    selection: { arms, settings, shard },
    backend: { backend, device, threads, verbose },
    dataFolders: dataFolders(data),
  };
}
