import { printableLines } from '../../excerpt.js';
import { command } from '../command.js';
import { writeJson } from '../json.js';
import { jsonOption, overrideOptions } from '../options.js';

export const config = command({
  name: 'config',
  arguments: '<file>',
  text: 'prints what a config comes to, with profile and options applied',
  options: [...overrideOptions, jsonOption],
  async action([file], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { loadConfig } = await import('../../config/load.js');
    const { configJson, configText } = await import('../../config/text.js');
    const { experiments } = await import('../../experiments/index.js');
    const config = loadConfig(file, experiments, overridesOf(flags));
    if (flags.json) writeJson(out, configJson(config));
    else out.write(printableLines(configText(config)));
  },
});
