import { Option } from '@commander-js/extra-typings';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { overrideOptions, resultsOption } from '../options.js';

export const plot = command({
  name: 'plot',
  arguments: '<config...>',
  text: 'draws charts of stored trials as SVG files; trains nothing',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option(
      '--out <folder>',
      'where <config>/<profile>/<table>.<chart>.svg go (default: among the results)',
    ),
    new Option(
      '--check',
      'writes nothing; fails when an SVG file differs from what the stored trials give',
    ).default(false),
  ],
  async action([files], flags, { out, err }) {
    const { join } = await import('node:path');
    const { overridesOf } = await import('../requests.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { compareFiles, hasFiles, storedTables, writeFiles } = await import('../../tables/files.js');
    const { chartFiles } = await import('../../plots/files.js');
    const store = new ResultStore(flags.results);
    let same = true;
    for (const plan of await planTables(files, overridesOf(flags), store)) {
      const stored = await storedTables(plan, store);
      for (const notice of stored.notices) err.write(`${notice}\n`);
      const { name, profile } = plan.config;
      const folder = flags.out === undefined ? stored.folder : join(flags.out, name, profile.name);
      const charts = { config: stored.config, folder, files: await chartFiles(stored) };
      if (flags.check) {
        // As with tables: where a profile was not asked for and has no plots, nobody keeps them.
        if (flags.profile === undefined && !(await hasFiles(charts, '.svg'))) continue;
        const differences = await compareFiles(charts, { command: 'plot', ending: '.svg' });
        for (const line of differences) err.write(`${line}\n`);
        same &&= differences.length === 0;
      } else {
        await writeFiles(charts, flags.out === undefined ? '--results' : '--out');
        for (const file of charts.files.keys()) out.write(`${join(folder, file)}\n`);
      }
    }
    return same ? exitCodes.ok : exitCodes.someFailed;
  },
});
