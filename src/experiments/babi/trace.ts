import * as tf from '@tensorflow/tfjs';
import { markdownTable } from 'markdown-table';
import { type EncodedQuestions, encodeQuestions, type Lexicon, lexiconOf } from '../../data/babi/encode.js';
import type { Question, Story } from '../../data/babi/parse.js';
import { memoryAttention } from '../../ops/memory-hop.js';
import type { Examples, Explanation, Trained } from '../experiment.js';
import { chosen, explainEach } from '../explanation.js';
import type { BabiData } from './data.js';
import { forward, positionWeights } from './network.js';
import { emptyBatch, plainTimes, writeQuestion } from './questions.js';
import type { BabiSettings } from './settings.js';

/** A test question, and where it stands among the encoded ones. */
interface Asked {
  readonly task: number;
  readonly story: Story;
  readonly question: Question;
  readonly index: number;
}

/** What the network made of a question. */
interface Response {
  /** Of each hop over all memories, the empty ones behind the statements included. */
  readonly attention: readonly Float32Array[];
  /** The word that it answers with. */
  readonly answer: string;
  readonly probability: number;
}

/** A question with what the network made of it, as it is shown. */
type Answered = {
  readonly task: number;
  readonly question: string;
  readonly statements: readonly {
    readonly statement: string;
    /** By hop. */
    readonly attention: readonly number[];
    /** Whether the answer follows from it. */
    readonly needed: boolean;
  }[];
  /** All together, by hop. */
  readonly emptyMemories: readonly number[];
  readonly answer: string;
  readonly probability: number;
  readonly expected: string;
  readonly right: boolean;
};

/**
 * What a trained network attends to in each hop, and what it answers. Of several tasks the first questions come first,
 * then the second ones, and so on.
 */
export function explain(
  { parameters }: Trained,
  { model }: BabiSettings,
  { tasks }: BabiData,
  examples: Examples,
): Promise<Explanation> {
  const lexicon = lexiconOf(tasks, model.memory);
  const encoded = encodeQuestions(
    tasks.map(({ task, test }) => ({ task, stories: test })),
    lexicon,
  );
  const questions = questionsInTurn(tasks);
  return explainEach(chosen(examples, questions.length), async (example) => {
    const asked = questions[example]!;
    const response = await answer(parameters, model, encoded, asked.index, lexicon);
    return explainAnswer(asked, encoded.kept[asked.index]!, response);
  });
}

/** The test questions of all tasks: the first of each, the second of each, and so on. */
export function questionsInTurn(tasks: BabiData['tasks']): Asked[] {
  let index = 0;
  const ranked = tasks.flatMap(({ task, test }) =>
    test
      .flatMap((story) => story.questions.map((question) => ({ task, story, question })))
      .map((asked, rank) => ({ rank, asked: { ...asked, index: index++ } })),
  );
  // Sorting keeps the order of the tasks among questions of one rank.
  return ranked.sort((a, b) => a.rank - b.rank).map(({ asked }) => asked);
}

async function answer(
  parameters: readonly tf.Tensor[],
  model: BabiSettings['model'],
  encoded: EncodedQuestions,
  index: number,
  lexicon: Lexicon,
): Promise<Response> {
  const { memory, slots, words } = lexicon;
  const batch = emptyBatch(1, lexicon);
  writeQuestion(batch, 0, encoded, index, plainTimes(encoded.kept[index]!), lexicon);
  const outputs = tf.tidy(() => {
    const stories = {
      ids: tf.tensor4d(batch.stories, [1, 1, memory, slots], 'int32'),
      weights: positionWeights(model.encoding, slots, model.width),
      linear: tf.zeros([1]) as tf.Tensor1D,
    };
    const attention: tf.Tensor[] = [];
    const question = tf.tensor3d(batch.questions, [1, 1, slots - 1], 'int32');
    const logits = forward(parameters, question, stories, (query, input) =>
      attention.push(memoryAttention(query, input, stories)),
    );
    return [tf.softmax(logits), ...attention];
  });
  const [chances, ...attention] = await Promise.all(
    outputs.map((output) => output.data() as Promise<Float32Array>),
  );
  tf.dispose(outputs);
  const best = chances!.indexOf(Math.max(...chances!));
  // Time words have no text: a network that answers with one has learnt little.
  return { attention, answer: words[best] || '(no word)', probability: chances![best]! };
}

function explainAnswer(
  { task, story, question }: Asked,
  kept: number,
  { attention, answer, probability }: Response,
): Explanation {
  const from = question.seen - kept;
  const statements = story.statements.slice(from, question.seen).map((words, i) => ({
    statement: words.join(' '),
    attention: attention.map((hop) => hop[i]!),
    needed: question.support.includes(from + i),
  }));
  const empty = attention.map((hop) => hop.subarray(kept).reduce((sum, weight) => sum + weight, 0));
  const value: Answered = {
    ...{ task, question: question.words.join(' '), statements, emptyMemories: empty },
    ...{ answer, probability, expected: question.answer, right: answer === question.answer },
  };
  return { value, text: answerText(value) };
}

function answerText(answered: Answered): string {
  const { task, question, statements, emptyMemories, answer, probability, expected, right } = answered;
  const weights = (attention: readonly number[]) => attention.map((weight) => weight.toFixed(2));
  const hops = emptyMemories.map((_, k) => `hop ${k + 1}`);
  const rows = statements.map(({ statement, attention, needed }) => [
    statement,
    ...weights(attention),
    needed ? '*' : '',
  ]);
  const align = ['l', ...hops.map(() => 'r'), 'c'];
  return [
    `task ${task}: ${question}`,
    '',
    markdownTable(
      [['statement', ...hops, 'needed'], ...rows, ['(empty memories)', ...weights(emptyMemories), '']],
      { align },
    ),
    '',
    `answer: ${answer}, with probability ${probability.toFixed(2)} (${right ? 'right' : `wrong; the truth is ${expected}`})`,
  ].join('\n');
}
