import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { removeLeftovers } from '../files/whole.js';
import { hashJson, type Json } from '../json.js';
import {
  checkpointFile,
  checkpointFiles,
  readCheckpoint,
  readHeader,
  writeCheckpoint,
} from '../results/checkpoint.js';
import type { Snapshot } from '../trainer/population.js';

/** Everything of a snapshot but the tensors' numbers. */
type Header = Omit<Snapshot, 'tensors'> & { readonly seconds: number; readonly startedAt: string };

/** What is looked at of a header before the whole file has been held against its checksum. */
const outline = z.looseObject({
  ids: z.array(z.string()).min(1),
  step: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  startedAt: z.string(),
});

/** A population that was interrupted: what to continue from, and how long it had trained. */
export interface Interrupted {
  readonly file: string;
  readonly snapshot: Snapshot;
  /** Those of the wanted trials that nothing else holds in a later state. */
  readonly ids: readonly string[];
  /** Wall-clock seconds trained so far. */
  readonly seconds: number;
  /** ISO 8601, when it was first started. */
  readonly startedAt: string;
}

/** A file, and what its header says. */
interface Found {
  readonly file: string;
  readonly ids: readonly string[];
  readonly step: number;
}

/**
 * Checkpoints of one config and profile, one file per population. Populations may overlap, since trials can be run in any
 * selection: of each trial the furthest state counts, and a file stays until every trial in it has a result or, by the word
 * of the process that got there, a later state elsewhere.
 */
export class Checkpoints {
  private readonly folder: string;

  constructor(
    profileFolder: string,
    private readonly notice: (text: string) => void = () => {},
  ) {
    this.folder = join(profileFolder, 'checkpoints');
  }

  /** The file of a population, which no other one has. */
  path(ids: readonly string[]): string {
    return checkpointFile(this.folder, hashJson([...ids].sort()));
  }

  async write(
    file: string,
    { tensors, ...rest }: Snapshot,
    seconds: number,
    startedAt: string,
  ): Promise<void> {
    const header: Header = { ...rest, seconds, startedAt };
    await writeCheckpoint(file, { header: header as unknown as Json, tensors });
  }

  /**
   * The checkpoint that is furthest of those that hold a wanted trial. Other runners wait for this: only headers are read
   * of what is not wanted. A damaged file is set aside, so that it is looked at once.
   */
  async find(wanted: ReadonlySet<string>): Promise<Interrupted | null> {
    const holding = (await this.list()).filter(({ ids }) => ids.some((id) => wanted.has(id)));
    for (const { file, ids } of holding) {
      const read = await readCheckpoint(file);
      if (!read.ok) {
        if (read.isDamaged) await this.setAside(file, read.reason);
        continue;
      }
      const { seconds, startedAt, ...rest } = read.header as unknown as Header;
      const snapshot = { ...rest, tensors: read.tensors };
      return { file, snapshot, ids: ids.filter((id) => wanted.has(id)), seconds, startedAt };
    }
    return null;
  }

  async remove(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /**
   * Removes checkpoints that nobody will continue from, and what killed runners left half-written.
   * @param isDone whether a trial has a result.
   * @param own trials of a checkpoint that this process has just written, and its file.
   */
  async prune(
    isDone: (id: string) => boolean,
    own: { readonly file: string; readonly ids: readonly string[]; readonly step: number } | null = null,
  ): Promise<void> {
    await removeLeftovers(this.folder);
    const isFurther = (id: string, step: number) => own !== null && step <= own.step && own.ids.includes(id);
    for (const { file, ids, step } of await this.list())
      if (file !== own?.file && ids.every((id) => isDone(id) || isFurther(id, step))) await this.remove(file);
  }

  /** All that look like checkpoints, the furthest first. */
  private async list(): Promise<Found[]> {
    const found: Found[] = [];
    for (const file of await checkpointFiles(this.folder)) {
      const known = await readHeader(file);
      if (!known.ok) {
        if (known.isDamaged) await this.setAside(file, known.reason);
        continue;
      }
      const { data } = outline.safeParse(known.header);
      if (data) found.push({ file, ids: data.ids, step: data.step });
      else await this.setAside(file, 'its header is damaged');
    }
    return found.sort((a, b) => b.step - a.step);
  }

  private async setAside(file: string, reason: string): Promise<void> {
    const moved = await rename(file, `${file}.damaged`).then(
      () => true,
      () => false,
    );
    const fate = moved ? `is set aside as ${file}.damaged` : 'is not used';
    this.notice(
      `The checkpoint ${file} ${fate}: ${reason}. Its trials go on from an earlier one, or start anew.`,
    );
  }
}
