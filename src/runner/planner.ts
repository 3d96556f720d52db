import type { OpenBackend } from '../backends/index.js';
import type { Experiment } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import { settingsOf } from '../trainer/settings.js';
import { planPopulations } from '../trials/populations.js';
import type { Trial } from '../trials/trial.js';
import { evenSize, populationSize } from './population-size.js';
import { structureOf } from './structure.js';

/** What populations have to share. */
export interface Room {
  readonly backend: Pick<OpenBackend, 'name' | 'device' | 'deviceBytes'>;
  /** GPUs of this machine that the processes are spread over; 0: they share the machine's memory. */
  readonly cards: number;
  /** Processes that train on this machine at once. */
  readonly processes: number;
  /** Processes that the trials are shared out among, where those of other machines are among them. */
  readonly sharers?: number;
  /** Most trials in lockstep, as the user or the config asks; null leaves it to memory and backend. */
  readonly population: number | null;
}

/** Says which trials train together. Every process of a sweep plans alike, from the trials that it found to do. */
export class Planner {
  /** A trial's structure as text, by its id. */
  private readonly structures: ReadonlyMap<string, string>;
  /** How many trials there are of each structure. */
  private readonly counts = new Map<string, number>();

  /** @param trials all that are to be trained when the sweep starts, so that populations do not dwindle towards its end. */
  constructor(
    private readonly experiment: Experiment,
    readonly trials: readonly Trial[],
    private readonly room: Room,
  ) {
    this.structures = new Map(
      trials.map((trial) => [trial.id, canonicalJson(structureOf(experiment, trial))]),
    );
    for (const structure of this.structures.values())
      this.counts.set(structure, (this.counts.get(structure) ?? 0) + 1);
  }

  /** Populations of those of the trials that nobody trains yet, in the order of their first trials. */
  plan(free: readonly Trial[] = this.trials): Trial[][] {
    return planPopulations(
      free,
      (trial) => this.structure(trial),
      (trial) => this.size(trial),
    );
  }

  /** Replicas in lockstep: as asked for, or what memory and backend suggest, shared out among the processes. */
  private size(trial: Trial): number {
    const { backend, cards, processes, sharers = processes, population } = this.room;
    if (population !== null) return population;
    const bytes = this.bytesOf(trial);
    // Where there are many structures, each process can take one whole.
    const sharing = Math.max(1, Math.ceil(sharers / this.counts.size));
    return evenSize(
      this.counts.get(this.structure(trial))!,
      populationSize(backend, bytes, Math.ceil(processes / Math.max(1, cards))),
      sharing,
    );
  }

  /** Where there are kernels, twice what an experiment takes at the least with them: ops that others compose take far more. */
  private bytesOf(trial: Trial): number {
    const settings = settingsOf(this.experiment, trial.description);
    const composed = this.experiment.bytesPerReplica(settings);
    const least = this.experiment.leastBytes?.(settings) ?? composed;
    return this.room.backend.name === 'wasm' ? Math.min(composed, 2 * least) : composed;
  }

  private structure({ id }: Trial): string {
    return this.structures.get(id)!;
  }
}
