// How the options of scripts are read, besides src/cli/options.ts.
import { InvalidArgumentError } from 'commander';

/** Some of the names that are known, with commas between them. */
export function namesOf(known) {
  return (text) => {
    const names = text.split(',');
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new InvalidArgumentError(`There is no ${unknown}, but ${known.join(', ')}.`);
    return names;
  };
}

export function positiveNumber(text) {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return Number(text);
}
