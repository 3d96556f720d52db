import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { UserError } from '../errors.js';
import { onDisk } from '../files/disk-errors.js';
import { type DataFile, fileState, hasContent, sizeOf } from './archive.js';

/** No mirror delivered a file. The user's folder and disk are in order; the network or the mirrors are not. */
export class DownloadError extends UserError {
  override name = 'DownloadError';
}

export interface FetchOptions {
  /** Called as bytes arrive: bytes present so far and bytes in all, of the files that had to be downloaded. */
  readonly progress?: (bytes: number, total: number) => void;
  /** Plain-text notices, e.g. that a mirror was given up. */
  readonly notice?: (message: string) => void;
  /** Seconds without a byte after which a mirror is given up. */
  readonly stallSeconds?: number;
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
  if ((await filesToFetch(files, folder)).length === 0) return [];
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const turn = await takeTurn(folder, options);
  const proxy = new EnvHttpProxyAgent();
  try {
    // Looked at again, because another process may have had its turn meanwhile.
    const wanted = await filesToFetch(files, folder);
    const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
    let before = 0;
    for (const file of wanted) {
      const progress = (bytes: number) => options.progress?.(before + bytes, total);
      await new Download(file, folder, progress, proxy, options, turn.signal).run();
      before += file.bytes;
    }
    return wanted.map((file) => file.name);
  } finally {
    await proxy.destroy();
    await turn.end();
  }
}

async function filesToFetch(files: readonly DataFile[], folder: string): Promise<DataFile[]> {
  const states = await Promise.all(files.map((file) => fileState(folder, file)));
  return files.filter((_, index) => states[index] !== 'good');
}

/** Waits until no other process downloads into `folder`; the signal fires if the turn is lost or the caller aborts. */
async function takeTurn(folder: string, { notice, signal }: FetchOptions) {
  const lost = new AbortController();
  const signals = signal ? [lost.signal, signal] : [lost.signal];
  const settings = {
    lockfilePath: join(folder, '.fetch.lock'),
    realpath: false,
    stale: 5_000,
    onCompromised: () => lost.abort(new UserError(`Another process took over the download into ${folder}.`)),
  };
  const patient = { ...settings, retries: { forever: true, factor: 1, minTimeout: 250, maxTimeout: 250 } };
  const release = await onDisk(folder, () =>
    lock(folder, settings).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ELOCKED') throw error;
      notice?.(`Another process is downloading into ${folder}; waiting for it.`);
      return lock(folder, patient);
    }),
  );
  // A turn that was lost is another's to end.
  const end = () => (lost.signal.aborted ? Promise.resolve() : release());
  return { signal: AbortSignal.any(signals), end };
}

/** A connection is tried again as long as it brings something; this many times in a row it may bring nothing. */
const fruitless = 2;

/** One file on its way into its folder. */
class Download {
  private readonly target: string;
  private readonly part: string;

  constructor(
    private readonly file: DataFile,
    private readonly folder: string,
    private readonly progress: (bytes: number) => void,
    private readonly proxy: EnvHttpProxyAgent,
    private readonly options: FetchOptions,
    private readonly signal: AbortSignal,
  ) {
    this.target = join(folder, file.name);
    this.part = `${this.target}.part`;
  }

