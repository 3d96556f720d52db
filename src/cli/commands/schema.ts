import { command } from '../command.js';
import { writeJson } from '../json.js';

export const schema = command({
  name: 'schema',
  arguments: '',
  text: 'prints the JSON Schema of config files',
  options: [],
  async action(_values, _flags, { out }) {
    const { jsonSchema } = await import('../../config/schema.js');
    const { experiments } = await import('../../experiments/index.js');
    writeJson(out, jsonSchema(experiments));
  },
});
