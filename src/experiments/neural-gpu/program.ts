import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from '../../method/named-tensors.js';
import { type ChainState, mapSlotsOf, replaceHyper } from '../../method/state.js';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { atStep, HostStream, streamSeeds } from '../../random/streams.js';
import { countsOf } from '../curriculum.js';
import type { Batch, Metrics, Program, Replica } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { drawSize, nextProgress, type Progress, startingProgress } from './curriculum.js';
import { wrongAnswers } from './errors.js';
import { type ErrorRates, evaluateSequences } from './evaluation.js';
import { drawSequences, stack, type TestSets } from './examples.js';
import { dropoutOnImage, forward, initialise, parametersOf, SETS } from './network.js';
import { averageSets, spread } from './relaxation.js';
import type { NeuralGpuSettings } from './settings.js';

/** Below this length, dropout that is scaled by length is what the config says. [public code: its smallest bin] */
const SHORTEST_SCALED = 8;

/** Neural GPUs on R seeds and settings of one task in lockstep; every replica has its own curriculum. */
export function neuralGpuProgram(replicas: readonly Replica<NeuralGpuSettings>[], tests: TestSets): Program {
  const { data, model, train } = replicas[0]!.settings;
  const B = train.batchSize;
  const dropoutSeeds = streamSeeds(seedsOf(replicas), 'dropout');
  const dropping = replicas.some(({ settings }) => settings.train.dropout > 0);
  let progress = replicas.map(({ settings }) => startingProgress(settings));
  // Replicas whose sets became one at the last report, and are averaged now.
  let joining = replicas.map(() => false);

  return {
    parameters: parametersOf(model),
    monitors: [[2]],

    initialise: () => initialise(replicas.map(({ seed, settings }) => ({ seed, model: settings.model }))),

    batch(step): Batch {
      const size = drawSize(step);
      const sizes = progress.map(({ level }) => size(level, data.maximum));
      const sets = replicas.map(({ seed }, r) =>
        drawSequences(data.task, sizes[r]!, B, new HostStream(seed, 'batches', step)),
      );
      return {
        ...stack(sets),
        // Only sizes that the curriculum has reached count for it.
        counted: tf.tensor1d(sizes.map((own, r) => Number(own <= progress[r]!.level))),
        shared: tf.tensor1d(progress.map(({ shared }) => Number(shared))),
        pull: tf.tensor1d(progress.map(({ pull, shared }) => (shared ? 0 : pull))),
        dropRate: tf.tensor1d(replicas.map(({ settings }, r) => dropoutRate(settings, sets[r]!.length))),
      };
    },

    loss(parameters, batch, step) {
      const { inputs, targets, active, shared, counted, pull, dropRate } = batch as {
        [name: string]: tf.Tensor;
      };
      const [R, n] = active!.shape as [number, number];
      const drop = dropoutOnImage(active as tf.Tensor2D, dropRate as tf.Tensor1D, (t) =>
        atStep(dropoutSeeds, step, t),
      );
      const sequences = { inputs, active, shared } as Parameters<typeof forward>[1];
      const logits = forward(parameters, sequences, dropping ? drop : undefined);
      const flat = tf.reshape(logits, [R, n * B, -1]) as tf.Tensor3D;
      const costs = softmaxCrossEntropy(flat, tf.reshape(targets!, [R, n * B]));
      const own = tf.mul(tf.reshape(costs, [R, n, B]), tf.expandDims(active!, 2));
      const symbols = tf.mul(tf.sum(active!, 1), B);
      const cost = tf.div(tf.sum(own, [1, 2]), symbols);
      const relaxed = tf.mul(pull!, spread(parameters[0] as tf.Tensor3D));
      return {
        loss: tf.add(cost, relaxed) as tf.Tensor1D,
        monitors: [countWrong(logits, targets as tf.Tensor3D, counted as tf.Tensor1D)],
      };
    },

    observe([counts]) {
      const before = progress;
      progress = countsOf(counts!).map((counted, r) =>
        nextProgress(before[r]!, replicas[r]!.settings, counted),
      );
      joining = progress.map(({ shared }, r) => shared && !before[r]!.shared);
    },

    reform(parameters, optimiser) {
      const scaled = replicas.map(({ settings }) => isErrorScaled(settings));
      const joins = joining.some(Boolean);
      if (!joins && !scaled.some(Boolean)) return null;
      const scales = progress.map(({ error }, r) => (scaled[r] ? error : 1));
      const state = scaled.some(Boolean)
        ? replaceHyper(optimiser, 'addNoise', 'scale', tf.tensor1d(scales))
        : optimiser;
      return joins ? joined(parameters, state, joining) : { parameters, optimiser: state };
    },

    async evaluate(parameters): Promise<Metrics[]> {
      const shared = progress.map((own) => own.shared);
      const test = await evaluateSequences(parameters, tests.test, shared);
      const trained = await evaluateSequences(parameters, tests.trained, shared);
      const further: { times: number; errors: ErrorRates[] }[] = [];
      for (const { times, set } of tests.multiples)
        further.push({ times, errors: await evaluateSequences(parameters, set, shared) });
      return progress.map(({ level }, r) => ({
        testError: test[r]!.sequences,
        testBitError: test[r]!.bits,
        trainedError: trained[r]!.sequences,
        trainedBitError: trained[r]!.bits,
        ...Object.fromEntries(
          further.map(({ times, errors }) => [`testErrorTimes${times}`, errors[r]!.sequences]),
        ),
        level,
      }));
    },

    save: () => progress,
    restore(states: readonly Progress[]) {
      progress = [...states];
    },

    dispose: () => tf.dispose(dropoutSeeds),
  };
}

function dropoutRate({ train }: NeuralGpuSettings, length: number): number {
  const scale =
    train.dropoutScaling === 'by-length' ? SHORTEST_SCALED / Math.max(SHORTEST_SCALED, length) : 1;
  return train.dropout * scale;
}

/** Wrong sequences, and all, of the replicas whose size counts, [R, 2]. */
function countWrong(logits: tf.Tensor4D, targets: tf.Tensor3D, counted: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const wrong = wrongAnswers(logits, targets).sequences;
    const both = tf.stack([wrong, tf.fill(wrong.shape, targets.shape[2])], 1);
    return tf.mul(both, tf.expandDims(counted, 1)) as tf.Tensor2D;
  });
}

/** Parameters and the optimiser's moments with the sets of the chosen replicas averaged. [NGPU section 3.3] */
function joined(parameters: NamedTensors, optimiser: ChainState, chosen: readonly boolean[]) {
  const flags = tf.tensor1d(chosen.map(Number));
  const average = (sets: tf.Tensor) => averageSets(sets, flags);
  const result = {
    parameters: { ...parameters, [SETS]: average(parameters[SETS]!) },
    optimiser: mapSlotsOf(optimiser, SETS, average),
  };
  flags.dispose();
  return result;
}

function isErrorScaled({ train }: NeuralGpuSettings): boolean {
  return train.noise !== 'none' && 'scaledBy' in train.noise;
}
