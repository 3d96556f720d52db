import type { z } from 'zod';
import { UserError } from '../errors.js';
import type { Experiment, Settings } from '../experiments/experiment.js';
import type { TrialDescription } from '../trials/trial.js';

/**
 * The settings inside a description, as its experiment knows them: the one way from what is planned, handed on or stored to
 * what a program is built of.
 * @throws UserError if the description is not one of this version of the experiment.
 */
export function settingsOf<S extends Settings>(
  { name, schema }: Experiment<S>,
  description: TrialDescription,
): Pick<S, keyof Settings> {
  const read = <T>(section: keyof Settings, known: z.ZodType<T>): T => {
    const result = known.safeParse(description[section]);
    if (result.success) return result.data;
    const { path, message } = result.error.issues[0]!;
    throw new UserError(
      `A trial of ${name} has settings that this version of gnoise does not know: ${[section, ...path].join('.')}: ` +
        `${message}. Plan it and train it with the same version.`,
    );
  };
  return {
    data: read('data', schema.data),
    model: read('model', schema.model),
    train: read('train', schema.train),
  };
}
