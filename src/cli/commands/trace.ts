import { Option } from '@commander-js/extra-typings';
import { printable } from '../../excerpt.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { backendOptions, dataOption, trialOptions, wholeNumber } from '../options.js';

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 5000;

export const trace = command({
  name: 'trace',
  arguments: '<config>',
  text: "what a trial's trained network does, step by step; the trial is trained again for it",
  options: [
    ...trialOptions,
    new Option('--example <number>', 'which test example, from 0').argParser(wholeNumber(0)).default(0),
    ...backendOptions,
    dataOption,
  ],
  async action([file], flags, streams) {
    const { trainingRequest } = await import('../requests.js');
    const { trace } = await import('../../runner/trace.js');
    const { interruption } = await import('../stop.js');
    const { dataReports } = await import('../views/download.js');
    const request = { ...trainingRequest([file], flags), example: flags.example };
    let shown = performance.now();
    const text = await trace(request, {
      data: dataReports(streams),
      signal: interruption((text) => streams.err.write(`${text}\n`), 'nothing of the training is kept'),
      onStart: ({ setting, arm, description }) =>
        streams.err.write(
          `${printable(`Training seed ${description.seed} of ${setting}, ${arm}, again ...`)}\n`,
        ),
      onProgress({ step, steps, loss }) {
        if (performance.now() - shown < PROGRESS_MS) return;
        streams.err.write(`update ${step} of ${steps}, loss ${loss.toPrecision(3)}\n`);
        shown = performance.now();
      },
    });
    if (text === null) return exitCodes.interrupted;
    streams.out.write(`${text}\n`);
  },
});
