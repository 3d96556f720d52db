import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { sha256OfFile } from '../../files/sha256.js';
import { folderBytes } from '../../files/space.js';
import { programsIn } from './programs.js';

/**
 * Only the libraries in a wheel are used, not its Python part, so the Python here does not matter: all wheels are
 * asked for as this version, which every TensorFlow from 2.16 on supports.
 */
const wheelPython = '3.12';

export interface Wheel {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

export interface FetchWheels {
  readonly python: string;
  /** Requirements as pip writes them, e.g. `tensorflow-cpu==2.21.0`. Their dependencies are not fetched. */
  readonly requirements: readonly string[];
  /** Wheels that lie here already, from an install that was stopped, are not fetched again. */
  readonly folder: string;
  readonly environment: Environment;
  readonly progress: (line: string) => void;
}

/**
 * Downloads wheels with pip, which knows the user's index, mirrors, proxies, credentials and cache.
 * @throws UserError when pip finds no index, no such version, or fails.
 */
export async function fetchWheels(options: FetchWheels): Promise<Wheel[]> {
  const { python, requirements, folder, environment, progress } = options;
  // pip downloads into its temporary folder first; on many machines /tmp is too small for TensorFlow.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const pip = programsIn({ ...environment, TMPDIR: temporary })(
    python,
    [
      ...['-I', '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--python-version', wheelPython],
      ...['--disable-pip-version-check', '--progress-bar', 'off', '--dest', folder, ...requirements],
    ],
    { all: true },
  );
  const ticker = setInterval(async () => {
    progress(`  ... ${Math.round((await folderBytes(temporary)) / 1e6)} MB`);
  }, 10_000);
  const lines: string[] = [];
  try {
    for await (const line of pip.iterable({ from: 'all' })) {
      lines.push(line);
      if (/^\s*(Collecting|Downloading|Using cached|File was already)/.test(line))
        progress(`  ${line.trim()}`);
    }
  } catch {
    // The exit status says it below.
  } finally {
    clearInterval(ticker);
  }
  const { failed } = await pip;
  if (failed) throw new UserError(pipFailure(lines.join('\n'), requirements));
  return findWheels(folder, requirements);
}

/** The wheels in a folder that answer to requirements, in their order. */
async function findWheels(folder: string, requirements: readonly string[]): Promise<Wheel[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.whl'));
  const newestFirst = await Promise.all(
    files.map(async (file) => ({ file, time: (await stat(join(folder, file))).mtimeMs })),
  );
  newestFirst.sort((a, b) => b.time - a.time);
  return Promise.all(
    requirements.map((requirement) => {
      const wanted = normalise(/^[\w.-]+/.exec(requirement)?.[0] ?? requirement);
      const found = newestFirst.find(({ file }) => normalise(file.split('-')[0]!) === wanted);
      if (!found)
        throw new UserError(`pip reported success, but left no wheel of ${requirement} in ${folder}.`);
      return describeWheel(join(folder, found.file));
    }),
  );
}

async function describeWheel(path: string): Promise<Wheel> {
  const [name = '', version = ''] = basename(path).split('-');
  return { path, name, version, sha256: await sha256OfFile(path) };
}

/** Package names are equal up to case and the choice of `-`, `_` and `.` (Python packaging, name normalisation). */
const normalise = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');

/** What pip's output means to somebody who wanted TensorFlow. */
export function pipFailure(output: string, requirements: readonly string[]): string {
  const wanted = requirements.join(', ');
  const tail = output.trim().split('\n').slice(-6).join('\n');
  if (/No space left on device|ENOSPC|Errno 28/.test(output)) {
    return `The disk is full, so pip could not download ${wanted}. Free some space and run the command again.\n${tail}`;
  }
  if (
    /NewConnectionError|Max retries|timed? ?out|Name or service|name resolution|ProxyError|SSLError/i.test(
      output,
    )
  ) {
    return (
      `pip reached no package index, so ${wanted} could not be downloaded. Check the network and the proxy ` +
      `(HTTPS_PROXY), or point pip at a mirror you can reach (PIP_INDEX_URL, or pip config set global.index-url URL), ` +
      `or at a folder of wheels (PIP_FIND_LINKS). What is downloaded already is kept.\n${tail}`
    );
  }
  if (/No matching distribution|Could not find a version/.test(output)) {
    return (
      `The package index offers no ${wanted} for this machine (${process.platform}-${process.arch}). TensorFlow is ` +
      `published for Linux with glibc 2.27 or newer, not for musl (Alpine). Was the version mistyped? The oldest ` +
      `supported is 2.16.\n${tail}`
    );
  }
  return `pip could not download ${wanted}:\n${tail}`;
}
