import { UserError } from '../../errors.js';
import { command } from '../command.js';

export const completion = command({
  name: 'completion',
  arguments: '<shell>',
  text: 'prints a script that completes commands, options and configs by the Tab key, for bash, zsh or fish',
  options: [],
  async action([shell], _flags, streams) {
    const { completionsOf } = await import('../completion/completions.js');
    const { scripts } = await import('../completion/scripts.js');
    const { buildProgram } = await import('../program.js');
    const script = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined;
    if (!script)
      throw new UserError(
        `There is no completion for ${shell}; there is for ${Object.keys(scripts).join(', ')}.`,
      );
    streams.out.write(script(completionsOf(buildProgram(streams, () => {}))));
  },
});
