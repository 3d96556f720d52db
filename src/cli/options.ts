import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { backendNames, deviceNames } from '../backends/names.js';
import { threadsProblem } from '../planning/option-limits.js';

/**
 * A whole number of at least `least`.
 * @param tooLarge what is wrong with a larger one than can be asked for, or undefined.
 */
export function wholeNumber(
  least: number,
  tooLarge: (value: number) => string | undefined = () => undefined,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least)
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
    const problem = tooLarge(value);
    if (problem !== undefined) throw new InvalidArgumentError(problem);
    return value;
  };
}

/** Collects an option that may be given several times, or once with commas. */
function list(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((part) => part.trim())];
}

/** Collects an option that may be given several times, and whose values may hold commas. */
function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const profile = new Option('--profile <name>', "scale overlay of the config; 'paper' is the file itself");
const arm = new Option('--arm <names>', 'only these arms').argParser(list);
const setting = new Option('--setting <names>', 'only these settings').argParser(list);
const seed = new Option('--seed <number>', "this seed instead of the config's").conflicts('seeds');
const seeds = new Option('--seeds <range>', "these seeds instead of the config's, e.g. 0-19 or 0-3,7");
const set = new Option(
  '--set <path=value>',
  'a value on top of all, e.g. --set train.epochs=2; may be repeated',
).argParser(each);

/** What is laid over a config. */
export const overrideOptions = [profile, seed, seeds, set] as const;

/** Which trials are meant. */
export const trialOptions = [profile, arm, setting, seed, seeds, set] as const;

/** The path of a file or a folder. A blank one is a variable of a script that is not set, and would mean the current folder. */
export function pathOf(what: 'file' | 'folder'): (text: string) => string {
  return (text) => {
    if (text.trim() === '') throw new InvalidArgumentError(`It must be the path of a ${what}.`);
    return text;
  };
}

/** Where results lie. */
export const resultsOption = new Option('--results <folder>', 'where results are kept')
  .default('results')
  .env('GNOISE_RESULTS')
  .argParser(pathOf('folder'));

/** Where data lies. */
export const dataOption = new Option(
  '--data <folder>',
  'where data sets are looked for first (then GNOISE_DATA, then the cache folder)',
).argParser(pathOf('folder'));

/** What computes. */
export const backendOptions = [
  new Option('--backend <name>', "'auto' takes native TensorFlow where it is installed, else wasm")
    .choices(['auto', ...backendNames])
    .default('auto'),
  new Option('--device <name>', "for tensorflow: 'gpu' insists on one").choices(deviceNames).default('auto'),
  new Option(
    '--threads <number>',
    'of each process; 0 shares the cores out among processes (tensorflow: leaves it to the library)',
  )
    .argParser(wholeNumber(0, threadsProblem))
    .default(0),
  new Option('--verbose', "shows the native library's own messages").default(false),
] as const;

/** Where a queue is. A password on a command line is seen by everybody on the machine; in the environment it is not. */
export const queueOption = new Option(
  '--queue <address>',
  'redis://host: a queue on Redis or Valkey (rediss:// with TLS); needs npm install bullmq ioredis',
).env('GNOISE_QUEUE');

/** For commands that print data. */
export const jsonOption = new Option('--json', 'as JSON').default(false);

/** For commands that work long. */
export const eventsOption = new Option('--json', 'what happens as lines of JSON, one an event').default(
  false,
);
