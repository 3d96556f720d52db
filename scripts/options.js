// How the options of scripts are read, besides src/cli/options.ts.
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../dist/cli/options.js';

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

/** For Command.exitOverride: 2 where the options are wrong, as in the command `gnoise`. */
export function exitCodes({ exitCode }) {
  process.exit(exitCode === 0 ? 0 : 2);
}

export function wholeNumbers(text) {
  return text.split(',').map(wholeNumber(1));
}

export function positiveNumber(text) {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return Number(text);
}
