import { jsonSchema } from '../config/schema.js';
import type { Experiment } from '../experiments/experiment.js';

/** `gnoise schema`: the JSON Schema of config files, which `schema/gnoise.schema.json` holds. */
export function schemaCommand(experiments: ReadonlyMap<string, Experiment>): string {
  return `${JSON.stringify(jsonSchema(experiments), null, 2)}\n`;
}
