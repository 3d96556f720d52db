import { SingleBar } from 'cli-progress';
import { printableLines } from '../../excerpt.js';
import type { DownloadReport } from '../../experiments/experiment.js';
import type { DataReports } from '../../runner/request.js';
import type { Output, Streams } from '../streams.js';
import { drawsBars } from './terminal.js';

/** Shows on `err` how the loading of data gets on. */
export function dataReports({ err }: Streams): DataReports {
  return {
    notice: (text) => err.write(`${printableLines(text)}\n`),
    report: (name) => downloadReport(name, err),
  };
}

/** Shows a download: a bar on a terminal, a line per tenth otherwise. */
export function downloadReport(name: string, stream: Output): DownloadReport {
  return drawsBars(stream) ? bar(name, stream) : lines(name, stream);
}

function bar(name: string, stream: Output): DownloadReport {
  const format = `${name} [{bar}] {percentage}% {done} of {size} MB, {eta_formatted} left`;
  const single = new SingleBar({ format, stream, hideCursor: true });
  const end = () => single.isActive && single.stop();
  return {
    progress(bytes, total) {
      const payload = { done: megabytes(bytes), size: megabytes(total) };
      if (!single.isActive) single.start(total, bytes, payload);
      single.update(bytes, payload);
    },
    notice(message) {
      end();
      stream.write(`${printableLines(message)}\n`);
    },
    end,
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
