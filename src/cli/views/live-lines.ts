import type { Output } from '../streams.js';
import { columnsOf } from './terminal.js';

/** Erases from the cursor to the end of the screen. */
const ERASE = '\u001b[J';

/** The last lines of a terminal, drawn in place again and again, below text that stays. */
export class LiveLines {
  private shown: readonly string[] = [];

  constructor(private readonly stream: Output) {}

  /** @param lines in place of those before; each narrower than the terminal. */
  draw(lines: readonly string[]): void {
    this.write('', lines);
  }

  /** Writes a text above them, which stays. */
  above(text: string): void {
    this.write(`${text}\n`, this.shown);
  }

  /** Leaves the lines as they are; what is written next comes below. */
  end(): void {
    if (this.shown.length > 0) this.stream.write('\n');
    this.shown = [];
  }

  /** In one piece, so that nothing else comes between. */
  private write(text: string, lines: readonly string[]): void {
    const rows = this.rowsShown();
    const home = rows > 1 ? `\r\u001b[${rows - 1}A` : '\r';
    this.stream.write(`${rows > 0 ? home + ERASE : ''}${text}${lines.join('\n')}`);
    this.shown = lines;
  }

  /** Rows of the terminal that the lines take now: a window that became narrower has broken them. */
  private rowsShown(): number {
    const columns = columnsOf(this.stream);
    return this.shown.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0);
  }
}
