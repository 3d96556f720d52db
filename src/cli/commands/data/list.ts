import { printableLines } from '../../../excerpt.js';
import { command } from '../../command.js';
import { writeJson } from '../../json.js';
import { dataOption, jsonOption } from '../../options.js';

export const list = command({
  name: 'list',
  arguments: '[name]',
  text: 'what is there, and where',
  options: [dataOption, jsonOption],
  isDefault: true,
  async action([name], flags, { out }) {
    const { inspectDataSet } = await import('../../../data/find.js');
    const { dataFolders } = await import('../../../data/folders.js');
    const { dataSetsNamed } = await import('../../../data/registry.js');
    const { stateJson, stateText } = await import('../../views/data-state.js');
    const folders = dataFolders(flags.data);
    if (flags.json) {
      const states = dataSetsNamed(name).map(async (dataSet) =>
        stateJson(dataSet, await inspectDataSet(dataSet, folders)),
      );
      writeJson(out, { folders, dataSets: await Promise.all(states) });
      return;
    }
    for (const dataSet of dataSetsNamed(name)) {
      const { title, licence, source } = dataSet;
      const state = stateText(dataSet, await inspectDataSet(dataSet, folders));
      out.write(printableLines(`${dataSet.name}: ${title} (${licence})\n  from ${source}\n  ${state}\n`));
    }
    out.write(printableLines(`Looked in:\n${folders.map((folder) => `  ${folder}\n`).join('')}`));
  },
});
