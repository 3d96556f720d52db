import { Command, CommanderError, Option } from 'commander';
import { UserError } from './errors.js';
import { backendOptions, dataOption, resultsOption, trialOptions, wholeNumber } from './options.js';
import type { TrialOptions } from './planning.js';
import type { Streams } from './streams.js';

/** Exit codes. */
const OK = 0;
const SOME_FAILED = 1;
const USER_ERROR = 2;
const INTERRUPTED = 130;

/** `--seed 3` is `--seeds 3`. */
type TrialFlags = TrialOptions & { seed?: string };

/**
 * The command line. This is the one place that turns what happened into an exit code: 0 all is well (a diverged trial
 * is a finished one), 1 some trials failed or a check found a difference, 2 the user's input is wrong, 130 interrupted.
 */
export async function main(args: readonly string[], streams: Streams = processStreams()): Promise<number> {
  let code = OK;
  const program = buildProgram(streams, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USER_ERROR;
    if (error instanceof UserError) {
      streams.err.write(`${error.message}\n`);
      return USER_ERROR;
    }
    // Anything else is a fault of ours: all of it is shown.
    streams.err.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return SOME_FAILED;
  }
}

function processStreams(): Streams {
  // `gnoise table ... | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(OK);
    throw error;
  });
  return { out: process.stdout, err: process.stderr };
}

function buildProgram(streams: Streams, setCode: (code: number) => void): Command {
  const program = new Command('gnoise')
    .description(
      'Replicates "Adding Gradient Noise Improves Learning for Very Deep Networks" (arXiv 1511.06807).',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.err.write(text),
    })
    .showHelpAfterError('(gnoise help shows all commands)')
    .showSuggestionAfterError();
  const add = (signature: string, description: string, options: readonly Option[] = []) => {
    const command = program.command(signature).description(description);
    for (const option of options) command.addOption(option);
    return command;
  };

  program.option('--version', 'prints the version').on('option:version', () => {
    setCode(OK);
  });
  program.action(async (flags: { version?: boolean }) => {
    if (!flags.version) return program.help();
    const { ownVersion } = await import('../runner/version.js');
    streams.out.write(`${await ownVersion()}\n`);
  });

  add('run <config...>', 'trains every trial that has no result yet; resumes what was interrupted', [
    ...trialOptions(),
    new Option('--shard <k/n>', 'only the k-th of n parts of the trials: stable, disjoint, complete'),
    new Option('--jobs <number>', 'processes at once, a population each').argParser(wholeNumber(1)),
    new Option('--population <number>', 'most trials in lockstep').argParser(wholeNumber(1)),
    ...backendOptions(),
    resultsOption(),
    dataOption(),
    new Option('--offline', 'fetch no data').default(false),
    new Option('--retry-failed', 'also trains trials whose last attempt failed').default(false),
    new Option('--checkpoint-every <seconds>', 'seconds between checkpoints')
      .argParser(wholeNumber(1))
      .default(60),
    new Option('--dry-run', 'lists the trials and what is done of them, and trains nothing').default(false),
    new Option('--quiet', 'no progress').default(false),
    new Option('--json', 'the summary as JSON').default(false),
    new Option('--worker').hideHelp().default(false),
    new Option('--retry-failed-before <time>').hideHelp(),
  ]).action(async (files: string[], flags) => setCode(await run(files, flags, streams)));

  add('table <config...>', 'builds CSV files and a printed table from stored trials; trains nothing', [
    ...trialOptions().filter((option) => !['arm', 'setting'].includes(option.attributeName())),
    resultsOption(),
    new Option('--format <name>', 'how it is printed').choices(['text', 'md', 'csv']).default('text'),
    new Option(
      '--check',
      'writes nothing; fails when a CSV file differs from what the stored trials give',
    ).default(false),
  ]).action(
    async (files: string[], flags: TrialFlags & { results: string; format: 'text'; check: boolean }) => {
      const { plans, store } = await tablePlans(files, flags);
      const { tableCommand } = await import('./table.js');
      const { format, check } = flags;
      setCode((await tableCommand({ plans, store, format, check, ...streams })) ? OK : SOME_FAILED);
    },
  );

  add('status <config...>', 'what is planned, done, running and broken', [
    ...trialOptions().filter((option) => !['arm', 'setting'].includes(option.attributeName())),
    resultsOption(),
    new Option('--json', 'as JSON').default(false),
  ]).action(async (files: string[], flags: TrialFlags & { results: string; json: boolean }) => {
    const { plans, store } = await tablePlans(files, flags);
    const { statusCommand } = await import('./status.js');
    await statusCommand({ plans, store, json: flags.json, out: streams.out });
  });

  add('config <file>', 'prints what a config comes to, with profile and options applied', [
    ...trialOptions().filter((option) => !['arm', 'setting'].includes(option.attributeName())),
  ]).action(async (file: string, flags: TrialFlags) => {
    const { configCommand } = await import('./config.js');
    const { loadOptions } = await import('./planning.js');
    streams.out.write(configCommand(file, loadOptions(trialsOf(flags))));
  });

  add('schema', 'prints the JSON Schema of config files').action(async () => {
    const { schemaCommand } = await import('./schema.js');
    const { experiments } = await import('../experiments/index.js');
    streams.out.write(schemaCommand(experiments));
  });

  addData(program, streams, setCode);
  addBackend(program, streams);
  add('doctor', 'what works on this machine, what does not, and how to repair it', [
    dataOption(),
    new Option('--json', 'as JSON').default(false),
  ]).action(async (flags: { data?: string; json: boolean }) => {
    setCode((await examine(flags, streams)) ? OK : SOME_FAILED);
  });
  return program;
}

