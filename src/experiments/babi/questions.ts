import type { EncodedQuestions, Lexicon } from '../../data/babi/encode.js';
import { HostStream } from '../../random/streams.js';

/** How many of `count` training questions are held out for validation: a tenth. [memn2n section 4] */
export function heldOut(count: number): number {
  return Math.floor(count * 0.1);
}

/** Which training questions are trained on and which are held out, as indices. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Holds out a tenth of the training questions: the last ones of a single task, random ones of several, as the authors'
 * code does. It is the same for every trial on the same data, so that their validation errors are comparable.
 */
export function splitOf(count: number, tasks: number): Split {
  const order =
    tasks === 1
      ? Int32Array.from({ length: count }, (_, i) => i)
      : new HostStream(0, 'task').permutation(count);
  const train = count - heldOut(count);
  return { train: order.slice(0, train), validation: order.slice(train) };
}

/** Word ids and answers of some questions, ready to become tensors; the last slot of a sentence has its time word. */
export interface QuestionBatch {
  /** [questions, memory, slots] */
  readonly stories: Int32Array;
  /** [questions, slots - 1] */
  readonly questions: Int32Array;
  readonly answers: Int32Array;
}

export function emptyBatch(count: number, { memory, slots }: Lexicon): QuestionBatch {
  return {
    stories: new Int32Array(count * memory * slots),
    questions: new Int32Array(count * (slots - 1)),
    answers: new Int32Array(count),
  };
}

/**
 * Writes question `from` of `source` to place `to` of a batch whose place is still empty.
 * @param times the time word of each statement it keeps, oldest first; 1 is the latest.
 */
export function writeQuestion(
  batch: QuestionBatch,
  to: number,
  source: EncodedQuestions,
  from: number,
  times: Int32Array,
  { words, memory, slots }: Lexicon,
): void {
  const first = source.first[from]!;
  const kept = source.kept[from]!;
  const story = to * memory * slots;
  batch.stories.set(source.statements.subarray(first * slots, (first + kept) * slots), story);
  for (let i = 0; i < kept; i++) batch.stories[story + (i + 1) * slots - 1] = words.length + times[i]! - 1;
  const question = slots - 1;
  batch.questions.set(source.words.subarray(from * question, (from + 1) * question), to * question);
  batch.answers[to] = source.answers[from]!;
}

/** Time words without noise: the oldest of n statements has n, the latest 1. */
export function plainTimes(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => n - i);
}

/**
 * Time words with random gaps, as if empty memories were interspersed: n of the numbers up to n + blanks in falling
 * order, with at most ceil(noise n) blanks; none is above `memory`. [memn2n section 5]
 */
export function noisyTimes(n: number, noise: number, memory: number, random: HostStream): Int32Array {
  const blanks = random.integer(Math.ceil(noise * n) + 1);
  const times = random.permutation(n + blanks).slice(0, n);
  return times
    .map((time) => Math.min(time + 1, memory))
    .sort()
    .reverse();
}
