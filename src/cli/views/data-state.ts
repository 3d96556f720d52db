import type { DataSet } from '../../data/archive.js';
import type { Found } from '../../data/find.js';
import { printable } from '../../excerpt.js';
import { megabytes } from './download.js';

/** What was found of a data set and what to do about it; further lines are indented. */
export function stateText(dataSet: DataSet, found: Found | null): string {
  const size = megabytes(dataSet.files.reduce((sum, file) => sum + file.bytes, 0));
  const repair = `run 'gnoise data fetch ${dataSet.name}'`;
  if (found === null) return `not found: ${repair} (${size} MB)`;
  if (found.intact) return `complete, checksums right, in ${found.place}`;
  const bad = found.files.filter(({ state }) => state !== 'good');
  const lines = bad.map(({ file, state, problem }) => `${state}: ${printable(problem ?? file.name)}`);
  return [`incomplete in ${found.place}: ${repair}`, ...new Set(lines)].join('\n  ');
}

/** What `stateText` says, for programs. */
export function stateJson({ name, title, licence, source }: DataSet, found: Found | null) {
  const files = (found?.files ?? []).map(({ file, state, problem }) => ({ name: file.name, state, problem }));
  return { name, title, licence, source, place: found?.place ?? null, intact: found?.intact ?? false, files };
}
