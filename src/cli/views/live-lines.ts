import { MultiBar, type SingleBar } from 'cli-progress';
import type { Output } from '../streams.js';
import { columnsOf } from './terminal.js';

/** Erases from the cursor to the end of the screen. */
const ERASE = '\u001b[J';

/** The last lines of a terminal, drawn in place again and again, below text that stays. */
export class LiveLines {
  readonly #stream: Output;
  /** A bar of cli-progress is a line here: what it says comes with it. */
  readonly #drawing: MultiBar;
  readonly #bars: SingleBar[] = [];
  #shown: readonly string[] = [];

  constructor(stream: Output) {
    this.#stream = stream;
    this.#drawing = new MultiBar({
      stream,
      format: (_options, _parameters, { line }: { line: string }) => line,
      // Text above moves them, so that they are drawn also where they have not changed.
      forceRedraw: true,
      hideCursor: true,
      // Drawn when there is something new, and stopped by the command, which has its own way with signals.
      fps: 0.01,
      gracefulExit: false,
    });
  }

  /** @param lines in place of those before; each narrower than the terminal. */
  draw(lines: readonly string[]): void {
    for (const bar of this.#bars.splice(lines.length)) this.#drawing.remove(bar);
    for (const [i, line] of lines.entries()) {
      const bar = this.#bars[i];
      if (bar) bar.update(0, { line });
      else this.#bars.push(this.#drawing.create(1, 0, { line }));
    }
    this.#redraw();
    this.#shown = lines;
  }

  /** Writes a text above them, which stays. */
  above(text: string): void {
    if (this.#bars.length === 0) {
      this.#stream.write(`${text}\n`);
      return;
    }
    this.#drawing.log(`${text}\n`);
    this.#redraw();
  }

  /** Leaves the lines as they are; what is written next comes below. */
  end(): void {
    if (this.#bars.length > 0) this.#drawing.stop();
    this.#bars.length = 0;
    this.#shown = [];
  }

  #redraw(): void {
    const columns = columnsOf(this.#stream);
    // A window that became narrower has broken lines into several.
    const rows = this.#shown.map(({ length }) => Math.max(1, Math.ceil(length / columns)));
    const further = rows.reduce((sum, count) => sum + count - 1, 0);
    if (further > 0) this.#stream.write(`\u001b[${further}A`);
    this.#drawing.update();
    this.#stream.write(ERASE);
  }
}