async function examine(
  { data: folder, json }: { data?: string; json: boolean },
  streams: Streams,
): Promise<boolean> {
  const { doctor } = await import('./doctor.js');
  const { checkData } = await import('./data.js');
  const { dataFolders } = await import('../data/folders.js');
  return doctor({ json, data: () => checkData(dataFolders(folder)), tryWasm }, streams);
}

/** Lets the WebAssembly backend multiply two numbers. */
async function tryWasm(): Promise<void> {
  const { openBackend } = await import('../backends/index.js');
  const tf = await import('@tensorflow/tfjs');
  await openBackend({ backend: 'wasm', device: 'auto', threads: 0, verbose: false });
  const [product] = tf.tidy(() => tf.matMul(tf.tensor2d([[2]]), tf.tensor2d([[3]])).dataSync());
  if (product !== 6) throw new Error(`the wasm backend computes 2 x 3 = ${product}`);
}

function addBackend(program: Command, streams: Streams): void {
  const backend = program.command('backend').description('installs, lists and removes native TensorFlow');
  backend
    .command('install')
    .description("gets TensorFlow from Python's package index and builds TensorFlow.js's binding against it")
    .option('--gpu', 'for NVIDIA cards')
    .option('--version <version>', 'of TensorFlow')
    .option('--force', 'also when it is installed already')
    .action(async (flags) => (await import('./backend.js')).installBackend(flags, streams));
  backend
    .command('list', { isDefault: true })
    .description('what is installed, and what is used')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./backend.js')).listBackends(flags, streams));
  backend
    .command('remove')
    .description('removes what was installed')
    .option('--gpu', 'only the one for NVIDIA cards')
    .option('--version <version>', 'only this version of TensorFlow')
    .action(async (flags) => (await import('./backend.js')).removeBackends(flags, streams));
}

function addData(program: Command, streams: Streams, setCode: (code: number) => void): void {
  const data = program.command('data').description('lists, fetches and verifies data sets');
  const request = async (name: string | undefined, { data: folder }: { data?: string }) => {
    const { dataFolders } = await import('../data/folders.js');
    return { name, folders: dataFolders(folder), ...streams };
  };
  data
    .command('list [name]', { isDefault: true })
    .description('what is there, and where')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).listData(await request(name, flags))),
    );
  data
    .command('fetch [name]')
    .description('downloads what is missing')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).fetchData(await request(name, flags))),
    );
  data
    .command('verify [name]')
    .description('compares every file with its published checksum')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).verifyData(await request(name, flags))),
    );
}

function trialsOf({ seed, seeds, ...flags }: TrialFlags): TrialOptions {
  const chosen = seed ?? seeds;
  return { ...flags, ...(chosen === undefined ? {} : { seeds: chosen }) };
}

async function tablePlans(files: readonly string[], flags: TrialFlags & { results: string }) {
  const { planTables } = await import('./planning.js');
  const { ResultStore } = await import('../results/store.js');
  const store = new ResultStore(flags.results);
  return { store, plans: await planTables(files, trialsOf(flags), store) };
}

/** Flags of `run`, as commander gives them. */
interface RunFlags extends TrialFlags {
  readonly jobs?: number;
  readonly population?: number;
  readonly backend: 'auto';
  readonly device: 'auto';
  readonly threads: number;
  readonly verbose: boolean;
  readonly results: string;
  readonly data?: string;
  readonly offline: boolean;
  readonly retryFailed: boolean;
  readonly retryFailedBefore?: string;
  readonly checkpointEvery: number;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly worker: boolean;
}

async function run(files: readonly string[], flags: RunFlags, streams: Streams): Promise<number> {
  const { runCommand, workerCommand } = await import('./run.js');
  const { dataFolders } = await import('../data/folders.js');
  const { backend, device, threads, verbose, jobs, population, checkpointEvery, ...rest } = flags;
  const options = {
    ...rest,
    ...trialsOf(flags),
    backend: { backend, device, threads, verbose },
    jobs: jobs ?? null,
    population: population ?? null,
    checkpointSeconds: checkpointEvery,
    retryFailedBefore: flags.retryFailedBefore ?? null,
  };
  const signal = stopSignal(streams, flags.worker);
  const notice = (text: string) => streams.err.write(`${text}\n`);
  const data = { folders: dataFolders(flags.data), offline: flags.offline, notice };
  if (flags.worker) {
    await workerCommand(files, options, { ...data, notice: () => {} }, signal, (message) =>
      process.send?.(message),
    );
    // The channel to the parent would keep this process alive.
    process.disconnect?.();
    return OK;
  }
  const { outcomes, unfinished, interrupted } = await runCommand(files, options, data, streams, signal);
  if (interrupted) return INTERRUPTED;
  // Trials that other runners have in hand are not finished either.
  return outcomes.failed + unfinished > 0 && !flags.dryRun ? SOME_FAILED : OK;
}

/** Ctrl-C once stores a checkpoint and stops; twice stops at once. A worker also stops when its parent is gone. */
function stopSignal(streams: Streams, worker: boolean): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted && !worker) process.exit(INTERRUPTED);
    if (!controller.signal.aborted && !worker)
      streams.err.write('\nStopping; a checkpoint is being stored.\n');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (worker) process.on('disconnect', () => controller.abort());
  return controller.signal;
}
