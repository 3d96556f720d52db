import { command } from '../../command.js';
import { dataOption } from '../../options.js';

export const fetch = command({
  name: 'fetch',
  arguments: '[name]',
  text: 'downloads what is missing',
  options: [dataOption],
  async action([name], flags, { out, err }) {
    const { fetchDataSet } = await import('../../../data/fetch.js');
    const { inspectDataSet } = await import('../../../data/find.js');
    const { dataFolders } = await import('../../../data/folders.js');
    const { dataSetsNamed } = await import('../../../data/registry.js');
    const { downloadReport } = await import('../../views/download.js');
    // Downloads go into the first folder, whatever there is in the others.
    const [folder] = dataFolders(flags.data) as [string];
    for (const dataSet of dataSetsNamed(name)) {
      const found = await inspectDataSet(dataSet, [folder]);
      if (found?.intact) {
        out.write(`${dataSet.name}: already complete in ${found.place}\n`);
        continue;
      }
      const report = downloadReport(dataSet.name, err);
      try {
        const { place, fetched } = await fetchDataSet(dataSet, folder, report);
        out.write(
          `${dataSet.name}: ${fetched.length} of ${dataSet.files.length} files downloaded to ${place}\n`,
        );
      } finally {
        report.end();
      }
    }
  },
});
