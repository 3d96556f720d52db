import * as tf from '@tensorflow/tfjs';
import { HostStream } from '../../random/streams.js';
import { countsOf } from '../curriculum.js';
import type { Batch, Program, Replica } from '../experiment.js';
import { perReplica } from '../replicas.js';
import { sumOverTest, testParts } from '../test-parts.js';
import { initialise, parametersOf } from './controller.js';
import { drawDifficulty, nextLevel } from './curriculum.js';
import {
  type ExampleSet,
  type ExampleTensors,
  examplesBetween,
  pack,
  type TestSet,
  toTensors,
  wrongCells,
} from './examples.js';
import { FusedMachine, hasFusedMachine } from './fused-machine.js';
import { Machine, startingState } from './machine.js';
import { type Run, run } from './network.js';
import type { KthElementSettings } from './settings.js';
import { tasks } from './tasks.js';

/** Test examples of all replicas together per forward pass: keeps the memory small beside the training step's. */
const TEST_EXAMPLES = 4000;

/** Neural random-access machines on R tasks of one shape in lockstep; every replica has its own curriculum. */
export function kthElementProgram(replicas: readonly Replica<KthElementSettings>[], test: TestSet): Program {
  const { data, model, train } = replicas[0]!.settings;
  const R = replicas.length;
  const B = train.batchSize;
  const each = (pick: (train: KthElementSettings['train']) => number) =>
    perReplica(replicas, (settings) => pick(settings.train));
  const shape = { memory: data.memory, ...model };
  const lossScales = each((t) => (t.loss === 'mean' ? 1 / B : 1));
  const bonus = { start: each((t) => t.entropy.coefficient), decay: each((t) => t.entropy.decay) };
  // Clip 1 is a limit for one example's gradient: scaling the loss must not change what it clips.
  const limit = tf.tidy(() =>
    perExample(
      tf.mul(
        each((t) => t.activationClip),
        lossScales,
      ),
      B,
    ),
  );
  const machine = new (hasFusedMachine() ? FusedMachine : Machine)(shape, limit, model.epsilon);
  let levels = replicas.map(({ settings }) => Math.min(settings.train.curriculum.start, data.maximum));

  const runOn = (parameters: readonly tf.Tensor[], { memory, targets }: ExampleTensors, hard = false): Run =>
    run(model, parameters, machine, startingState(memory, model), targets, hard);

  return {
    parameters: parametersOf(model),
    monitors: [[2]],

    initialise: () => initialise(replicas.map(({ seed, settings }) => ({ seed, model: settings.model }))),

    batch(step): Batch {
      const drawn = replicas.map(({ seed }, r) => drawBatch(data, B, { seed, step, level: levels[r]! }));
      const examples = pack(
        drawn.flatMap(({ examples }) => examples),
        data.memory,
      );
      return tf.tidy(() => {
        const { memory, targets } = toTensors(examples);
        return {
          memory: tf.reshape(memory, [R, B, -1]),
          targets: tf.reshape(targets, [R, B, -1]),
          counted: tf.tensor2d(
            drawn.flatMap(({ counted }) => counted),
            [R, B],
          ),
        };
      });
    },

    loss(parameters, { memory, targets, counted }, step) {
      const examples = { memory: flat(memory!), targets: flat(targets!) };
      const result = runOn(parameters, examples);
      const coefficient = tf.mul(bonus.start, tf.pow(bonus.decay, tf.cast(step, 'float32')));
      const cost = sumOverBatch(result.cost, R);
      const loss = tf.sub(cost, tf.mul(coefficient, sumOverBatch(result.entropy, R)));
      return {
        loss: tf.mul(loss, lossScales) as tf.Tensor1D,
        monitors: [errorsAtLevel(result.memory, examples.targets, counted as tf.Tensor2D)],
      };
    },

    observe([errors]) {
      levels = countsOf(errors!).map((counted, r) =>
        nextLevel(levels[r]!, data.maximum, replicas[r]!.settings.train.curriculum, counted),
      );
    },

    async evaluate(parameters) {
      const { count, targets } = test.examples;
      const sums = await sumOverTest(testParts(count, TEST_EXAMPLES, R), (from, to) =>
        testFigures(parameters, runOn, examplesBetween(test.examples, from, to)),
      );
      const cells = targets.filter((target) => target >= 0).length;
      return levels.map((level, r) => ({
        testError: sums[3 * r + 1]! / cells,
        testCost: sums[3 * r]! / count,
        discreteError: sums[3 * r + 2]! / cells,
        level,
      }));
    },

    save: () => levels.map((level) => ({ level })),
    restore(states: readonly { level: number }[]) {
      levels = states.map(({ level }) => level);
    },

    dispose() {
      machine.dispose();
      tf.dispose([lossScales, limit, bonus.start, bonus.decay]);
    },
  };
}

