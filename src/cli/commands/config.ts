import { command } from '../command.js';
import { overrideOptions } from '../options.js';

export const config = command({
  name: 'config',
  arguments: '<file>',
  text: 'prints what a config comes to, with profile and options applied',
  options: overrideOptions,
  async action([file], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { loadConfig } = await import('../../config/load.js');
    const { configText } = await import('../../config/text.js');
    const { experiments } = await import('../../experiments/index.js');
    out.write(configText(loadConfig(file, experiments, overridesOf(flags))));
  },
});
