import { Option } from '@commander-js/extra-typings';
import { command } from '../command.js';
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
  ],
  async action([named], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { statusOf } = await import('../../planning/status.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { queueStatusText, statusText } = await import('../views/status.js');
    const files = named.length > 0 || flags.queue !== undefined ? named : await allConfigs();
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