interface Place {
  readonly seed: number;
  readonly step: number;
  readonly level: number;
}

/** One replica's batch: difficulties from its `task` stream, examples from its `batches` stream. */
function drawBatch({ task, memory, maximum }: KthElementSettings['data'], B: number, place: Place) {
  const { seed, step, level } = place;
  const choice = new HostStream(seed, 'task', step);
  const content = new HostStream(seed, 'batches', step);
  const difficulties = Array.from({ length: B }, () => drawDifficulty(choice, level, maximum));
  return {
    examples: difficulties.map((n) => tasks[task].draw(content, n, memory)),
    // Only what the level has reached counts: at D, half of the hardest examples are harder than D.
    counted: difficulties.map((n) => Number(n <= level)),
  };
}

/** Wrong answer cells, and all answer cells, of the examples that count, [R, 2]. */
function errorsAtLevel(memory: tf.Tensor3D, targets: tf.Tensor2D, counted: tf.Tensor2D): tf.Tensor2D {
  const [R] = counted.shape;
  const cells = tf.sum(tf.cast(tf.greaterEqual(targets, 0), 'float32'), 1);
  const both = [wrongCells(memory, targets), cells];
  return tf.stack(
    both.map((figure) => tf.sum(tf.mul(tf.reshape(figure, [R, -1]), counted), 1)),
    1,
  ) as tf.Tensor2D;
}

/** Sums over some test examples of every replica's cost, wrong answer cells, and those of discretised runs, [R, 3]. */
function testFigures(
  parameters: readonly tf.Tensor[],
  runOn: (parameters: readonly tf.Tensor[], examples: ExampleTensors, hard?: boolean) => Run,
  examples: ExampleSet,
): tf.Tensor {
  const R = parameters[0]!.shape[0]!;
  const { memory, targets } = toTensors(examples);
  const tiled = { memory: tf.tile(memory, [R, 1]), targets: tf.tile(targets, [R, 1]) };
  const soft = runOn(parameters, tiled);
  const wrong = [soft, runOn(parameters, tiled, true)].map(({ memory }) => wrongCells(memory, tiled.targets));
  const figures = [soft.cost, ...wrong].map((figure) => sumOverBatch(figure, R));
  return tf.stack(figures, 1);
}

/** [R] to [R * B, 1, 1], a replica's number for each of its examples. */
function perExample(numbers: tf.Tensor, B: number): tf.Tensor3D {
  return tf.reshape(tf.tile(tf.expandDims(numbers, 1), [1, B]), [-1, 1, 1]) as tf.Tensor3D;
}

function sumOverBatch(values: tf.Tensor1D, R: number): tf.Tensor1D {
  return tf.sum(tf.reshape(values, [R, -1]), 1);
}

/** [R, B, M] to [R * B, M] */
function flat(t: tf.Tensor): tf.Tensor2D {
  return tf.reshape(t, [-1, t.shape[2]!]) as tf.Tensor2D;
}
