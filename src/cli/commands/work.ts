import { Option } from '@commander-js/extra-typings';
import { jobsProblem } from '../../planning/option-limits.js';
import type { SweepEvent } from '../../runner/events.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { backendOptions, dataOption, eventsOption, wholeNumber } from '../options.js';
import { hideArguments, queueAddress } from '../queue-address.js';

export const work = command({
  name: 'work',
  arguments: '[address]',
  text: 'trains what gnoise run --queue asks for; the address is redis://host, or in GNOISE_QUEUE',
  options: [
    new Option('--jobs <number>', 'populations at once, a process each').argParser(
      wholeNumber(1, jobsProblem),
    ),
    ...backendOptions,
    dataOption,
    new Option('--offline', 'fetch no data').default(false),
    new Option('--until-empty', 'ends when no population waits any more').default(false),
    new Option('--quiet', 'no progress').default(false),
    eventsOption,
  ],
  async action([address], flags, streams) {
    hideArguments('gnoise work');
    const { dataFolders } = await import('../../data/folders.js');
    const { work: takeJobs } = await import('../../queue/worker.js');
    const { interruptedBy, interruption } = await import('../stop.js');
    const { WorkBoard } = await import('../views/work-board.js');
    const { dataReports } = await import('../views/download.js');
    const { EventLines } = await import('../views/events.js');
    const { progressView } = await import('../views/progress.js');
    const { backend, device, threads, verbose, data, offline, jobs = null, untilEmpty, quiet, json } = flags;
    const view = progressView(streams, quiet);
    const board = new WorkBoard(view);
    const events = new EventLines(json ? streams.out : null);
    const signal = interruption(view.say, 'what is in training goes back to the queue with a checkpoint');
    try {
      await takeJobs(
        {
          address: queueAddress(address),
          backend: { backend, device, threads, verbose },
          dataFolders: dataFolders(data),
          offline,
          jobs,
          untilEmpty,
        },
        {
          data: events.data(dataReports(streams)),
          signal,
          begin(slot, trials) {
            board.begin(slot, trials);
            events.take(slot, trials);
          },
          tell(slot: number, event: SweepEvent) {
            board.tell(slot, event);
            events.tell(slot, event);
          },
        },
      );
    } finally {
      view.stop();
    }
    return signal.aborted ? interruptedBy(signal) : exitCodes.ok;
  },
});
