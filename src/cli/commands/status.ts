import { Option } from '@commander-js/extra-typings';
import type { Status } from '../../planning/status.js';
import type { ResultStore } from '../../results/store.js';
import type { TablePlan } from '../../tables/plan.js';
import { command } from '../command.js';
import { writeJson } from '../json.js';
import { jsonOption, overrideOptions, resultsOption } from '../options.js';
import { hideArguments, queueAddress } from '../queue-address.js';

export const status = command({
  name: 'status',
  arguments: '[config...]',
  text: 'what is planned, done, running and broken; with --queue what its workers do; without a config, of all in configs/',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option(
      '--queue [address]',
      'also of a queue, e.g. redis://host; without an address that in GNOISE_QUEUE',
    ),
    jsonOption,
    new Option(
      '--watch',
      'again every two seconds until Ctrl-C; in a log only when something changed',
    ).conflicts('json'),
  ],
  async action([named], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { queueStatusText, remainingText, statusText } = await import('../views/status.js');
    const { columnsOf } = await import('../views/terminal.js');
    const files = named.length > 0 || flags.queue !== undefined ? named : await allConfigs();
    const store = new ResultStore(flags.results);
    const look = async () => ({
      statuses: await statusesOf(await planTables(files, overridesOf(flags), store), store),
      queue: flags.queue === undefined ? null : await statusOfQueue(flags.queue),
    });
    const first = await look();
    const textOf = ({ statuses, queue }: typeof first, seconds: number) => {
      const remaining = statuses.map((now) => {
        const isSame = ({ config, profile }: Status) => config === now.config && profile === now.profile;
        const then = first.statuses.find(isSame);
        return then === undefined ? null : remainingText(then, now, seconds);
      });
      const lines = remaining.filter((line) => line !== null).map((line) => `${line}\n`);
      return (
        (files.length > 0 ? statusText(statuses, columnsOf(out)) : '') +
        lines.join('') +
        (queue === null ? '' : queueStatusText(queue))
      );
    };
    if (flags.watch) {
      const { watch } = await import('../views/watch.js');
      await watch(out, async (seconds) => textOf(await look(), seconds));
      return;
    }
    const { statuses, queue } = first;
    if (flags.json) {
      writeJson(out, queue === null ? statuses : { configs: statuses, queue });
      return;
    }
    out.write(textOf(first, 0));
  },
});

async function statusesOf(plans: readonly TablePlan[], store: ResultStore): Promise<Status[]> {
  const { statusOf } = await import('../../planning/status.js');
  const statuses: Status[] = [];
  for (const plan of plans) statuses.push(await statusOf(plan, store));
  return statuses;
}

async function statusOfQueue(given: string | true) {
  hideArguments('gnoise status');
  const { queueStatus } = await import('../../queue/status.js');
  return queueStatus(queueAddress(given));
}

/** The files of `configs/`. */
async function allConfigs(): Promise<string[]> {
  const { join } = await import('node:path');
  const { listFolder } = await import('../../files/present.js');
  const { UserError } = await import('../../errors.js');
  const files = (await listFolder('configs')).filter((name) => name.endsWith('.yaml')).sort();
  if (files.length === 0)
    throw new UserError('There is no config in configs/ here: name one, e.g. gnoise status my-sweep.yaml.');
  return files.map((name) => join('configs', name));
}
