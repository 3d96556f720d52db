import * as tf from '@tensorflow/tfjs';
import type { Experiment, OpenData, Settings } from '../experiments/experiment.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { Population } from '../trainer/population.js';

/** What the bench trains: an experiment with settings and data of its own. */
export interface Network<S extends Settings = Settings, D extends OpenData = OpenData> {
  readonly experiment: Experiment<S, D>;
  readonly settings: S;
  /** Loads the data onto the backend that is open. */
  open(): Promise<D>;
  /** The seed of replica `r`. */
  seedOf(replica: number): number;
  /** The update whose batch all updates get: where batches differ in size, one of the largest. */
  readonly step?: number;
}

/** A population in training. */
export interface Stepper {
  /** Advances every replica by one update, made as the trainer makes it. */
  step(): void;
  /** Waits until the device has done all steps. */
  finish(): Promise<void>;
  /** How many steps were replayed. */
  readonly replayed: number;
  dispose(): void;
}

/** Fills in what most networks have alike: data that is drawn, without a file, and a seed for each replica. */
export function network<S extends Settings, D extends OpenData>(
  own: Pick<Network<S, D>, 'experiment' | 'settings'> & Partial<Network<S, D>>,
): Network {
  const { experiment, settings } = own;
  const open = () => experiment.openData(settings.data, { folders: [], offline: true, notice() {} });
  return { open, seedOf: (replica: number) => replica, ...own } as unknown as Network;
}

/** Starts a population of so many replicas, on the backend that is open. */
export async function stepperOf(network: Network, replicas: number, noise: boolean): Promise<Stepper> {
  const { experiment, settings } = network;
  const data = await network.open();
  const train = noise ? settings.train : { ...settings.train, noise: 'none' as const };
  const trials = Array.from({ length: replicas }, (_, r) =>
    unplannedTrial(experiment, { ...settings, train }, network.seedOf(r)),
  );
  const population = new Population(experiment, trials, data);
  return {
    step() {
      population.step = network.step ?? population.step;
      population.update();
    },
    async finish() {
      const sum = tf.sum(population.parameters[0]!);
      await sum.data();
      sum.dispose();
    },
    get replayed() {
      return population.replayed;
    },
    dispose() {
      population.dispose();
      data.dispose();
    },
  };
}
