import { markdownTable } from 'markdown-table';
import { printableLines } from '../excerpt.js';
import type { Table } from './build.js';
import { type Grid, layOut } from './layout.js';

/** A table as GitHub-flavoured Markdown. */
export function tableMarkdown(table: Table): string {
  const { title, warning, main, comparison, references, notes } = layOut(table);
  const parts = [
    `### ${escaped(title)}`,
    ...(warning === null ? [] : [`> **${escaped(warning)}**`]),
    gridMarkdown(main),
    ...[comparison, references].flatMap((grid) => (grid === null ? [] : [gridMarkdown(grid)])),
    notes.map((note) => `- ${escaped(note)}`).join('\n'),
  ];
  return printableLines(`${parts.join('\n\n')}\n`);
}

/** Settings and arms are words, the other columns numbers. */
function gridMarkdown({ head, blocks }: Grid): string {
  const rows = blocks.flatMap(({ title, rows }) => rows.map((cells) => [title, ...cells]));
  const align = ['left', ...head.map((_, column) => (column === 0 ? 'left' : 'right'))];
  return markdownTable(
    [['setting', ...head], ...rows].map((cells) => cells.map(escaped)),
    { align },
  );
}

function escaped(text: string): string {
  return text.replace(/[<*_|]/g, '\\$&');
}
