import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvHttpProxyAgent, Pool } from 'undici';
import { underLock } from '../files/lock.js';
import { writing } from '../files/system-errors.js';
import type { DataFile } from './archive.js';
import { filesToFetch } from './look.js';
import { Download, type Transfer } from './mirrors.js';

export interface FetchOptions {
  /** Called as bytes arrive: bytes present so far and bytes in all, of the files that had to be downloaded. */
  readonly progress?: (bytes: number, total: number) => void;
  /** Plain-text notices, e.g. that a mirror was given up. */
  readonly notice?: (message: string) => void;
  /** Seconds without a byte after which a mirror is given up. */
  readonly stallSeconds?: number;
  /** Seconds before a mirror that is busy is asked again, for the first time; then twice as many, and so on. */
  readonly pauseSeconds?: number;
  /** Where the user may put a file that cannot be downloaded; else the folder itself. */
  readonly bringTo?: string;
  readonly signal?: AbortSignal;
}

/**
 * Brings every file into `folder`, checked; files that are there and good stay untouched.
 * A file appears whole or not at all: it grows as `<name>.part`, from which a later call resumes, and is renamed once
 * its size and SHA-256 are right. Processes that share the folder take turns. Proxies are taken from HTTP_PROXY,
 * HTTPS_PROXY and NO_PROXY.
 * @returns the names of the files that had to be downloaded.
 * @throws DownloadError when no mirror delivers a file; UserError when the folder cannot be written.
 */
export async function fetchFiles(
  files: readonly DataFile[],
  folder: string,
  options: FetchOptions = {},
): Promise<string[]> {
  if ((await filesToFetch(folder, files)).length === 0) return [];
  await writing(folder, '--data', () => mkdir(folder, { recursive: true }));
  const { notice = () => {}, signal, stallSeconds = 30, pauseSeconds = 1, bringTo = folder } = options;
  const onWait = (holder: string) => notice(`Waiting for ${holder}, which is downloading into ${folder}.`);
  const turns = { staleAfter: 5_000, onWait, signal, elsewhere: '--data' } as const;
  return underLock(join(folder, '.fetch.lock'), turns, async (lost) => {
    const connections = connectionsFor(stallSeconds);
    const ends = AbortSignal.any(signal ? [lost, signal] : [lost]);
    const transfer = { connections, stallSeconds, pauseSeconds, bringTo, notice, signal: ends };
    try {
      return await fetchInTurn(files, folder, transfer, options.progress);
    } finally {
      await connections.destroy();
    }
  });
}

async function fetchInTurn(
  files: readonly DataFile[],
  folder: string,
  transfer: Omit<Transfer, 'progress'>,
  progress: FetchOptions['progress'],
): Promise<string[]> {
  // Looked at again, because another process may have had its turn meanwhile.
  const wanted = await filesToFetch(folder, files);
  const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  for (const file of wanted) {
    const present = (bytes: number) => progress?.(before + bytes, total);
    await new Download(file, folder, { ...transfer, progress: present }).run();
    before += file.bytes;
  }
  return wanted.map((file) => file.name);
}

/** Connections that give up when nothing comes, be it from the server or from a proxy on the way to it. */
function connectionsFor(stallSeconds: number): EnvHttpProxyAgent {
  const patience = { headersTimeout: 1000 * stallSeconds, bodyTimeout: 1000 * stallSeconds };
  const clientFactory = (proxy: URL, options: object) => new Pool(proxy, { ...options, ...patience });
  return new EnvHttpProxyAgent({ ...patience, clientFactory });
}
