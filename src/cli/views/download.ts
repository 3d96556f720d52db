import { printableLines } from '../../excerpt.js';
import type { DownloadReport } from '../../experiments/experiment.js';
import type { DataReports } from '../../runner/request.js';
import type { Output, Streams } from '../streams.js';
import { barLine } from './bar.js';
import { LiveLines } from './live-lines.js';
import { clockText, Pace } from './pace.js';
import { canDraw, columnsOf } from './terminal.js';

/** Milliseconds between two drawings of a bar. */
const DRAW_MS = 100;

/** Shows on `err` how the loading of data gets on. */
export function dataReports({ err }: Streams): DataReports {
  return {
    notice: (text) => err.write(`${printableLines(text)}\n`),
    report: (name) => downloadReport(name, err),
  };
}

/** Shows a download: a bar on a terminal, a line per tenth otherwise. */
export function downloadReport(name: string, stream: Output): DownloadReport {
  return canDraw(stream) ? bar(name, stream) : lines(name, stream);
}

function bar(name: string, stream: Output): DownloadReport {
  const line = new LiveLines(stream);
  let pace: Pace | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    progress(bytes, total) {
      pace ??= new Pace(bytes);
      if (bytes < total && performance.now() - drawnAt < DRAW_MS) return;
      drawnAt = performance.now();
      const parts = [
        { text: name, dispensable: 2 },
        { text: `${megabytes(bytes)} of ${megabytes(total)} MB`, dispensable: 1 },
        { text: `${clockText(pace.secondsLeft(bytes, total))} left`, dispensable: 0 },
      ];
      line.draw([barLine(bytes / total, parts, columnsOf(stream) - 1)]);
    },
    notice: (message) => line.above(printableLines(message)),
    end: () => line.end(),
  };
}

/** A line per tenth of the download. */
function lines(name: string, stream: Output): DownloadReport {
  let tenths = -1;
  return {
    progress(bytes, total) {
      const now = Math.floor((10 * bytes) / total);
      if (now === tenths) return;
      tenths = now;
      const time = new Date().toISOString();
      stream.write(`${time} ${name}: ${megabytes(bytes)} of ${megabytes(total)} MB\n`);
    },
    notice: (message) => stream.write(`${printableLines(message)}\n`),
    end: () => {},
  };
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
