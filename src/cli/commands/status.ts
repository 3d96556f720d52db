import { command } from '../command.js';
import { jsonOption, overrideOptions, resultsOption } from '../options.js';

export const status = command({
  name: 'status',
  arguments: '<config...>',
  text: 'what is planned, done, running and broken',
  options: [...overrideOptions, resultsOption, jsonOption],
  async action([files], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { statusOf } = await import('../../planning/status.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { statusText } = await import('../views/status.js');
    const store = new ResultStore(flags.results);
    const statuses = [];
    for (const plan of await planTables(files, overridesOf(flags), store))
      statuses.push(await statusOf(plan, store));
    out.write(flags.json ? `${JSON.stringify(statuses, null, 2)}\n` : statusText(statuses));
  },
});
