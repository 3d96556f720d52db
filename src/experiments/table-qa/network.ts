import * as tf from '@tensorflow/tfjs';
import { dropout } from '../../ops/dropout.js';
import { atStep } from '../../random/streams.js';
import type { ParameterSpec } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { scaled, startUniforms } from '../start.js';
import { columnCount, type Questions, type Sizes } from './encoding.js';
import { columnName, TEXT_WORDS, textWord } from './grammar.js';
import { GREATER, operationCount } from './operations.js';
import type { TableQaSettings } from './settings.js';

type ModelSettings = TableQaSettings['model'];
type Weights = { readonly [name: string]: tf.Tensor3D };

/** Everything that the model selects for a question: B of them for each replica, steps first to last. */
export interface Selections {
  /** Distributions over the operations, T tensors [R, B, O]. */
  readonly operations: readonly tf.Tensor3D[];
  /** Distributions over the columns, T tensors [R, B, C]. */
  readonly columns: readonly tf.Tensor3D[];
  /** Distributions over the question's numbers, first for greater, then for lesser, [R, B, 2, NUMBERS]. */
  readonly pivots: tf.Tensor4D;
  /** How well each word matches the question, by text column, [R, B, text columns, 10]. */
  readonly matches?: tf.Tensor4D;
}

/** What is written W [a; b] in the paper is here a sum of products, a matrix for each part. Matrices are [inputs, outputs]. */
export function parametersOf({ units: d, bidirectional }: ModelSettings, sizes: Sizes): ParameterSpec[] {
  const own = bidirectional ? d / 2 : d;
  const directions = bidirectional ? ['forward', 'backward'] : ['forward'];
  // With a single column there is nothing to select, whatever the parameters.
  const selectorUnits = columnCount(sizes) > 1 ? 2 * d : d;
  return [
    { name: 'words', shape: [sizes.words.length, d] },
    ...directions.flatMap((direction) => [
      { name: `question/${direction}/input`, shape: [d, own] },
      { name: `question/${direction}/recurrent`, shape: [own, own] },
    ]),
    { name: 'operations', shape: [operationCount(sizes), d] },
    { name: 'selector/question', shape: [d, selectorUnits] },
    { name: 'selector/history', shape: [d, selectorUnits] },
    { name: 'history/operation', shape: [d, d] },
    { name: 'history/column', shape: [d, d] },
    { name: 'history/recurrent', shape: [d, d] },
  ];
}

/** Starting parameters [R, ...]: uniform. [NP section 3.2.1] */
export function initialise(
  specs: readonly ParameterSpec[],
  replicas: readonly { seed: number; initialScale: number }[],
): tf.Tensor[] {
  return tf.tidy(() => {
    const scales = replicas.map(({ initialScale }) => initialScale);
    const shapes = specs.map(({ shape }) => shape);
    return startUniforms(seedsOf(replicas), shapes).map((own) => scaled(own, scales));
  });
}

/** Dropout of one update; every call takes the next stream. */
export class Dropout {
  #calls = 0;

  /** @param seeds the replicas' `dropout` streams, [R, 2]. */
  constructor(
    private readonly seeds: tf.Tensor2D,
    private readonly step: tf.Scalar,
    private readonly rates: { readonly outside: tf.Tensor1D; readonly recurrent: tf.Tensor1D },
  ) {}

