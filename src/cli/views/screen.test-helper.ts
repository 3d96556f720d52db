/** What a terminal shows: the rows that have scrolled away, then those in sight. */
export interface Screen {
  readonly history: readonly string[];
  readonly rows: readonly string[];
}

/** What a terminal of this size makes of what is written to it. @throws Error at an escape code that it does not know. */
export function screenOf(text: string, { columns, rows: height }: { columns: number; rows: number }): Screen {
  const rows = [''];
  const history: string[] = [];
  let [row, column] = [0, 0];
  let breaks = true;
  const newLine = () => {
    row += 1;
    if (row === rows.length) rows.push('');
    if (rows.length <= height) return;
    history.push(rows.shift()!);
    row -= 1;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys.
  for (const [piece, count, code] of text.matchAll(/\u001b\[(\??\d*)([A-Za-z])|\r|\n|./gsu)) {
    if (code === 'A') row = Math.max(0, row - Number(count || 1));
    else if (code === 'G') column = Number(count) - 1;
    else if (code === 'K' && count === '0') rows[row] = rows[row]!.slice(0, column);
    else if (code === 'K' && count === '2') rows[row] = '';
    else if (code === 'J') {
      rows[row] = rows[row]!.slice(0, column);
      rows.length = row + 1;
    } else if (code && count === '?7') breaks = code === 'h';
    else if (code && count === '?25') continue;
    else if (code !== undefined || piece === '\u001b') throw new Error(`Unknown: ${JSON.stringify(piece)}`);
    else if (piece === '\r') column = 0;
    else if (piece === '\n') {
      newLine();
      column = 0;
    } else {
      if (column === columns && breaks) {
        newLine();
        column = 0;
      }
      if (column === columns) column -= 1;
      rows[row] = rows[row]!.padEnd(column).slice(0, column) + piece + rows[row]!.slice(column + 1);
      column += 1;
    }
  }
  return { history, rows };
}
