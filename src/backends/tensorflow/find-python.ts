import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { programsIn } from './programs.js';

/** The oldest Python whose pip can choose wheels for another Python version reliably. */
const oldest = [3, 9] as const;

const repair =
  'Install Python 3.9 or newer with pip (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip), ' +
  'or name one in the variable PYTHON.';

/**
 * The first usable Python among the variable PYTHON, `python3` and `python`. It only fetches and unpacks; it is not
 * needed once TensorFlow is installed.
 * @returns the command.
 * @throws UserError when there is no Python, when it is too old, or when it has no pip.
 */
export async function findPython(environment: Environment = process.env): Promise<string> {
  const candidates = [environment.PYTHON, 'python3', 'python'].filter((name) => name !== undefined);
  const reasons: string[] = [];
  for (const command of candidates) {
    const reason = await unfit(command, environment);
    if (reason === undefined) return command;
    reasons.push(`  ${command}: ${reason}`);
  }
  throw new UserError(
    `TensorFlow comes as a Python package, and no usable Python was found:\n${reasons.join('\n')}\n${repair}`,
  );
}

/*
 * Python is always isolated (-I): otherwise it would run a pip.py, sys.py or zipfile.py of the folder that the user is in.
 */

/** Why a Python cannot be used, or undefined when it can. */
async function unfit(command: string, environment: Environment): Promise<string | undefined> {
  const run = programsIn(environment);
  const asked = await run(command, ['-I', '-c', 'import sys; print(*sys.version_info[:3], sep=".")']);
  if (asked.failed) return asked.code === 'ENOENT' ? 'not found' : `does not start (${asked.shortMessage})`;
  const version = asked.stdout.trim();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return `version ${version} is too old, ${oldest.join('.')} is needed`;
  }
  const pip = await run(command, ['-I', '-m', 'pip', '--version']);
  return pip.failed ? `version ${version} has no pip` : undefined;
}
