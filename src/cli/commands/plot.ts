import { Option } from '@commander-js/extra-typings';
import { printableLines } from '../../excerpt.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { overrideOptions, pathOf, resultsOption } from '../options.js';

export const plot = command({
  name: 'plot',
  arguments: '<config...>',
  text: 'draws charts of stored trials as SVG files, or PNG too; trains nothing',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option(
      '--out <folder>',
      'where <config>/<profile>/<table>.<chart>.svg go (default: among the results)',
    ).argParser(pathOf('folder')),
    new Option('--png', 'a PNG file beside each').default(false),
    new Option(
      '--narrow',
      'also drawn for phones, as <table>.<chart>.narrow.svg; where such files are, they are kept up',
    ).default(false),
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
    const { writeWhole } = await import('../../files/whole.js');
    const { chartFiles, endings } = await import('../../plots/files.js');
    const { renderPng } = await import('../../plots/png.js');
    const store = new ResultStore(flags.results);
    const option = flags.out === undefined ? '--results' : '--out';
    let same = true;
    for (const plan of await planTables(files, overridesOf(flags), store)) {
      const stored = await storedTables(plan, store);
      for (const notice of stored.notices) err.write(`${notice}\n`);
      const { name, profile } = plan.config;
      const folder = flags.out === undefined ? stored.folder : join(flags.out, name, profile.name);
      const narrow = flags.narrow || (await hasFiles({ folder }, endings.narrow, option));
      const files = new Map([
        ...(await chartFiles(stored, 'wide')),
        ...(narrow ? await chartFiles(stored, 'narrow') : []),
      ]);
      const charts = { config: stored.config, folder, files };
      if (flags.check) {
        // As with tables: where a profile was not asked for and has no plots, nobody keeps them.
        if (flags.profile === undefined && !(await hasFiles(charts, '.svg', option))) continue;
        const differences = await compareFiles(charts, { command: 'plot', ending: '.svg' });
        for (const line of differences) err.write(`${line}\n`);
        same &&= differences.length === 0;
      } else {
        await writeFiles(charts, option);
        for (const [file, svg] of files) {
          out.write(printableLines(`${join(folder, file)}\n`));
          if (!flags.png) continue;
          const png = join(folder, file.replace(/\.svg$/, '.png'));
          await writeWhole(png, [await renderPng(svg)], option);
          out.write(printableLines(`${png}\n`));
        }
      }
    }
    return same ? exitCodes.ok : exitCodes.someFailed;
  },
});
