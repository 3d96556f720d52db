import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { sha256 } from '../../files/sha256.js';
import type { Archive, DataFile, DataSet } from '../archive.js';
import { findDataSet } from '../find.js';
import { lookFor } from '../look.js';
import { withinArchive } from '../within-archive.js';
import { taskFiles } from './files.js';
import { parseStories, type Story } from './parse.js';

/** A task's stories, as read or generated. */
export interface TaskStories {
  /** 1 to 20 */
  readonly task: number;
  readonly train: readonly Story[];
  readonly test: readonly Story[];
}

const archives: readonly Archive[] = [
  {
    name: 'tasks_1-20_v1-2.tar.gz',
    bytes: 15_719_851,
    sha256: '0364ebde659f14d11bc21744516c5ec49d3d06cb692733f66680771244998898',
    mirrors: ['http://www.thespermwhale.com/jaseweston/babi/tasks_1-20_v1-2.tar.gz'],
    root: 'tasks_1-20_v1-2/',
  },
  {
    // An earlier packing of the same tasks; nobody published its SHA-256, so all trust lies in that of each file.
    name: 'babi_tasks_1-20_v1-2.tar.gz',
    bytes: 11_745_123,
    sha256: null,
    mirrors: ['https://s3.amazonaws.com/text-datasets/babi_tasks_1-20_v1-2.tar.gz'],
    root: 'tasks_1-20_v1-2/',
  },
];

/** Hugging Face's `datasets` downloads the first archive, and calls files after the SHA-256 of their address. */
const downloaded = `downloads/${sha256(Buffer.from(archives[0]!.mirrors[0]!))}`;

/** The files as published, which may still lie in an archive. */
const files: readonly DataFile[] = taskFiles.flatMap(({ train, test }) => [train, test]).map(withArchives);

function withArchives(file: DataFile): DataFile {
  const named = archives.map((archive) => withinArchive(archive, archive.name, file, () => files));
  const cached = [downloaded, `${downloaded}.*`].map((name) =>
    withinArchive(archives[0]!, name, file, () => files),
  );
  return { ...file, within: [...named, ...cached] };
}

/** The bAbI question answering tasks, version 1.2, in English with 1000 training questions each. */
export const babi: DataSet = {
  name: 'babi',
  title: 'bAbI question answering tasks 1-20, version 1.2, English',
  licence: 'CC BY 3.0',
  source: 'Jason Weston and others, Facebook AI Research, arXiv 1502.05698',
  // Ours; the folder of the tasks itself; what Hugging Face's `datasets` unpacks, in its cache and above it.
  subfolders: [
    ...['babi/tasks_1-20_v1-2', 'tasks_1-20_v1-2', 'babi', ''],
    ...['', 'datasets/'].map((cache) => `${cache}downloads/extracted/*/tasks_1-20_v1-2`),
    'datasets',
  ],
  files,
  archives,
};

/** The first place below `folders` that holds all files of bAbI as published, or null. */
export function findBabi(folders: readonly string[]): Promise<string | null> {
  return findDataSet(babi, folders);
}

/**
 * Reads tasks from the files in `place`, a folder that has them in `en/` or itself.
 * Their SHA-256 is checked every time, with the line ends of Unix.
 * @throws UserError when a file is missing, malformed or not the published one.
 */
export function loadBabi(place: string, tasks: readonly number[]): Promise<TaskStories[]> {
  return Promise.all(
    tasks.map(async (task) => {
      const [train, test] = files.slice(2 * task - 2) as [DataFile, DataFile];
      return { task, train: await loadStories(place, train), test: await loadStories(place, test) };
    }),
  );
}

async function loadStories(place: string, file: DataFile): Promise<Story[]> {
  const look = await lookFor(place, file);
  if (look.state === 'good') return parseStories(look.content.toString('utf8'), look.path);
  if (look.state === 'missing') throw new UserError(`${join(place, file.name)} is missing.\n${repair}`);
  // The structure is looked at first: the number of a malformed line helps more than two hashes do.
  if (look.content !== null) parseStories(look.content.toString('utf8'), look.path);
  throw new UserError(`${look.path} is damaged: ${look.reason}.\n${repair}`);
}

const repair = "Run 'gnoise data fetch babi' to download it, or name the folder that holds bAbI with --data.";
