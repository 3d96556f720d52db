import * as tf from '@tensorflow/tfjs';
import { encodeQuestions, lexiconOf } from '../../data/babi/encode.js';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { HostStream } from '../../random/streams.js';
import { updatesPerEpoch } from '../epochs.js';
import type { Batch, Metrics, Program, Replica } from '../experiment.js';
import type { BabiData } from './data.js';
import { Evaluation } from './evaluation.js';
import { forward, initialise, nilMask, parametersOf, positionWeights, withoutNil } from './network.js';
import { emptyBatch, noisyTimes, splitOf, writeQuestion } from './questions.js';
import type { BabiSettings } from './settings.js';

/** End-to-end memory networks on bAbI, R replicas in lockstep. [GN section 4.2; arXiv 1503.08895] */
export function babiProgram(replicas: readonly Replica<BabiSettings>[], { tasks }: BabiData): Program {
  const { model, train } = replicas[0]!.settings;
  const R = replicas.length;
  const B = train.batchSize;
  const lexicon = lexiconOf(tasks, model.memory);
  const training = encodeQuestions(
    tasks.map(({ task, train }) => ({ task, stories: train })),
    lexicon,
  );
  const split = splitOf(training.count, tasks.length);
  const weights = positionWeights(model.encoding, lexicon.slots, model.width);
  const mask = nilMask(lexicon.size);
  const evaluation = new Evaluation(tasks, training, split.validation, lexicon, weights);
  const epochLength = updatesPerEpoch(split.train.length, B);
  const linearUpdates = train.linearEpochs * epochLength;
  const parameters = parametersOf(model, lexicon);
  // Share of wrong answers in each replica's last epoch of training.
  let trainErrors = new Array<number | null>(R).fill(null);

  return {
    parameters,

    initialise: () => initialise(replicas, parameters, lexicon),

    batch(step) {
      const batch = emptyBatch(R * B, lexicon);
      for (const [r, { seed, settings }] of replicas.entries()) {
        const random = new HostStream(seed, 'batches', step);
        for (let b = 0; b < B; b++) {
          const question = split.train[random.integer(split.train.length)]!;
          const kept = training.kept[question]!;
          const times = noisyTimes(kept, settings.train.timeNoise, lexicon.memory, random);
          writeQuestion(batch, r * B + b, training, question, times, lexicon);
        }
      }
      return {
        stories: tf.tensor4d(batch.stories, [R, B, lexicon.memory, lexicon.slots], 'int32'),
        questions: tf.tensor3d(batch.questions, [R, B, lexicon.slots - 1], 'int32'),
        answers: tf.tensor2d(batch.answers, [R, B], 'int32'),
      };
    },

    loss(parameters, { stories, questions, answers }: Batch, step) {
      const linear = tf.fill([R], 1).mul(tf.cast(tf.less(step, linearUpdates), 'float32')) as tf.Tensor1D;
      const memory = { ids: stories as tf.Tensor4D, weights, linear };
      // The nil word is no parameter: a gradient of its row would count in the norm that is clipped.
      const matrices = parameters.map((matrix) => withoutNil(matrix as tf.Tensor3D, mask));
      const logits = forward(matrices, questions as tf.Tensor3D, memory);
      const wrong = tf.notEqual(tf.argMax(logits, 2), answers!);
      // Summed over the batch, as in the authors' code: rate and clipping threshold belong to the sum.
      return {
        loss: tf.sum(softmaxCrossEntropy(logits, answers as tf.Tensor2D), 1),
        monitors: [tf.sum(tf.cast(wrong, 'float32'), 1)],
      };
    },

    monitors: [[]],

    observe([wrong], updates) {
      trainErrors = Array.from(wrong!, (count) => count / (updates * B));
    },

    rateFactor: (step) => rateFactor(step, linearUpdates, epochLength, train.halveEvery),

    constrain: (parameters) => parameters.map((matrix) => withoutNil(matrix as tf.Tensor3D, mask)),

    async evaluate(parameters): Promise<Metrics[]> {
      const errors = await evaluation.errors(parameters, R);
      return errors.map((metrics, r) => {
        const trainError = trainErrors[r];
        return typeof trainError === 'number' ? { trainError, ...metrics } : metrics;
      });
    },

    save: () => trainErrors,
    restore(states: readonly (number | null)[]) {
      trainErrors = [...states];
    },

    dispose: () => tf.dispose([weights, mask]),
  };
}

/**
 * What the rate is multiplied by at update `step`: 1 during the linear start; after it 1/2 to the number of halvings,
 * which come at the start of epochs `every`, 2 `every`, ... counted from 1. [memn2n section 4]
 */
export function rateFactor(
  step: tf.Scalar,
  linearUpdates: number,
  epochLength: number,
  every: number,
): tf.Scalar {
  const since = tf.maximum(tf.sub(tf.cast(step, 'float32'), linearUpdates), 0);
  const epoch = tf.add(tf.floor(tf.div(since, epochLength)), 1);
  return tf.pow(0.5, tf.floor(tf.div(epoch, every))) as tf.Scalar;
}
