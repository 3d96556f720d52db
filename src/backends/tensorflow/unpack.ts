import { extract } from 'tar';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { writing } from '../../files/system-errors.js';
import { programsIn } from './programs.js';

/**
 * A wheel is a zip archive, and Python is at hand. Only what matches is written: a TensorFlow wheel unpacks to
 * 24,000 files, of which two libraries and some headers are needed.
 */
const program = `
import fnmatch, os, sys, zipfile
wheel, target, *patterns = sys.argv[1:]
wanted = [p for p in patterns if not p.startswith('!')]
unwanted = [p[1:] for p in patterns if p.startswith('!')]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        matches = lambda patterns: any(fnmatch.fnmatchcase(member.filename, p) for p in patterns)
        if matches(wanted) and not matches(unwanted):
            path = archive.extract(member, target)
            if member.external_attr >> 16 & 0o100: os.chmod(path, 0o755)
`;

export interface Unpack {
  readonly python: string;
  readonly wheel: string;
  readonly target: string;
  readonly patterns: readonly string[];
  readonly environment: Environment;
}

/**
 * Unpacks the members of a wheel that match one of the patterns and none of those that begin with `!`; `*` matches
 * across folders.
 * @throws UserError when the archive is broken or the disk is full.
 */
export async function unpackWheel({ python, wheel, target, patterns, environment }: Unpack): Promise<void> {
  const { failed, stderr } = await programsIn(environment)(python, [
    '-I',
    '-c',
    program,
    wheel,
    target,
    ...patterns,
  ]);
  if (!failed) return;
  const last = stderr.trim().split('\n').at(-1);
  throw new UserError(
    /No space left/.test(stderr)
      ? `The disk that holds ${target} is full. Free some space and run the command again.`
      : `${wheel} could not be unpacked (${last}). Delete that file and run the command again.`,
  );
}

/**
 * Unpacks a package as npm packs it, without the folder that all its files are in.
 * @throws UserError when the archive is damaged or the target cannot be written.
 */
export async function unpackTarball(tarball: string, target: string): Promise<void> {
  const unpack = () => extract({ file: tarball, cwd: target, strip: 1, strict: true });
  try {
    await writing(target, 'GNOISE_CACHE', unpack);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${tarball} could not be unpacked: ${(error as Error).message}. Try again.`);
  }
}
