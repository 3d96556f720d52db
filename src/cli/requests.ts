import type { BackendChoice } from '../backends/index.js';
import type { Overrides } from '../config/load.js';
import { dataFolders } from '../data/folders.js';
import type { TrialRequest } from '../planning/request.js';
import type { TrainingRequest } from '../runner/request.js';
import { parseShard } from '../trials/shard.js';

/* The door: what `options.ts` gives becomes requests here, once. Nothing further in reads a flag. */

/** What `overrideOptions` give. */
interface OverrideFlags {
  readonly profile?: string | undefined;
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly set?: readonly string[] | undefined;
}

/** What `trialOptions` give, and `--shard` where there is one. */
interface TrialFlags extends OverrideFlags {
  readonly arm?: readonly string[] | undefined;
  readonly setting?: readonly string[] | undefined;
  readonly shard?: string | undefined;
}

export function overridesOf({ profile, seed, seeds, set }: OverrideFlags): Overrides {
  return { profile, set, seeds: seedsOf('--seed', seed) ?? seedsOf('--seeds', seeds) };
}

function seedsOf(option: '--seed' | '--seeds', text: string | undefined): Overrides['seeds'] {
  return text === undefined ? undefined : { option, text };
}

/** @throws UserError for a shard that is none. */
export function trialRequest(files: readonly string[], flags: TrialFlags): TrialRequest {
  const { arm: arms, setting: settings, shard } = flags;
  return {
    files,
    overrides: overridesOf(flags),
    selection: { arms, settings, shard: shard === undefined ? undefined : parseShard(shard) },
  };
}

/** @throws UserError for a shard that is none. */
export function trainingRequest(
  files: readonly string[],
  flags: TrialFlags & BackendChoice & { readonly data?: string | undefined },
): TrainingRequest {
  const { backend, device, threads, verbose, data } = flags;
  return {
    ...trialRequest(files, flags),
    backend: { backend, device, threads, verbose },
    dataFolders: dataFolders(data),
  };
}
