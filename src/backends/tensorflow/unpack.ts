import { execa } from 'execa';
import { UserError } from '../../errors.js';
import type { Environment } from './folders.js';

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
  const { failed, stderr } = await execa(python, ['-c', program, wheel, target, ...patterns], {
    env: environment,
    extendEnv: false,
    reject: false,
  });
  if (!failed) return;
  const last = stderr.trim().split('\n').at(-1);
  throw new UserError(
    /No space left/.test(stderr)
      ? `The disk that holds ${target} is full. Free some space and run the command again.`
      : `${wheel} could not be unpacked (${last}). Delete that file and run the command again.`,
  );
}

/** Unpacks a package as npm packs it, without the folder that all its files are in. */
export async function unpackTarball(tarball: string, target: string): Promise<void> {
  const options = ['-xzf', tarball, '-C', target, '--strip-components=1'];
  const { failed, stderr } = await execa('tar', options, { reject: false });
  if (failed) throw new UserError(`${tarball} could not be unpacked: ${stderr.trim()}`);
}
