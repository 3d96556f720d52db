import { Option } from '@commander-js/extra-typings';
import { printable } from '../../excerpt.js';
import type { Planned } from '../../planning/configs.js';
import { jobsProblem, populationProblem } from '../../planning/option-limits.js';
import { DEAD_SECONDS } from '../../results/claims.js';
import type { SweepEvent } from '../../runner/events.js';
import type { RunRequest } from '../../runner/request.js';
import type { RunSummary } from '../../runner/run.js';
import { parseShard } from '../../trials/shard.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeJson } from '../json.js';
import {
  backendOptions,
  dataOption,
  eventsOption,
  resultsOption,
  trialOptions,
  wholeNumber,
} from '../options.js';
import { hideArguments, queueAddress } from '../queue-address.js';
import { interruptedBy } from '../stop.js';
import type { Streams } from '../streams.js';

export const run = command({
  name: 'run',
  arguments: '<config...>',
  text: 'trains every trial that has no result yet; resumes what was interrupted',
  options: [
    ...trialOptions,
    new Option(
      '--shard <k/n>',
      'only the k-th of n parts of the trials: stable, disjoint, complete',
    ).argParser(parseShard),
    new Option('--jobs <number>', 'processes at once, a population each').argParser(
      wholeNumber(1, jobsProblem),
    ),
    new Option('--population <number>', 'most trials in lockstep').argParser(
      wholeNumber(1, populationProblem),
    ),
    new Option(
      '--queue [address]',
      "lets a queue's workers train (gnoise work), e.g. redis://host; without an address that in GNOISE_QUEUE",
    ).conflicts('jobs'),
    ...backendOptions,
    resultsOption,
    dataOption,
    new Option('--offline', 'fetch no data').default(false),
    new Option('--retry-failed', 'also trains trials whose last attempt failed').default(false),
    new Option(
      '--keep-weights',
      'keeps the trained weights of every trial beside its result, as safetensors',
    ).default(false),
    new Option('--checkpoint-every <seconds>', 'seconds between checkpoints')
      .argParser(wholeNumber(1))
      .default(60),
    new Option(
      '--dry-run',
      'lists the trials and what is done of them, estimates time and memory, and stores nothing',
    ).default(false),
    new Option('--quiet', 'no progress').default(false),
    eventsOption,
  ],
  async action([files], flags, streams) {
    const queue = flags.queue === undefined ? undefined : queueAddress(flags.queue);
    if (queue !== undefined) hideArguments('gnoise run');
    if (queue !== undefined && flags.keepWeights) throw await noWeightsFromQueue();
    const { trainingRequest } = await import('../requests.js');
    const { results, offline, retryFailed, jobs = null, population = null, checkpointEvery } = flags;
    const request: RunRequest = {
      ...trainingRequest(files, flags),
      results,
      offline,
      retryFailed,
      jobs,
      population,
      checkpointSeconds: checkpointEvery,
      keepWeights: flags.keepWeights,
    };
    if (flags.dryRun) return showDryRun(request, flags.json, streams);
    const { signal, summary } = await train(request, flags, queue, streams);
    if (!flags.json) streams.out.write(summaryText(summary));
    if (summary.interrupted) return interruptedBy(signal);
    if (summary.outcomes.failed + summary.unfinished === 0) return exitCodes.ok;
    const elsewhere = summary.holders.reduce((sum, { trials }) => sum + trials, 0);
    return summary.outcomes.failed === 0 && summary.unfinished <= elsewhere
      ? exitCodes.inOtherHands
      : exitCodes.someFailed;
  },
});

/** Workers hand in results through Redis, which is no place for the weights of a sweep. */
async function noWeightsFromQueue(): Promise<Error> {
  const { UserError } = await import('../../errors.js');
  return new UserError(
    '--keep-weights is not for --queue: weights do not travel through Redis. Run on a results folder that the machines ' +
      'share, or with --shard on each of them and `gnoise merge` afterwards; both keep weights.',
  );
}

async function showDryRun(request: RunRequest, json: boolean, streams: Streams): Promise<undefined> {
  const { dryRun } = await import('../../runner/dry-run.js');
  const { dataReports } = await import('../views/download.js');
  const { dryRunJson, dryRunText } = await import('../views/dry-run.js');
  const all = [];
  for await (const each of dryRun(request, dataReports(streams))) {
    if (json) all.push(dryRunJson(each));
    else streams.out.write(dryRunText(each));
  }
  if (json) writeJson(streams.out, all);
}

async function train(
  request: RunRequest,
  { quiet, json }: { readonly quiet: boolean; readonly json: boolean },
  queue: string | undefined,
  streams: Streams,
): Promise<{ readonly summary: RunSummary; readonly signal: AbortSignal }> {
  const { run } = await import('../../runner/run.js');
  const { interruption } = await import('../stop.js');
  const { Board } = await import('../views/board.js');
  const { dataReports } = await import('../views/download.js');
  const { EventLines } = await import('../views/events.js');
  const { progressView } = await import('../views/progress.js');
  const view = progressView(streams, quiet);
  const board = new Board(view);
  const events = new EventLines(json ? streams.out : null);
  const ended = (summary: RunSummary, signal: AbortSignal) => {
    events.write('summary', summary);
    return { summary, signal };
  };
  try {
    const data = events.data(dataReports(streams));
    const tell = (slot: number, event: SweepEvent) => {
      board.tell(slot, event);
      events.tell(slot, event);
    };
    if (queue !== undefined) {
      const { runQueued } = await import('../../queue/run.js');
      const signal = interruption(view.say, 'what was asked of the workers stays in the queue');
      const summary = await runQueued(queue, request, {
        data,
        signal,
        tell,
        join(planned, done) {
          board.join(planned, done);
          events.begin(planned, done);
        },
      });
      return ended(summary, signal);
    }
    const signal = interruption(view.say, 'a checkpoint is being stored');
    const begin = (planned: Planned, done: number) => {
      board.begin(planned, done);
      events.begin(planned, done);
    };
    return ended(await run(request, { data, signal, tell, begin }), signal);
  } finally {
    view.stop();
  }
}

function summaryText(summary: RunSummary): string {
  const { trials, outcomes, unfinished, holders, withoutWeights, interrupted } = summary;
  const counts = Object.entries(outcomes).map(([kind, count]) => `${count} ${kind}`);
  const rest = unfinished === 0 ? '' : `, ${unfinished} not finished`;
  const hint = interrupted ? '\nInterrupted; what is done is kept. Run the same command again to go on.' : '';
  const hands = holders.map(
    ({ host, pid, trials: theirs, quietSeconds }) =>
      `\n${theirs} of them are being trained by process ${pid} on ${printable(host)}, last heard of ${quietSeconds} s ago. ` +
      `Should it be silent for ${DEAD_SECONDS} s, the same command takes them over.`,
  );
  const weights = withoutWeights ? `\n${withoutWeightsText(withoutWeights)}` : '';
  return `${trials} trials: ${counts.join(', ')}${rest}${interrupted ? '' : hands.join('')}${weights}${hint}\n`;
}

function withoutWeightsText(count: number): string {
  return (
    `The weights of ${count} trials are not kept: they had been trained without --keep-weights, and nothing is trained ` +
    'twice. `gnoise trace --keep-weights` trains one of them again and keeps its weights; a folder of its own for all ' +
    'of them, --results elsewhere, keeps everything.'
  );
}
