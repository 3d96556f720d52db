import { command } from '../command.js';
import { jsonOption, overrideOptions, resultsOption } from '../options.js';

export const status = command({
  name: 'status',
  arguments: '[config...]',
  text: 'what is planned, done, running and broken; without a config, of all in configs/',
  options: [...overrideOptions, resultsOption, jsonOption],
  async action([named], flags, { out }) {
    const { overridesOf } = await import('../requests.js');
    const { statusOf } = await import('../../planning/status.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { statusText } = await import('../views/status.js');
    const store = new ResultStore(flags.results);
    const statuses = [];
    for (const plan of await planTables(
      named.length > 0 ? named : await allConfigs(),
      overridesOf(flags),
      store,
    ))
      statuses.push(await statusOf(plan, store));
    out.write(flags.json ? `${JSON.stringify(statuses, null, 2)}\n` : statusText(statuses));
  },
});

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
