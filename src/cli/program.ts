import { Command, Option } from 'commander';
import { ownVersion } from '../runner/version.js';
import { downloadReport } from './download-report.js';
import { exitCodes } from './exit-codes.js';
import {
  backendOptions,
  dataOption,
  resultsOption,
  type TrialFlags,
  trialOptions,
  trialsOf,
  wholeNumber,
} from './options.js';
import { type RunFlags, run, stopSignal } from './run-action.js';
import type { Streams } from './streams.js';
import { addBackend, addData } from './subcommands.js';

/** Flags of `trace`, as commander gives them. */
type TraceFlags = TrialFlags &
  Pick<RunFlags, 'backend' | 'device' | 'threads' | 'verbose' | 'data'> & { example: number };

/** The commands and their options; each loads what it needs when it is called. */
export function buildProgram(streams: Streams, setCode: (code: number) => void): Command {
  const program = new Command('gnoise')
    .description(
      'Replicates "Adding Gradient Noise Improves Learning for Very Deep Networks" (arXiv 1511.06807).',
    )
    .version(ownVersion(), '--version', 'prints the version')
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
    new Option(
      '--dry-run',
      'lists the trials and what is done of them, estimates time and memory, and stores nothing',
    ).default(false),
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
      setCode(
        (await tableCommand({ plans, store, format, check, ...streams }))
          ? exitCodes.ok
          : exitCodes.someFailed,
      );
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
    const { loadOptions } = await import('../planning/requests.js');
    streams.out.write(configCommand(file, loadOptions(trialsOf(flags))));
  });

  add('schema', 'prints the JSON Schema of config files').action(async () => {
    const { schemaCommand } = await import('./schema.js');
    const { experiments } = await import('../experiments/index.js');
    streams.out.write(schemaCommand(experiments));
  });

  add(
    'trace <config>',
    "what a trial's trained network does, step by step; the trial is trained again for it",
    [
      ...trialOptions(),
      new Option('--example <number>', 'which test example, from 0').argParser(wholeNumber(0)).default(0),
      ...backendOptions(),
      dataOption(),
    ],
  ).action(async (file: string, flags: TraceFlags) => {
    const { traceCommand } = await import('./trace.js');
    const { dataFolders } = await import('../data/folders.js');
    const { backend, device, threads, verbose, example } = flags;
    const options = { ...trialsOf(flags), backend: { backend, device, threads, verbose }, example };
    const notice = (text: string) => streams.err.write(`${text}\n`);
    const report = (name: string) => downloadReport(name, streams.err);
    const data = { folders: dataFolders(flags.data), offline: false, notice, report };
    const signal = stopSignal(streams, false);
    await traceCommand(file, options, data, streams, signal);
    if (signal.aborted) setCode(exitCodes.interrupted);
  });

  addData(program, streams, setCode);
  addBackend(program, streams);
  add('doctor', 'what works on this machine, what does not, and how to repair it', [
    dataOption(),
    new Option('--json', 'as JSON').default(false),
  ]).action(async (flags: { data?: string; json: boolean }) => {
    setCode((await examine(flags, streams)) ? exitCodes.ok : exitCodes.someFailed);
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

async function tablePlans(files: readonly string[], flags: TrialFlags & { results: string }) {
  const { planTables } = await import('../planning/requests.js');
  const { ResultStore } = await import('../results/store.js');
  const store = new ResultStore(flags.results);
  return { store, plans: await planTables(files, trialsOf(flags), store) };
}
