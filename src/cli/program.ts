import { Command } from '@commander-js/extra-typings';
import { printableLines } from '../excerpt.js';
import { ownVersion } from '../runner/version.js';
import type { AddCommand } from './command.js';
import { backend } from './commands/backend/index.js';
import { completion } from './commands/completion.js';
import { config } from './commands/config.js';
import { data } from './commands/data/index.js';
import { doctor } from './commands/doctor.js';
import { exportCurves } from './commands/export.js';
import { merge } from './commands/merge.js';
import { plot } from './commands/plot.js';
import { report } from './commands/report.js';
import { run } from './commands/run.js';
import { schema } from './commands/schema.js';
import { status } from './commands/status.js';
import { table } from './commands/table.js';
import { trace } from './commands/trace.js';
import { work } from './commands/work.js';
import type { ExitCode } from './exit-codes.js';
import type { Streams } from './streams.js';

/** In the order in which the help lists them; each loads what it needs when it is called. */
const commands: readonly AddCommand[] = [
  run,
  work,
  table,
  plot,
  report,
  exportCurves,
  status,
  merge,
  config,
  schema,
  trace,
  data,
  backend,
  doctor,
  completion,
];

/** @param end takes the exit code of the command that was called. */
export function buildProgram(streams: Streams, end: (code: ExitCode) => void): Command {
  const program = new Command('gnoise')
    .description(
      'Replicates "Adding Gradient Noise Improves Learning for Very Deep Networks" (arXiv 1511.06807).',
    )
    .version(ownVersion(), '-V, --version', 'prints the version')
    // What follows a command's name is that command's own: `gnoise backend install --version 2.21.0`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      // What is wrong with an argument repeats it.
      writeErr: (text) => streams.err.write(printableLines(text)),
    })
    .showHelpAfterError('(gnoise help shows all commands)')
    .showSuggestionAfterError();
  for (const add of commands) add(program, streams, end);
  return program;
}
