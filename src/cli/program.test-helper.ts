import type { ExitCode } from './exit-codes.js';
import { buildProgram } from './program.js';
import { capture } from './streams.test-helper.js';

/** A command line, run in this process: its exit code and what it wrote. Mistakes in the input are thrown. */
export async function runProgram(
  ...words: readonly string[]
): Promise<{ code: ExitCode; out: string; err: string }> {
  const streams = capture();
  let code: ExitCode = -1;
  const program = buildProgram(streams, (ended) => {
    code = ended;
  });
  await program.parseAsync([...words], { from: 'user' });
  return { code, ...streams.text };
}
