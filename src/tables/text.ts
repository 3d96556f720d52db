import CliTable from 'cli-table3';
import { printableLines } from '../excerpt.js';
import type { Table } from './build.js';
import { type Grid, layOut } from './layout.js';

const width = 120;

/** A table for the terminal, without colours; the paper's columns fit in 120, further ones may not. */
export function tableText(table: Table): string {
  const { title, warning, main, comparison, references, notes } = layOut(table);
  const parts = [
    ...wrap(title),
    ...(warning === null ? [] : [banner(warning)]),
    gridText(main),
    ...[comparison, references].flatMap((grid) => (grid === null ? [] : ['', gridText(grid)])),
    '',
    ...notes.flatMap(wrap),
  ];
  return printableLines(`${parts.join('\n')}\n`);
}

/** Columns two spaces apart under a ruled head: the first holds words, the others numbers. */
function gridText({ head, blocks }: Grid): string {
  const sides = ['', '-mid', '-left', '-right'];
  const edges = ['top', 'bottom', 'left', 'right', 'mid'];
  const blank = edges.flatMap((edge) => sides.map((side) => [edge + side, '']));
  const table = new CliTable({
    chars: { ...Object.fromEntries(blank), middle: ' ' },
    style: { 'padding-left': 0, 'padding-right': 1, head: [], border: [] },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    head: [...head],
  });
  for (const { title, rows } of blocks) {
    table.push([{ content: title, colSpan: head.length }]);
    table.push(...rows.map(([arm, ...cells]) => [`  ${arm}`, ...cells]));
  }
  // The library's own rule comes out too short above a row that spans columns.
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const rule = '─'.repeat(Math.max(...lines.map(({ length }) => length)));
  return lines.toSpliced(1, 0, rule).join('\n');
}

function banner(warning: string): string {
  const rule = '!'.repeat(width);
  return [rule, ...wrap(warning), rule].join('\n');
}

/** Breaks a sentence into lines between words. */
function wrap(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
