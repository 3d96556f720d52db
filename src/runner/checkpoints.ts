import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../json.js';
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

/** A population that was interrupted: what to continue from, and how long it had trained. */
export interface Interrupted {
  readonly file: string;
  readonly snapshot: Snapshot;
  /** Wall-clock seconds trained so far. */
  readonly seconds: number;
  /** ISO 8601, when it was first started. */
  readonly startedAt: string;
}

/** Checkpoints of one config and profile, one file per population. */
export class Checkpoints {
  private readonly folder: string;

  constructor(profileFolder: string) {
    this.folder = join(profileFolder, 'checkpoints');
  }

  /** A population's file is named after the trial it started with: each trial is in one population at a time. */
  path(firstId: string): string {
    return checkpointFile(this.folder, firstId);
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
   * A checkpoint that holds at least one of the wanted trials; damaged files are left alone and not used. Other runners
   * wait for this: only headers are read of what is not wanted.
   */
  async find(wanted: ReadonlySet<string>): Promise<Interrupted | null> {
    for (const file of await checkpointFiles(this.folder)) {
      const known = await readHeader(file);
      if (!known.ok || !idsOf(known.header).some((id) => wanted.has(id))) continue;
      const read = await readCheckpoint(file);
      if (!read.ok) continue;
      const { seconds, startedAt, ...rest } = read.header as unknown as Header;
      return { file, snapshot: { ...rest, tensors: read.tensors }, seconds, startedAt };
    }
    return null;
  }

  async remove(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /** Removes checkpoints that nobody will continue from, because all their trials have results. */
  async prune(isDone: (id: string) => boolean): Promise<void> {
    for (const file of await checkpointFiles(this.folder)) {
      const known = await readHeader(file);
      if (known.ok && idsOf(known.header).every(isDone)) await this.remove(file);
    }
  }
}

function idsOf(header: Json): readonly string[] {
  return (header as unknown as Header).ids;
}
