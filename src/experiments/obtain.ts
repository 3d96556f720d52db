import type { DataSet } from '../data/archive.js';
import { fetchDataSet } from '../data/fetch.js';
import type { DataContext } from './experiment.js';

/**
 * Whether a published data set can be had: found in the folders, or fetched into the first of them. What stops a
 * download is told, and is no error: something may stand in for the data.
 */
export async function obtainPublished(
  dataSet: DataSet,
  find: (folders: readonly string[]) => Promise<string | null>,
  context: DataContext,
): Promise<boolean> {
  if (await find(context.folders)) return true;
  if (context.offline) return false;
  const report = context.report?.(dataSet.name);
  try {
    await fetchDataSet(dataSet, context.folders[0]!, report ?? { notice: context.notice });
    return true;
  } catch (error) {
    context.notice(error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    report?.end();
  }
}
