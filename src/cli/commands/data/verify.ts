import { command } from '../../command.js';
import { type ExitCode, exitCodes } from '../../exit-codes.js';
import { dataOption } from '../../options.js';

export const verify = command({
  name: 'verify',
  arguments: '[name]',
  text: 'compares every file with its published checksum',
  options: [dataOption],
  async action([name], flags, { out }) {
    const { inspectDataSet } = await import('../../../data/find.js');
    const { dataFolders } = await import('../../../data/folders.js');
    const { dataSetsNamed } = await import('../../../data/registry.js');
    const { stateText } = await import('../../views/data-state.js');
    const folders = dataFolders(flags.data);
    let code: ExitCode = exitCodes.ok;
    for (const dataSet of dataSetsNamed(name)) {
      const found = await inspectDataSet(dataSet, folders);
      out.write(`${dataSet.name}: ${stateText(dataSet, found)}\n`);
      // A data set that nobody asked for by name may be absent.
      if (!found?.intact && (found !== null || name !== undefined)) code = exitCodes.someFailed;
    }
    return code;
  },
});
