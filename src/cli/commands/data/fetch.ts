import { printableLines } from '../../../excerpt.js';
import { command } from '../../command.js';
import { dataOption, eventsOption } from '../../options.js';

export const fetch = command({
  name: 'fetch',
  arguments: '[name]',
  text: 'downloads what is missing',
  options: [dataOption, eventsOption],
  async action([name], flags, { out, err }) {
    const { fetchDataSet } = await import('../../../data/fetch.js');
    const { inspectDataSet } = await import('../../../data/find.js');
    const { dataFolders } = await import('../../../data/folders.js');
    const { dataSetsNamed } = await import('../../../data/registry.js');
    const { downloadReport } = await import('../../views/download.js');
    const { EventLines } = await import('../../views/events.js');
    const events = new EventLines(flags.json ? out : null);
    const tell = (line: string, fields: object) => {
      if (flags.json) events.write('complete', fields);
      else out.write(printableLines(`${line}\n`));
    };
    // Downloads go into the first folder, whatever there is in the others.
    const [folder] = dataFolders(flags.data) as [string];
    for (const dataSet of dataSetsNamed(name)) {
      const found = await inspectDataSet(dataSet, [folder]);
      if (found?.intact) {
        const { place } = found;
        tell(`${dataSet.name}: already complete in ${place}`, { dataSet: dataSet.name, place, fetched: [] });
        continue;
      }
      const report = events.download(dataSet.name, downloadReport(dataSet.name, err));
      try {
        const { place, fetched } = await fetchDataSet(dataSet, folder, report);
        tell(`${dataSet.name}: ${fetched.length} of ${dataSet.files.length} files downloaded to ${place}`, {
          dataSet: dataSet.name,
          place,
          fetched,
        });
      } finally {
        report.end();
      }
    }
  },
});
