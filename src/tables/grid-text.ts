import CliTable from 'cli-table3';

/** A grid for a terminal: its first column holds words, the others numbers. */
export interface TextGrid {
  readonly head: readonly string[];
  /** Rows under a title; null: under none. */
  readonly blocks: readonly {
    readonly title: string | null;
    readonly rows: readonly (readonly string[])[];
  }[];
}

/**
 * Columns two spaces apart under a ruled head. Where they do not fit, the rest follows below, with the first column again.
 * @param width of the terminal, in columns.
 */
export function gridText(grid: TextGrid, width: number): string {
  const whole = drawn(grid);
  if (widthOf(whole) <= width || grid.head.length <= 2) return whole;
  const fitting = drawn(columns(grid, 1, mostThatFit(grid, width)));
  return `${fitting}\n\n${gridText(columns(grid, mostThatFit(grid, width)), width)}`;
}

/** Up to which column the grid fits; at the least one beside the first. */
function mostThatFit(grid: TextGrid, width: number): number {
  let end = grid.head.length - 1;
  while (end > 2 && widthOf(drawn(columns(grid, 1, end))) > width) end -= 1;
  return end;
}

/** The first column, and some of the others. */
function columns({ head, blocks }: TextGrid, start: number, end?: number): TextGrid {
  const pick = (cells: readonly string[]) => [cells[0]!, ...cells.slice(start, end)];
  return { head: pick(head), blocks: blocks.map(({ title, rows }) => ({ title, rows: rows.map(pick) })) };
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map(({ length }) => length));
}

function drawn({ head, blocks }: TextGrid): string {
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
    if (title !== null) table.push([{ content: title, colSpan: head.length }]);
    const indent = title === null ? '' : '  ';
    table.push(...rows.map(([first, ...cells]) => [indent + first, ...cells]));
  }
  // The library's own rule comes out too short above a row that spans columns.
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return lines.toSpliced(1, 0, '─'.repeat(widthOf(lines.join('\n')))).join('\n');
}
