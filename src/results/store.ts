import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listFolder, NoRegularFile, readIfPresent, statIfPresent } from '../files/present.js';
import { writing } from '../files/system-errors.js';
import { removeLeftovers, writeWhole } from '../files/whole.js';
import { type Trial, trialId } from '../trials/trial.js';
import { decodeRecord, encodeRecord } from './encoding.js';
import type { TrialRecord } from './record.js';

/** A file among the results that is not trusted; its trial counts as not done. */
export interface Problem {
  readonly file: string;
  readonly reason: string;
}

/** Where a trial is stored. */
export type TrialAddress = Pick<Trial, 'id' | 'config' | 'profile'>;

/** Finished trials on disk, one file each: `<root>/<config>/<profile>/trials/<id>.json`. */
export class ResultStore {
  /** Folders that have been rid of what killed runners left. */
  readonly #swept = new Set<string>();

  constructor(readonly root: string) {}

  /** The folder of one config and profile: its trials, tables, claims and checkpoints. */
  folder(config: string, profile: string): string {
    return join(this.root, config, profile);
  }

  path({ id, config, profile }: TrialAddress): string {
    return join(this.folder(config, profile), 'trials', `${id}.json`);
  }

  /**
   * Profiles of a config that have stored trials.
   * @throws UserError when a folder cannot be read.
   */
  async profiles(config: string): Promise<string[]> {
    const names = await listFolder(join(this.root, config));
    const trials = await Promise.all(
      names.map(async (name) => {
        // A file of the user's beside the profiles has nothing below it.
        const found = await statIfPresent(join(this.folder(config, name), 'trials'));
        return found === null ? [] : this.#ids(config, name);
      }),
    );
    return names.filter((_, i) => trials[i]!.length > 0);
  }

  /**
   * Every record of a profile, by id; files that are truncated, foreign or misnamed are reported, never touched.
   * @throws UserError when a file or the folder cannot be read: what is in it is not known.
   */
  async read(config: string, profile: string): Promise<{ records: TrialRecord[]; problems: Problem[] }> {
    const ids = await this.#ids(config, profile);
    const records: TrialRecord[] = [];
    const problems: Problem[] = [];
    const read = await Promise.all(
      ids.map(async (id) => {
        const file = this.path({ id, config, profile });
        return { file, ...(await readRecord(file, id)) };
      }),
    );
    for (const each of read) {
      if ('record' in each) records.push(each.record);
      else if (each.reason !== null) problems.push({ file: each.file, reason: each.reason });
    }
    return { records, problems };
  }

  /**
   * The record of one trial, or null while there is none that can be trusted.
   * @throws UserError when its file cannot be read: whether it is done is not known.
   */
  async readOne(trial: TrialAddress): Promise<TrialRecord | null> {
    const read = await readRecord(this.path(trial), trial.id);
    return 'record' in read ? read.record : null;
  }

  /**
   * Stores a finished trial, whole or not at all. An earlier record is replaced (a failed trial that was tried again);
   * anything else found under its name is kept as `<id>.json.broken-<n>`.
   * @throws UserError when the disk is full or the folder cannot be written to.
   */
  async write(record: TrialRecord): Promise<void> {
    const expected = trialId(record.description);
    if (record.id !== expected)
      throw new Error(`The record's id is ${record.id}, its description's ${expected}.`);
    const file = this.path(record);
    const existing = await readRecord(file, record.id);
    if ('reason' in existing && existing.reason !== null) await setAside(file);
    const folder = dirname(file);
    if (!this.#swept.has(folder)) await removeLeftovers(folder);
    this.#swept.add(folder);
    await writeWhole(file, encodeRecord(record), '--results');
  }

  async #ids(config: string, profile: string): Promise<string[]> {
    const names = await listFolder(join(this.folder(config, profile), 'trials'));
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  }
}

/** A record, or why there is none: null when there simply is no file. */
async function readRecord(
  file: string,
  id: string,
): Promise<{ record: TrialRecord } | { reason: string | null }> {
  try {
    const content = await readIfPresent(file);
    return content === null ? { reason: null } : decodeRecord(content.toString(), id);
  } catch (error) {
    if (error instanceof NoRegularFile) return { reason: error.message };
    throw error;
  }
}

async function setAside(file: string): Promise<void> {
  let n = 1;
  while ((await statIfPresent(`${file}.broken-${n}`)) !== null) n += 1;
  await writing(file, '--results', () => rename(file, `${file}.broken-${n}`));
}
