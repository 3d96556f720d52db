import * as tf from '@tensorflow/tfjs';
import type { TaskStories } from '../../data/babi/data-set.js';
import { type EncodedQuestions, encodeQuestions, type Lexicon } from '../../data/babi/encode.js';
import type { Metrics } from '../experiment.js';
import { sumOverTest, testParts } from '../test-parts.js';
import { forward } from './network.js';
import { emptyBatch, plainTimes, writeQuestion } from './questions.js';

/** Questions of all replicas in one forward pass: enough to keep the device busy, few enough to stay small. */
const TEST_QUESTIONS = 2048;

/** Errors on held-out questions; time words have no noise. */
export class Evaluation {
  private readonly test: EncodedQuestions;

  constructor(
    private readonly tasks: readonly TaskStories[],
    private readonly training: EncodedQuestions,
    private readonly validation: Int32Array,
    private readonly lexicon: Lexicon,
    private readonly weights: tf.Tensor2D,
  ) {
    this.test = encodeQuestions(
      tasks.map(({ task, test }) => ({ task, stories: test })),
      lexicon,
    );
  }

  /** Each replica's validation and test error; of several tasks, the test error of each as well. */
  async errors(parameters: readonly tf.Tensor[], replicas: number): Promise<Metrics[]> {
    const { tasks, training, validation, test } = this;
    const all = Int32Array.from({ length: test.count }, (_, i) => i);
    const groups = new Map(tasks.map(({ task }, group) => [task, group]));
    const ofTask = (question: number) => groups.get(test.tasks[question]!)!;
    const [validationErrors] = await this.errorRates(parameters, replicas, training, validation, () => 0, 1);
    const taskErrors = await this.errorRates(parameters, replicas, test, all, ofTask, tasks.length);
    return Array.from({ length: replicas }, (_, r) => {
      const each = tasks.map(({ task }, group) => [`task${task}TestError`, taskErrors[group]![r]!] as const);
      // Every task counts alike, as in the published means.
      const testError = each.reduce((sum, [, error]) => sum + error, 0) / tasks.length;
      const perTask = tasks.length > 1 ? Object.fromEntries(each) : {};
      return { validationError: validationErrors![r]!, testError, ...perTask };
    });
  }

  /** Share of wrong answers, by group and replica. */
  private async errorRates(
    parameters: readonly tf.Tensor[],
    replicas: number,
    source: EncodedQuestions,
    chosen: Int32Array,
    groupOf: (question: number) => number,
    groups: number,
  ): Promise<number[][]> {
    const sizes = new Array<number>(groups).fill(0);
    for (const question of chosen) sizes[groupOf(question)]! += 1;
    const counts = await sumOverTest(testParts(chosen.length, TEST_QUESTIONS, replicas), (from, to) =>
      this.countWrong(parameters, source, chosen.subarray(from, to), groupOf, groups),
    );
    return sizes.map((size, group) =>
      Array.from({ length: replicas }, (_, r) => counts[r * groups + group]! / size),
    );
  }

  /** Wrong answers of every replica in every group, [R, groups]. */
  private countWrong(
    parameters: readonly tf.Tensor[],
    source: EncodedQuestions,
    chosen: Int32Array,
    groupOf: (question: number) => number,
    groups: number,
  ): tf.Tensor {
    const { lexicon, weights } = this;
    const count = chosen.length;
    const batch = emptyBatch(count, lexicon);
    for (const [to, from] of chosen.entries())
      writeQuestion(batch, to, source, from, plainTimes(source.kept[from]!), lexicon);
    const ids = tf.tensor4d(batch.stories, [1, count, lexicon.memory, lexicon.slots], 'int32');
    const questions = tf.tensor3d(batch.questions, [1, count, lexicon.slots - 1], 'int32');
    const linear = tf.zeros([parameters[0]!.shape[0]!]) as tf.Tensor1D;
    const guesses = tf.argMax(forward(parameters, questions, { ids, weights, linear }), 2);
    const wrong = tf.cast(tf.notEqual(guesses, tf.tensor2d(batch.answers, [1, count], 'int32')), 'float32');
    const members = tf.buffer([count, groups]);
    for (const [row, question] of chosen.entries()) members.set(1, row, groupOf(question));
    return tf.matMul(wrong, members.toTensor() as tf.Tensor2D);
  }
}
