import type { DataSet } from '../data/archive.js';
import { fetchDataSet } from '../data/fetch.js';
import { inspectDataSet } from '../data/find.js';
import { UserError } from '../errors.js';
import type { DataContext } from './experiment.js';

/**
 * Whether a published data set can be had: found in the folders, or fetched into the first of them. What stops a
 * download is told, and is no error: something may stand in for the data.
 * @throws UserError when it lies there damaged: then the user wants it, and nothing else stands in for it.
 */
export async function obtainPublished(dataSet: DataSet, context: DataContext): Promise<boolean> {
  const found = await inspectDataSet(dataSet, context.folders);
  if (found?.intact) return true;
  // A damaged archive is the problem of every file in it.
  const problems = new Set(
    (found?.files ?? []).flatMap(({ problem }) => (problem === null ? [] : [problem])),
  );
  if (problems.size > 0)
    throw new UserError(
      `${dataSet.name} in ${found!.place} is damaged:\n${[...problems].map((line) => `  ${line}\n`).join('')}` +
        `Run 'gnoise data fetch ${dataSet.name}' to download it, or name the folder that holds it with --data.`,
    );
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
