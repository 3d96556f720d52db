import { Option } from '@commander-js/extra-typings';
import { UserError } from '../../errors.js';
import { command } from '../command.js';
import { jsonOption, overrideOptions, resultsOption } from '../options.js';
import { hideArguments, queueAddress } from '../queue-address.js';

export const status = command({
  name: 'status',
  arguments: '[config...]',
  text: 'what is planned, done, running and broken; with --queue what its workers do',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option(
      '--queue [address]',
      'also of a queue, e.g. redis://host; without an address that in GNOISE_QUEUE',
    ),
    jsonOption,
  ],
  async action([files], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { statusOf } = await import('../../planning/status.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { queueStatusText, statusText } = await import('../views/status.js');
    if (files.length === 0 && flags.queue === undefined)
      throw new UserError('Name the configs whose status you want, e.g. gnoise status configs/*.yaml.');
    const store = new ResultStore(flags.results);
    const statuses = [];
    for (const plan of await planTables(files, overridesOf(flags), store))
      statuses.push(await statusOf(plan, store));
    const queue = flags.queue === undefined ? null : await statusOfQueue(flags.queue);
    if (flags.json) {
      out.write(`${JSON.stringify(queue === null ? statuses : { configs: statuses, queue }, null, 2)}\n`);
      return;
    }
    if (files.length > 0) out.write(statusText(statuses));
    if (queue !== null) out.write(queueStatusText(queue));
  },
});

async function statusOfQueue(given: string | true) {
  hideArguments('gnoise status');
  const { queueStatus } = await import('../../queue/status.js');
  return queueStatus(queueAddress(given));
}
