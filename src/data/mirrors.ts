import { constants } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, errors, fetch, type Response } from 'undici';
import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { writing } from '../files/system-errors.js';
import { publish } from '../files/whole.js';
import { type DataFile, hasContent, sizeOf } from './archive.js';

/** No mirror delivered a file. The user's folder and disk are in order; the network or the mirrors are not. */
export class DownloadError extends UserError {
  override name = 'DownloadError';
}

/** What a download works with. */
export interface Transfer {
  readonly connections: Dispatcher;
  /** Seconds without a byte after which the connections give up. */
  readonly stallSeconds: number;
  /** Seconds before a mirror that is busy is asked again, for the first time. */
  readonly pauseSeconds: number;
  /** Where the user may put a file that no mirror delivers. */
  readonly bringTo: string;
  /** Called as bytes arrive, with those of the file that are present. */
  readonly progress: (bytes: number) => void;
  readonly notice: (message: string) => void;
  readonly signal: AbortSignal;
}

/** A connection is tried again as long as it brings something; this many times in a row it may bring nothing. */
const fruitless = 2;

/** Answers of a server that is busy or faulty for a while: HTTP 429 and most of 5xx. It is asked again so many times. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const busyTimes = 3;
/** A server that asks for a longer wait is given up. */
const longestPauseSeconds = 60;

/** One file on its way from its mirrors into its folder. It grows as `<name>.part`. */
export class Download {
  private readonly target: string;
  private readonly part: string;

  constructor(
    private readonly file: DataFile,
    folder: string,
    private readonly transfer: Transfer,
  ) {
    this.target = join(folder, file.name);
    this.part = `${this.target}.part`;
  }

  /**
   * Brings the file from the first mirror that has it, checked.
   * @throws DownloadError when none has; UserError when the folder cannot be written.
   */
  async run(): Promise<void> {
    // Whoever could put a link there would choose what is overwritten.
    const there = await lstat(this.part).catch(() => null);
    if (there?.isDirectory())
      throw new UserError(`${this.part} is a folder, where a file is to be downloaded. Move it away.`);
    if (there !== null && !there.isFile()) await this.discard();
    const failures: string[] = [];
    for (const url of this.file.mirrors) {
      try {
        await this.fromMirror(url);
        return await writing(this.target, '--data', () => publish(this.part, this.target));
      } catch (error) {
        this.transfer.signal.throwIfAborted();
        if (error instanceof UserError) throw error;
        const reason = reasonOf(error, this.transfer.stallSeconds);
        failures.push(`${url}: ${reason}`);
        this.transfer.notice(`${url} failed: ${reason}`);
      }
    }
    throw new DownloadError(
      `${this.file.name} could not be downloaded:\n${failures.map((line) => `  ${line}\n`).join('')}` +
        `Check the network (a proxy is set with HTTPS_PROXY) and run the command again: it goes on where it stopped.\n` +
        `Or bring the file by other means and put it into ${this.transfer.bringTo}.`,
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
    let busy = 0;
    for (let have = await this.length(); have < this.file.bytes; ) {
      const failure = await this.append(url, have).then(
        () => null,
        (error: unknown) => error,
      );
      this.transfer.signal.throwIfAborted();
      if (failure instanceof Busy && busy < busyTimes) {
        await this.pause(failure, busy);
        busy += 1;
        continue;
      }
      if (failure instanceof Refusal || failure instanceof UserError) throw failure;
      const now = await this.length();
      idle = now > have ? 0 : idle + 1;
      if (idle === fruitless) throw failure ?? new Error(`it ends after ${now} of ${this.file.bytes} bytes`);
      have = now;
    }
  }

  /** Waits as long as a busy server asks for, else longer each time. */
  private async pause(failure: Busy, before: number): Promise<void> {
    const seconds = failure.retryAfterSeconds ?? this.transfer.pauseSeconds * 2 ** before;
    if (seconds > longestPauseSeconds)
      throw new Refusal(`${failure.message}, and it asks to wait for ${Math.ceil(seconds)} s`);
    this.transfer.notice(`${failure.message}; trying again in ${Math.ceil(seconds)} s`);
    await sleep(1000 * seconds, undefined, { signal: this.transfer.signal }).catch(() => {});
    this.transfer.signal.throwIfAborted();
  }

  /** Appends what the server sends from byte `have` on, or starts anew where it ignores the range. */
  private async append(url: string, have: number): Promise<void> {
    const response = await fetch(url, {
      dispatcher: this.transfer.connections,
      signal: this.transfer.signal,
      // Without 'identity' a server may compress, and offsets would mean something else.
      headers: { 'accept-encoding': 'identity', ...(have > 0 && { range: `bytes=${have}-` }) },
    });
    await this.receive(response, await this.startOf(response, have));
  }

  /** The offset in the file of the first byte of the response's body. */
  private async startOf(response: Response, have: number): Promise<number> {
    if (response.status === 200) return 0;
    const range = response.headers.get('content-range');
    if (response.status === 206 && range?.startsWith(`bytes ${have}-`)) return have;
    await response.body?.cancel();
    if (response.status === 206)
      throw new Refusal(`it answers with the range '${excerpt(range ?? '')}', not from byte ${have}`);
    const answer = `HTTP ${response.status} ${excerpt(response.statusText)}`.trimEnd();
    throw passing.has(response.status)
      ? new Busy(answer, secondsOf(response.headers.get('retry-after')))
      : new Refusal(answer);
  }

  private async receive(response: Response, start: number): Promise<void> {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW = 0 } = constants;
    const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (start > 0 ? O_APPEND : O_TRUNC);
    const handle = await writing(this.part, '--data', () => open(this.part, flags));
    try {
      let length = start;
      for await (const chunk of response.body ?? []) {
        length += chunk.byteLength;
        if (length > this.file.bytes)
          throw new Refusal(`it sends more than the file's ${this.file.bytes} bytes`);
        await writing(this.part, '--data', () => handle.appendFile(chunk));
        this.transfer.progress(length);
      }
    } finally {
      await handle.close();
    }
  }

  private async length(): Promise<number> {
    return (await sizeOf(this.part)) ?? 0;
  }

  private discard(): Promise<void> {
    return writing(this.part, '--data', () => rm(this.part, { force: true }));
  }
}

/** The mirror answered, but not with the file: asking it again is pointless. */
class Refusal extends Error {}

/** The mirror may have the file, but not now. */
class Busy extends Refusal {
  constructor(
    message: string,
    /** What it asks for; null where it does not say. */
    readonly retryAfterSeconds: number | null,
  ) {
    super(message);
  }
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const seconds = (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** The innermost cause: fetch wraps "connect ECONNREFUSED 127.0.0.1:80" into "fetch failed". */
function reasonOf(error: unknown, stallSeconds: number): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof errors.HeadersTimeoutError || inner instanceof errors.BodyTimeoutError)
    return `nothing came for ${stallSeconds} s`;
  if (!(inner instanceof Error)) return String(inner);
  return excerpt(inner.message, 200) || ((inner as NodeJS.ErrnoException).code ?? inner.name);
}
