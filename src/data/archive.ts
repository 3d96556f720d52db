import { statIfPresent } from '../files/present.js';
import { sha256OfFile } from '../files/sha256.js';
import { reading } from '../files/system-errors.js';

/** What a file must contain. */
export interface Content {
  /** File name, without a folder. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the content, 64 lower-case hexadecimal digits; null where nobody published it. */
  readonly sha256: string | null;
}

/** One file of a data set as its authors published it. */
export interface DataFile extends Content {
  /** Where it can be downloaded, in the order in which to try. */
  readonly mirrors: readonly string[];
  /** The same file after gunzip: what it holds, however it is packed. */
  readonly unpacked?: Content;
  /** Further names under which others pass the file on, plain or packed. */
  readonly aliases?: readonly string[];
  /** Whether it is text, whose line ends may have become those of Windows. */
  readonly text?: boolean;
  /** Files of other layouts that hold this one among others. */
  readonly within?: readonly Container[];
}

/** A file out of which another can be had. */
export interface Container {
  /** Part of it may end in `*`, for any name that begins so. */
  readonly name: string;
  /** Makes the file out of the container; null where it is not in it. Throws where that is damaged. */
  extract(container: Stored): Promise<Buffer | null>;
}

/** A file on disk. */
export interface Stored {
  readonly path: string;
  /** Changes when its content does. */
  readonly identity: string;
  read(): Promise<Buffer>;
}

/** A gzipped tar archive that holds a data set's files. */
export interface Archive extends DataFile {
  /** What precedes a file's name in the archive, e.g. `tasks_1-20_v1-2/`. */
  readonly root: string;
}

/** A published data set: where it comes from and the files it consists of. */
export interface DataSet {
  /** The word for it on the command line, and the name of its folder. */
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  /** Who published it and where, for people. */
  readonly source: string;
  readonly files: readonly DataFile[];
  /**
   * Below a data folder, where the files may lie; the first is where downloads go. Left out: a folder of the data set's
   * own name, then the data folder itself. Part of one may end in `*`, for any name that begins so.
   */
  readonly subfolders?: readonly string[];
  /** Where the files are published in archives, not one by one: any of these has them all. */
  readonly archives?: readonly Archive[];
}

/** Whether the file at `path` has the size and the SHA-256 of `content`. */
export async function hasContent(path: string, content: Content): Promise<boolean> {
  if ((await sizeOf(path)) !== content.bytes) return false;
  if (content.sha256 === null) return true;
  return (await reading(path, '--data', () => sha256OfFile(path))) === content.sha256;
}

/** Bytes of the file at `path`, or null where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  const found = await statIfPresent(path, '--data');
  return found?.isFile() ? found.size : null;
}