  async run(): Promise<void> {
    const failures: string[] = [];
    for (const url of this.file.mirrors) {
      try {
        await this.fromMirror(url);
        return await this.publish();
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof UserError) throw error;
        failures.push(`${url}: ${reason(error)}`);
        this.options.notice?.(`${url} failed: ${reason(error)}`);
      }
    }
    throw new DownloadError(
      `${this.file.name} could not be downloaded:\n${failures.map((line) => `  ${line}\n`).join('')}` +
        `Check the network (a proxy is set with HTTPS_PROXY) and run the command again: it goes on where it stopped.\n` +
        `Or bring the file by other means and put it into ${this.folder}.`,
    );
  }

  /** Completes the part from one mirror, then checks it. */
  private async fromMirror(url: string): Promise<void> {
    const resumed = await this.length();
    await this.complete(url);
    if (await hasContent(this.part, this.file)) return;
    await this.discard();
    // What was resumed may have been wrong before this mirror touched it.
    if (resumed > 0) {
      await this.complete(url);
      if (await hasContent(this.part, this.file)) return;
      await this.discard();
    }
    throw new Error('what it sends does not have the published SHA-256');
  }

  private async complete(url: string): Promise<void> {
    if ((await this.length()) > this.file.bytes) await this.discard();
    let idle = 0;
    for (let have = await this.length(); have < this.file.bytes; ) {
      const failure = await this.transfer(url, have).then(
        () => null,
        (error: unknown) => error,
      );
      this.signal.throwIfAborted();
      if (failure instanceof Refusal || failure instanceof UserError) throw failure;
      const now = await this.length();
      idle = now > have ? 0 : idle + 1;
      if (idle === fruitless) throw failure ?? new Error(`it ends after ${now} of ${this.file.bytes} bytes`);
      have = now;
    }
  }

  /** Appends what the server sends from byte `have` on, or starts anew where it ignores the range. */
  private async transfer(url: string, have: number): Promise<void> {
    const stall = new Stall(this.options.stallSeconds ?? 30);
    try {
      const response = await fetch(url, {
        dispatcher: this.proxy,
        signal: AbortSignal.any([this.signal, stall.signal]),
        // Without 'identity' a server may compress, and offsets would mean something else.
        headers: { 'accept-encoding': 'identity', ...(have > 0 && { range: `bytes=${have}-` }) },
      });
      const start = await this.startOf(response, have);
      await this.receive(response, start, stall);
    } finally {
      stall.end();
    }
  }

  /** The offset in the file of the first byte of the response's body. */
  private async startOf(response: Response, have: number): Promise<number> {
    if (response.status === 200) return 0;
    const range = response.headers.get('content-range');
    if (response.status === 206 && range?.startsWith(`bytes ${have}-`)) return have;
    await response.body?.cancel();
    if (response.status === 206)
      throw new Refusal(`it answers with the range '${range}', not from byte ${have}`);
    throw new Refusal(`HTTP ${response.status} ${response.statusText}`.trimEnd());
  }

  private async receive(response: Response, start: number, stall: Stall): Promise<void> {
    const handle = await onDisk(this.part, () => open(this.part, start > 0 ? 'r+' : 'w'));
    try {
      let length = start;
      for await (const chunk of response.body ?? []) {
        stall.restart();
        length += chunk.byteLength;
        if (length > this.file.bytes)
          throw new Refusal(`it sends more than the file's ${this.file.bytes} bytes`);
        await onDisk(this.part, () => write(handle, chunk, length - chunk.byteLength));
        this.progress(length);
      }
    } finally {
      await handle.close();
    }
  }

  /** Gives the checked part its name, so that even a power cut leaves the old state or the whole file. */
  private async publish(): Promise<void> {
    await onDisk(this.target, async () => {
      await synchronise(this.part, 'r+');
      await rename(this.part, this.target);
    });
    // Windows cannot synchronise a folder, and needs no such step.
    if (process.platform !== 'win32') await onDisk(this.folder, () => synchronise(this.folder, 'r'));
  }

  private async length(): Promise<number> {
    return (await sizeOf(this.part)) ?? 0;
  }

  private discard(): Promise<void> {
    return onDisk(this.part, () => rm(this.part, { force: true }));
  }
}

/** The mirror answered, but not with the file: asking it again is pointless. */
class Refusal extends Error {}

/** Aborts when nothing has happened for a while. */
class Stall {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly seconds: number) {
    this.restart();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  restart(): void {
    clearTimeout(this.timer);
    const abort = () => this.controller.abort(new Error(`nothing came for ${this.seconds} s`));
    this.timer = setTimeout(abort, this.seconds * 1000);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

async function write(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  // A single write may be partial, e.g. on a nearly full disk.
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, position + done);
    done += bytesWritten;
  }
}

async function synchronise(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The innermost cause: fetch wraps "connect ECONNREFUSED 127.0.0.1:80" into "fetch failed". */
function reason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || ((inner as NodeJS.ErrnoException).code ?? inner.name);
}
