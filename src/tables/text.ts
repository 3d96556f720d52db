import { printableLines } from '../excerpt.js';
import type { Table } from './build.js';
import { gridText } from './grid-text.js';
import { layOut } from './layout.js';

/** The width of a banner where nothing limits it. */
const BANNER = 120;

/**
 * A table for the terminal, without colours.
 * @param width of the terminal, in columns: sentences are broken there, and columns that do not fit follow below the others.
 */
export function tableText(table: Table, width = Number.POSITIVE_INFINITY): string {
  const { title, warning, main, comparison, references, notes } = layOut(table);
  const parts = [
    ...wrap(title, width),
    ...(warning === null ? [] : [banner(warning, Math.min(width, BANNER))]),
    gridText(main, width),
    ...[comparison, references].flatMap((grid) => (grid === null ? [] : ['', gridText(grid, width)])),
    '',
    ...notes.flatMap((note) => wrap(note, width)),
  ];
  return printableLines(`${parts.join('\n')}\n`);
}

function banner(warning: string, width: number): string {
  const rule = '!'.repeat(width);
  return [rule, ...wrap(warning, width), rule].join('\n');
}

/** Breaks a sentence into lines between words. */
function wrap(sentence: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
