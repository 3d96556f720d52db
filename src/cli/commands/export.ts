import { Option } from '@commander-js/extra-typings';
import { printableLines } from '../../excerpt.js';
import { command } from '../command.js';
import { overrideOptions, pathOf, resultsOption } from '../options.js';

export const exportCurves = command({
  name: 'export',
  arguments: '<config...>',
  text: 'learning curves of stored trials for other tools; trains nothing',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option('--csv <file>', 'a line for each trial, step and figure').argParser(pathOf('file')),
    new Option('--parquet <file>', 'the same as a Parquet file').argParser(pathOf('file')),
    new Option('--tensorboard <folder>', 'a run for each trial, grouped by arm').argParser(pathOf('folder')),
  ],
  async action([files], { csv, parquet, tensorboard, ...flags }, { out, err }) {
    const { UserError } = await import('../../errors.js');
    if (csv === undefined && parquet === undefined && tensorboard === undefined)
      throw new UserError(
        'Say what to write: --csv <file>, --parquet <file>, --tensorboard <folder>, or several of them.',
      );
    const { join } = await import('node:path');
    const { overridesOf } = await import('../requests.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { storedTables } = await import('../../tables/files.js');
    const { writeNamed, writeWhole } = await import('../../files/whole.js');
    const { curvesCsv, curvesParquet, runFolder } = await import('../../export/curves.js');
    const { eventFile } = await import('../../export/events.js');
    const store = new ResultStore(flags.results);
    const placed = [];
    for (const plan of await planTables(files, overridesOf(flags), store)) {
      const stored = await storedTables(plan, store);
      for (const notice of stored.notices) err.write(`${notice}\n`);
      placed.push(...stored.placed);
    }
    if (csv !== undefined) {
      await writeNamed(csv, curvesCsv(placed), '--csv');
      out.write(printableLines(`${csv}\n`));
    }
    if (parquet !== undefined) {
      await writeNamed(parquet, [await curvesParquet(placed)], '--parquet');
      out.write(printableLines(`${parquet}\n`));
    }
    if (tensorboard !== undefined) {
      for (const each of placed) {
        const file = join(tensorboard, runFolder(each), 'events.out.tfevents.gnoise');
        await writeWhole(file, [eventFile(each.record)], '--tensorboard');
      }
      out.write(printableLines(`${tensorboard}\n`));
    }
  },
});
