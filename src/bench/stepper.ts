import * as tf from '@tensorflow/tfjs';
import type { Experiment, OpenData, Program, Settings } from '../experiments/experiment.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { disposeTree } from '../method/tensor-tree.js';
import type { Chain } from '../method/transformation.js';
import { Population } from '../trainer/population.js';
import { advance, startingState } from '../trainer/step.js';
import { durationsOf } from './clock.js';

/** A population in training; `step` advances every replica by one update. */
export interface Stepper {
  step(): void;
  /** Waits until the device has done all steps. */
  finish(): Promise<void>;
  dispose(): void;
}

/** Makes a population of so many replicas, on the backend that is open. */
export type MakeStepper = (replicas: number) => Stepper;

/** Updates as the trainer makes them, with a fresh batch for each, of replicas that differ in their seeds. */
export function freshBatches<S extends Settings, D extends OpenData>(
  experiment: Experiment<S, D>,
  settings: S,
  seeds: readonly number[],
  data: D,
): Stepper {
  const trials = seeds.map((seed) => unplannedTrial(experiment, settings, seed));
  const population = new Population(experiment, trials, data);
  return {
    step: () => population.update(),
    async finish() {
      const sum = tf.sum(population.parameters[0]!);
      await sum.data();
      sum.dispose();
    },
    dispose: () => population.dispose(),
  };
}

/** Updates on one batch, that of update `step`, over and over: where batches differ in size. */
export function sameBatch(program: Program, optimiser: Chain, replicas: number, step = 0): Stepper {
  const batch = program.batch(step);
  let state = startingState(program, optimiser, replicas);
  return {
    step() {
      // A step disposes its batch.
      const copy = Object.entries(batch).map(([name, tensor]) => [name, tf.clone(tensor)] as const);
      state = advance(program, optimiser, state, Object.fromEntries(copy));
    },
    finish: async () => {
      await state.sums.loss.data();
    },
    dispose() {
      program.dispose();
      disposeTree([batch, state]);
    },
  };
}

/** Replica-steps between two looks at the clock. */
const WORK = 40;

/** Replica-steps per second (replicas times steps) of a population, from the median of runs for about `seconds`. */
export async function replicaStepsPerSecond(
  make: MakeStepper,
  replicas: number,
  seconds: number,
): Promise<number> {
  const stepper = make(replicas);
  const steps = Math.ceil(WORK / replicas);
  const durations = await durationsOf(seconds, async () => {
    for (let i = 0; i < steps; i++) stepper.step();
    await stepper.finish();
  });
  stepper.dispose();
  return (replicas * steps) / durations[Math.floor(durations.length / 2)]!;
}
