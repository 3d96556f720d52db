import { printableLines } from '../../../excerpt.js';
import { command } from '../../command.js';
import { type ExitCode, exitCodes } from '../../exit-codes.js';
import { writeJson } from '../../json.js';
import { dataOption, jsonOption } from '../../options.js';

export const verify = command({
  name: 'verify',
  arguments: '[name]',
  text: 'compares every file with its published checksum',
  options: [dataOption, jsonOption],
  async action([name], flags, { out }) {
    const { inspectDataSet } = await import('../../../data/find.js');
    const { dataFolders } = await import('../../../data/folders.js');
    const { dataSetsNamed } = await import('../../../data/registry.js');
    const { stateJson, stateText } = await import('../../views/data-state.js');
    const folders = dataFolders(flags.data);
    const states = [];
    let code: ExitCode = exitCodes.ok;
    for (const dataSet of dataSetsNamed(name)) {
      const found = await inspectDataSet(dataSet, folders);
      states.push(stateJson(dataSet, found));
      if (!flags.json) out.write(printableLines(`${dataSet.name}: ${stateText(dataSet, found)}\n`));
      // A data set that nobody asked for by name may be absent.
      if (!found?.intact && (found !== null || name !== undefined)) code = exitCodes.someFailed;
    }
    if (flags.json) writeJson(out, states);
    return code;
  },
});