  apply<T extends tf.Tensor>(x: T, where: 'outside' | 'recurrent'): T {
    return dropout(x, atStep(this.seeds, this.step, this.#calls++), this.rates[where]);
  }
}

export interface SelectOptions {
  /** Given in training where something is dropped. */
  readonly drop?: Dropout;
  /** In the test: every distribution becomes its most probable choice, also in what the history sees of it. */
  readonly hard?: boolean;
}

/** Reads the questions and selects operations, columns and pivots for all steps; no table is needed for that. */
export function select(
  model: ModelSettings,
  sizes: Sizes,
  parameters: readonly tf.Tensor[],
  questions: Questions,
  { drop, hard = false }: SelectOptions = {},
): Selections {
  const names = parametersOf(model, sizes).map(({ name }) => name);
  const weights: Weights = Object.fromEntries(names.map((name, i) => [name, parameters[i] as tf.Tensor3D]));
  const { states, last } = readQuestion(weights, questions, drop);
  const question = drop ? drop.apply(last, 'outside') : last;
  const maybeDropped = (x: tf.Tensor3D) => (drop ? drop.apply(x, 'outside') : x);
  const vectors = {
    operations: maybeDropped(weights.operations!),
    columns: maybeDropped(rowsOfWords(weights, sizes, columnName(0), columnCount(sizes))),
  };
  const decide = (logits: tf.Tensor) => choose(logits, hard);
  return {
    ...selectSteps(weights, vectors, question, { ...questions, drop, decide, steps: model.steps }),
    pivots: selectPivots(weights.operations!, states, questions, model.pivots, decide),
    ...(questions.histograms && {
      matches: matchWords(rowsOfWords(weights, sizes, textWord(0), TEXT_WORDS), vectors.columns, {
        states,
        question,
        ...questions,
        histograms: questions.histograms,
      }),
    }),
  };
}

/** The vectors of `count` words from `first` on, [R, count, d]. */
function rowsOfWords({ words }: Weights, sizes: Sizes, first: string, count: number): tf.Tensor3D {
  return tf.slice(words!, [0, sizes.words.indexOf(first), 0], [-1, count, -1]);
}

/**
 * The question RNN [NP section 2.1].
 * @returns the state after every word, Q tensors [R, B, d], and the final one, in both directions where there are two.
 */
function readQuestion(weights: Weights, questions: Questions, drop: Dropout | undefined) {
  const Q = questions.isWord.shape[2];
  // Before words are dropped, looking up a product is the same as multiplying what was looked up, and cheaper.
  const vectors = drop?.apply(tf.matMul(questions.words, weights.words!), 'outside');
  const read = (direction: 'forward' | 'backward') => {
    const input = weights[`question/${direction}/input`]!;
    const all = vectors
      ? tf.matMul(vectors, input)
      : tf.matMul(questions.words, tf.matMul(weights.words!, input));
    const inputs = tf.split(all, Q, 1) as tf.Tensor3D[];
    const recurrent = weights[`question/${direction}/recurrent`]!;
    return direction === 'forward'
      ? runThrough(inputs, recurrent, drop)
      : runThrough(inputs.toReversed(), recurrent, drop).reverse();
  };
  const forward = read('forward');
  if (!weights['question/backward/input']) return { states: forward, last: forward.at(-1)! };
  const backward = read('backward');
  // Backwards the padding comes last, so that the final state is the one at the first word.
  const isStart = tf.split(questions.starts, Q, 2);
  const final = tf.addN(backward.map((state, i) => tf.mul(state, isStart[i]!)));
  return {
    states: forward.map((state, i) => tf.concat([state, backward[i]!], 2)),
    last: tf.concat([forward.at(-1)!, final], 2) as tf.Tensor3D,
  };
}

function runThrough(
  inputs: readonly tf.Tensor3D[],
  recurrent: tf.Tensor3D,
  drop: Dropout | undefined,
): tf.Tensor3D[] {
  const states: tf.Tensor3D[] = [];
  for (const input of inputs) {
    const before = states.at(-1);
    const carried = before && drop ? drop.apply(before, 'recurrent') : before;
    states.push(tf.tanh(carried ? tf.add(input, tf.matMul(carried, recurrent)) : input));
  }
  return states;
}

interface StepOptions {
  readonly isColumn: tf.Tensor3D;
  readonly drop: Dropout | undefined;
  readonly decide: (logits: tf.Tensor) => tf.Tensor;
  readonly steps: number;
}

/** The selector and the history RNN [NP sections 2.2 and 2.4]. */
function selectSteps(
  weights: Weights,
  vectors: { readonly operations: tf.Tensor3D; readonly columns: tf.Tensor3D },
  question: tf.Tensor3D,
  { isColumn, drop, decide, steps }: StepOptions,
): { operations: tf.Tensor3D[]; columns: tf.Tensor3D[] } {
  const [R, B, d] = question.shape;
  const hasColumns = vectors.columns.shape[1] > 1;
  const ofQuestion = tf.matMul(question, weights['selector/question']!);
  const ofOperation = tf.matMul(vectors.operations, weights['history/operation']!);
  const ofColumn = tf.matMul(vectors.columns, weights['history/column']!);
  const outOfReach = tf.mul(tf.sub(isColumn, 1), 1e9);
  const operations: tf.Tensor3D[] = [];
  const columns: tf.Tensor3D[] = [];
  let history: tf.Tensor3D | undefined;
  for (let t = 0; t < steps; t++) {
    // h_1 = 0, and of nothing comes nothing.
    const both = history ? tf.add(ofQuestion, tf.matMul(history, weights['selector/history']!)) : ofQuestion;
    const hidden = tf.tanh(both) as tf.Tensor3D;
    const kept = drop ? drop.apply(hidden, 'outside') : hidden;
    const [forOperation, forColumn] = hasColumns ? tf.split(kept, [d, d], 2) : [kept];
    const operation = decide(tf.matMul(forOperation!, vectors.operations, false, true)) as tf.Tensor3D;
    const column = forColumn
      ? (decide(tf.add(tf.matMul(forColumn, vectors.columns, false, true), outOfReach)) as tf.Tensor3D)
      : (tf.ones([R, B, 1]) as tf.Tensor3D);
    operations.push(operation);
    columns.push(column);
    if (t === steps - 1) break;
    const selected = tf.add(tf.matMul(operation, ofOperation), tf.matMul(column, ofColumn));
    const carried = history && drop ? drop.apply(history, 'recurrent') : history;
    history = tf.tanh(
      carried ? tf.add(selected, tf.matMul(carried, weights['history/recurrent']!)) : selected,
    ) as tf.Tensor3D;
  }
  return { operations, columns };
}

/** beta of greater and lesser [NP section 2.3]: which number each compares with, by the state of the word to its left. */
function selectPivots(
  operations: tf.Tensor3D,
  states: readonly tf.Tensor3D[],
  { lefts, isNumber }: Questions,
  pivots: ModelSettings['pivots'],
  decide: (logits: tf.Tensor) => tf.Tensor,
): tf.Tensor4D {
  const compute = (): tf.Tensor4D => {
    const comparisons = tf.slice(operations, [0, GREATER, 0], [-1, 2, -1]);
    const scores = states.map((state) => tf.matMul(state, comparisons, false, true));
    const [R, B] = scores[0]!.shape as [number, number, number];
    const byPosition = tf.reshape(tf.concat(scores, 2), [R, B, states.length, 2]);
    const outOfReach = tf.expandDims(tf.mul(tf.sub(isNumber, 1), 1e9), 2);
    return decide(tf.add(tf.matMul(byPosition, lefts, true, true), outOfReach)) as tf.Tensor4D;
  };
  // Hard comparisons pass no gradient, so that there is no need to record how their pivots came about.
  return pivots === 'literal' ? withoutGradient(compute) : compute();
}

interface MatchOptions {
  readonly states: readonly tf.Tensor3D[];
  readonly question: tf.Tensor3D;
  readonly isWord: tf.Tensor3D;
  readonly histograms: tf.Tensor4D;
}

/**
 * Text match [NP section 2.3.1], word by word instead of row by row: rows with the same word have the same score, and a
 * mean over rows is a mean over words by their share of the rows.
 * @param words vectors of the ten words, [R, 10, d].
 * @param columns vectors of the column names, those of text columns first, [R, C, d].
 * @returns scores in [0, 1], [R, B, text columns, 10].
 */
function matchWords(
  words: tf.Tensor3D,
  columns: tf.Tensor3D,
  { states, question, isWord, histograms }: MatchOptions,
): tf.Tensor4D {
  const [R, B, d] = question.shape;
  const K = histograms.shape[2];
  const Q = states.length;
  const relevant = tf.sigmoid(tf.matMul(question, words, false, true));
  const shares = tf.mul(histograms, tf.expandDims(relevant, 2));
  const means = tf.matMul(tf.reshape(shares, [R, B * K, TEXT_WORDS]) as tf.Tensor3D, words);
  const names = tf.expandDims(tf.slice(columns, [0, 0, 0], [-1, K, -1]), 1);
  const columnVectors = tf.add(tf.reshape(means, [R, B, K, d]), names);
  const stacked = tf.reshape(tf.concat([...states], 2), [R, B, Q, d]);
  const outOfReach = tf.expandDims(tf.mul(tf.sub(isWord, 1), 1e9), 2);
  const attention = tf.softmax(tf.add(tf.matMul(columnVectors, stacked, false, true), outOfReach));
  const phrases = tf.reshape(tf.matMul(attention, stacked), [R, B * K, d]) as tf.Tensor3D;
  const scores = tf.sigmoid(tf.matMul(phrases, words, false, true));
  return tf.reshape(scores, [R, B, K, TEXT_WORDS]) as tf.Tensor4D;
}

/** Softmax over the last axis, or its most probable choice as one-hot. */
function choose(logits: tf.Tensor, hard: boolean): tf.Tensor {
  if (!hard) return tf.softmax(logits);
  return tf.cast(tf.oneHot(tf.argMax(logits, -1) as tf.Tensor1D, logits.shape.at(-1)!), 'float32');
}

function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}
