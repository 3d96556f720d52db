import { Option } from '@commander-js/extra-typings';
import { printableLines } from '../../excerpt.js';
import { command } from '../command.js';
import { overrideOptions, pathOf, resultsOption } from '../options.js';

export const report = command({
  name: 'report',
  arguments: '<config...>',
  text: 'one HTML file of stored trials, to be opened offline: tables, charts, and every trial; trains nothing',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option('--out <file>', 'what it is called').argParser(pathOf('file')).default('report.html'),
  ],
  async action([files], flags, { out, err }) {
    const { overridesOf } = await import('../requests.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const { storedTables } = await import('../../tables/files.js');
    const { writeNamed } = await import('../../files/whole.js');
    const { reportHtml } = await import('../../report/report.js');
    const store = new ResultStore(flags.results);
    const reported = [];
    for (const plan of await planTables(files, overridesOf(flags), store)) {
      const stored = await storedTables(plan, store);
      for (const notice of stored.notices) err.write(`${notice}\n`);
      const { file, profile } = plan.config;
      reported.push({ stored, origin: { file, profile: profile.name, set: flags.set ?? [] } });
    }
    await writeNamed(flags.out, await reportHtml(reported), '--out');
    out.write(printableLines(`${flags.out}\n`));
  },
});
