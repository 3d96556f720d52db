import { inspectDataSet } from '../data/find.js';
import { dataSets } from '../data/registry.js';
import type { Check } from './check.js';

/** The data sets, as found below `folders`: none is needed, since digits and stories can be generated. */
export async function checkData(folders: readonly string[]): Promise<Check[]> {
  return Promise.all(
    dataSets.map(async (dataSet): Promise<Check> => {
      const found = await inspectDataSet(dataSet, folders);
      const name = `data ${dataSet.name}`;
      if (found?.intact) return { name, status: 'ok', text: found.place };
      const text = found ? `incomplete in ${found.place}` : 'not found; generated data can stand in for it';
      return { name, status: 'optional', text, repair: `gnoise data fetch ${dataSet.name}` };
    }),
  );
}
