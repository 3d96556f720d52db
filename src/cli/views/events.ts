import type { DownloadReport } from '../../experiments/experiment.js';
import type { Planned } from '../../planning/configs.js';
import type { SweepEvent } from '../../runner/events.js';
import type { DataReports } from '../../runner/request.js';
import type { Trial } from '../../trials/trial.js';
import { writeEvent } from '../json.js';
import type { Output } from '../streams.js';

/** Milliseconds between two events of a download. */
const DOWNLOAD_MS = 1000;

/** Writes what a run or a queue's worker tells as lines of JSON. The README lists the events and their fields. */
export class EventLines {
  private readonly trials = new Map<string, Trial>();

  /** @param out null: nobody asked for events. */
  constructor(private readonly out: Output | null) {}

  /** Training of a config begins, of whose trials `done` are stored. */
  begin({ config, trials }: Planned, done: number): void {
    this.know(trials);
    this.write('config', { config: config.name, profile: config.profile.name, trials: trials.length, done });
  }

  /** A queue's worker has taken a population, to be trained in process `slot`. */
  take(slot: number, trials: readonly Trial[]): void {
    this.know(trials);
    const { config, profile } = trials[0]!;
    this.write('taken', { process: slot, config, profile, trials: trials.map(({ id }) => id) });
  }

  tell(slot: number, event: SweepEvent): void {
    const { kind, ...fields } = event;
    const trial = event.kind === 'trial' ? this.trials.get(event.id) : undefined;
    this.write(kind, { process: slot, ...fields, ...(trial && labelsOf(trial)) });
  }

  /** What loads data tells, beside what is shown of it. */
  data({ notice, report }: DataReports): DataReports {
    return {
      notice: (text) => {
        this.write('notice', { text });
        notice(text);
      },
      ...(report && { report: (name) => this.download(name, report(name)) }),
    };
  }

  write(event: string, fields: object): void {
    if (this.out !== null) writeEvent(this.out, event, fields);
  }

  /** The events of a download, beside what is shown of it. */
  download(name: string, shown: DownloadReport): DownloadReport {
    let toldAt = Number.NEGATIVE_INFINITY;
    return {
      progress: (bytes, total) => {
        shown.progress(bytes, total);
        if (bytes < total && performance.now() - toldAt < DOWNLOAD_MS) return;
        toldAt = performance.now();
        this.write('download', { dataSet: name, bytes, total });
      },
      notice: (text) => {
        shown.notice(text);
        this.write('notice', { text });
      },
      end: () => shown.end(),
    };
  }

  private know(trials: readonly Trial[]): void {
    for (const trial of trials) this.trials.set(trial.id, trial);
  }
}

/** Names that a trial's id stands for. */
export function labelsOf({ config, profile, setting, arm, variation, description }: Trial) {
  return { config, profile, setting, arm, variation, seed: description.seed };
}
