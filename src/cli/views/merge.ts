import { relative } from 'node:path';
import { printable } from '../../excerpt.js';
import type { Merged } from '../../results/merge.js';

/** One line that says what was done. */
export function mergeText({ added, replaced, same, weights, conflicts, problems }: Merged): string {
  const parts = [
    `${added} trials added`,
    ...(replaced > 0 ? [`${replaced} failed attempts replaced`] : []),
    `${same} were there already`,
    ...(weights > 0 ? [`${weights} with kept weights`] : []),
    ...(conflicts.length > 0 ? [`${conflicts.length} in conflict`] : []),
    ...(problems.length > 0 ? [`${problems.length} files left out`] : []),
  ];
  return `${parts.join(', ')}\n`;
}

/** A line for everything that was left out. */
export function mergeNotices({ conflicts, problems }: Merged): string {
  const shown = (file: string) => relative('', file) || file;
  return [
    ...conflicts.map(
      ({ kept, leftOut }) =>
        `${shown(leftOut)} is left out: ${shown(kept)} holds another result of this trial. ` +
        'Another machine or backend may round differently; delete the one that is not to count, and merge again.',
    ),
    ...problems.map(({ file, reason }) => `${shown(file)} is left out: ${reason}`),
  ]
    .map((line) => `${printable(line)}\n`)
    .join('');
}
