import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { excerpt } from '../excerpt.js';
import { listFolder, readIfPresent, statIfPresent } from '../files/present.js';
import { removeLeftovers, writeWhole } from '../files/whole.js';
import { canonicalJson, type Json } from '../json.js';
import type { Trial } from '../trials/trial.js';
import { Damage, readBinary } from './binary.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type FloatTensor,
  littleEndian,
  type Safetensors,
} from './safetensors.js';
import type { ResultStore, TrialAddress } from './store.js';

/** A trained network on the host. */
export interface Weights {
  /** Its parameters under their names, without the replica axis. */
  readonly tensors: readonly FloatTensor[];
  /** What its program knows besides, e.g. the level of a curriculum; null where there is nothing. */
  readonly state: Json;
}

/** Kept weights, or in a few words why they are not to be used. */
export type WeightsRead = { readonly weights: Weights } | { readonly reason: string };

const ENDING = '.safetensors';

const metadata = z.looseObject({ gnoise: z.string(), id: z.string(), state: z.string(), sha256: z.string() });

/**
 * Trained weights on disk, beside the records: `<root>/<config>/<profile>/weights/<id>.safetensors`. Records do not
 * depend on them.
 */
export class WeightStore {
  /** Folders that have been rid of what killed runners left. */
  readonly #swept = new Set<string>();

  constructor(private readonly store: ResultStore) {}

  path(trial: TrialAddress): string {
    return join(this.#folder(trial), `${trial.id}${ENDING}`);
  }

  /** Ids of the trials of a config and profile whose weights are kept. */
  async ids(address: Pick<Trial, 'config' | 'profile'>): Promise<Set<string>> {
    const names = await listFolder(this.#folder(address));
    return new Set(
      names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length)),
    );
  }

  /**
   * Keeps a trial's weights, whole or not at all, with what they are in the file's metadata.
   * @param gnoise version that trained them.
   * @throws UserError when the disk is full or the folder cannot be written to.
   */
  async write(trial: Trial, { tensors, state }: Weights, gnoise: string): Promise<void> {
    const { id, config, profile, setting, arm, description } = trial;
    const { experiment, revision, seed } = description;
    const about = {
      ...{ gnoise, experiment, revision: String(revision), config, profile, setting, arm },
      ...{ seed: String(seed), id, state: JSON.stringify(state) },
    };
    const sha256 = checksum({ metadata: about, tensors });
    await this.#put(trial, encodeSafetensors({ metadata: { ...about, sha256 }, tensors }));
  }

  /**
   * A trial's weights; null where none are kept.
   * @throws UserError when the system does not let the folder be looked at.
   */
  async read(trial: TrialAddress): Promise<WeightsRead | null> {
    const file = this.path(trial);
    if ((await statIfPresent(file)) === null) return null;
    const read = await readBinary(file, async (handle) => ({
      weights: checked(await decodeSafetensors(handle), trial.id),
    }));
    return 'weights' in read ? read : { reason: read.reason };
  }

  /** Takes over a trial's weights from another folder, byte for byte. */
  async take(trial: TrialAddress, from: WeightStore): Promise<void> {
    const content = await readIfPresent(from.path(trial));
    if (content) await this.#put(trial, [content]);
  }

  async #put(trial: TrialAddress, content: Iterable<Uint8Array>): Promise<void> {
    const file = this.path(trial);
    const folder = dirname(file);
    if (!this.#swept.has(folder)) await removeLeftovers(folder);
    this.#swept.add(folder);
    await writeWhole(file, content, '--results');
  }

  #folder({ config, profile }: Pick<Trial, 'config' | 'profile'>): string {
    return join(this.store.folder(config, profile), 'weights');
  }
}

function checked(file: Safetensors, id: string): Weights {
  const { data: about } = metadata.safeParse(file.metadata);
  if (!about) throw new Damage("its metadata is not that of gnoise's weights");
  if (about.id !== id) throw new Damage(`it holds the weights of trial ${excerpt(about.id)}`);
  const { sha256, ...rest } = file.metadata;
  if (checksum({ metadata: rest, tensors: file.tensors }) !== sha256)
    throw new Damage('its checksum is wrong: it is damaged, or was changed');
  return { tensors: file.tensors, state: JSON.parse(about.state) as Json };
}

/** Of everything in the file: the format itself would not notice a number that is another one. */
function checksum({ metadata, tensors }: Safetensors): string {
  const shapes = tensors.map(({ name, shape }) => ({ name, shape }));
  const hash = createHash('sha256').update(canonicalJson({ metadata, tensors: shapes }));
  for (const { data } of tensors) hash.update(littleEndian(data));
  return hash.digest('hex');
}
