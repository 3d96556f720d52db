import { CommanderError } from '@commander-js/extra-typings';
import { UserError } from '../errors.js';
import { printableLines } from '../excerpt.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { buildProgram } from './program.js';
import type { Streams } from './streams.js';

/**
 * The command line. This is the one place that turns what happened into an exit code: 0 all is well (a diverged trial
 * is a finished one), 1 some trials failed or a check found a difference, 2 the user's input is wrong, 130 interrupted.
 */
export async function main(args: readonly string[], streams: Streams = processStreams()): Promise<number> {
  let code: ExitCode = exitCodes.ok;
  const program = buildProgram(streams, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.userError;
    if (error instanceof UserError) {
      streams.err.write(`${printableLines(error.message)}\n`);
      return exitCodes.userError;
    }
    // Anything else is a fault of ours: all of it is shown.
    streams.err.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.someFailed;
  }
}

function processStreams(): Streams {
  // `gnoise table ... | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    throw error;
  });
  return { out: process.stdout, err: process.stderr };
}
