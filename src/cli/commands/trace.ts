import { Option } from '@commander-js/extra-typings';
import { printable } from '../../excerpt.js';
import type { Trace } from '../../runner/trace.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import {
  backendOptions,
  dataOption,
  jsonOption,
  resultsOption,
  trialOptions,
  wholeNumber,
} from '../options.js';

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 5000;

export const trace = command({
  name: 'trace',
  arguments: '<config>',
  text: "what a trial's trained network does, step by step; trains it again where its weights are not kept",
  options: [
    ...trialOptions,
    new Option('--example <number>', 'which test example, from 0').argParser(wholeNumber(0)).default(0),
    new Option('--examples <number>', 'so many test examples, from that one on')
      .argParser(wholeNumber(1))
      .default(1),
    new Option('--keep-weights', 'keeps the weights of what is trained, for the next time').default(false),
    ...backendOptions,
    resultsOption,
    dataOption,
    jsonOption,
  ],
  async action([file], flags, streams) {
    const { trainingRequest } = await import('../requests.js');
    const { trace } = await import('../../runner/trace.js');
    const { interruption } = await import('../stop.js');
    const { dataReports } = await import('../views/download.js');
    const { example: first, examples: count, results, keepWeights } = flags;
    const request = { ...trainingRequest([file], flags), examples: { first, count }, results, keepWeights };
    let shown = performance.now();
    const line = (text: string) => streams.err.write(`${printable(text)}\n`);
    const traced = await trace(request, {
      data: dataReports(streams),
      signal: interruption(line, 'nothing of the training is kept'),
      onKept: (kept) => line(`Weights from ${kept}`),
      onStart: ({ setting, arm, description }) =>
        line(`Training seed ${description.seed} of ${setting}, ${arm}, again ...`),
      onProgress({ step, steps, loss }) {
        if (performance.now() - shown < PROGRESS_MS) return;
        line(`update ${step} of ${steps}, loss ${loss.toPrecision(3)}`);
        shown = performance.now();
      },
    });
    if (traced === null) return exitCodes.interrupted;
    streams.out.write(flags.json ? `${JSON.stringify(jsonOf(traced))}\n` : `${traced.explanation.text}\n`);
  },
});

function jsonOf({ trial, weights, explanation }: Trace) {
  const { id, config, profile, setting, arm, description } = trial;
  const { experiment, seed } = description;
  return { id, experiment, config, profile, setting, arm, seed, weights, ...explanation.value };
}
