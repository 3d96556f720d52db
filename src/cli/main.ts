import { CommanderError } from '@commander-js/extra-typings';
import { Mishap, UserError } from '../errors.js';
import { printableLines } from '../excerpt.js';
import { surviveSizeLimit } from '../files/size-limit.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { buildProgram } from './program.js';
import { processStreams, type Streams } from './streams.js';

/**
 * The command line. This is the one place that turns what happened into an exit code: 0 all is well (a diverged trial
 * is a finished one), 1 some trials failed or a check found a difference, 2 the user's input is wrong, 3 the rest is in the
 * hands of others, 128 and a signal's number where one interrupted it.
 */
export async function main(args: readonly string[], streams?: Streams): Promise<number> {
  if (streams) return run(args, streams);
  surviveSizeLimit();
  const own = processStreams();
  const code = await run(args, own);
  const problem = await own.problem();
  if (problem === null || code !== exitCodes.ok) return code;
  own.err.write(`${problem}\n`);
  return exitCodes.someFailed;
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
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
    if (error instanceof Mishap) {
      streams.err.write(`${printableLines(error.message)}\n`);
      return exitCodes.someFailed;
    }
    // Anything else is a fault of ours: all of it is shown.
    streams.err.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.someFailed;
  }
}
