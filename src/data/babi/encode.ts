import type { TaskStories } from './data-set.js';
import type { Story } from './parse.js';

/** Id of the word that fills unused slots; its embedding is zero. */
export const NIL = 0;

/** Questions with their stories as word ids. */
export interface EncodedQuestions {
  readonly count: number;
  /** The statements of all stories, one after the other, [statements, slots]; the last slot is left nil, for the time word. */
  readonly statements: Int32Array;
  /** The first statement that each question keeps in memory, a row of `statements`. */
  readonly first: Int32Array;
  /** How many statements each question keeps, the latest ones; 0 to `memory`. */
  readonly kept: Int32Array;
  /** Words of the questions, [count, slots - 1]. */
  readonly words: Int32Array;
  readonly answers: Int32Array;
  /** The task each question is from, 1 to 20. */
  readonly tasks: Uint8Array;
}

/** What all data of a run have in common. */
export interface Lexicon {
  /** Id -> word, nil first, in order of appearance over training and test data. Time words follow and have no text. */
  readonly words: readonly string[];
  /** Word slots of a sentence: those of the longest one, plus one at the end for the time word. */
  readonly slots: number;
  /** Sentences in memory: those of the longest story, or the given limit. */
  readonly memory: number;
  /** Words and time words: the id of time word i (1 is the latest statement) is `words.length + i - 1`. */
  readonly size: number;
}

/** Vocabulary and sizes over all tasks of a run, training and test data. [memn2n code] */
export function lexiconOf(tasks: readonly TaskStories[], memoryLimit: number): Lexicon {
  const words = new Set(['']);
  let longestSentence = 0;
  let longestStory = 0;
  for (const { statements, questions } of tasks.flatMap(({ train, test }) => [...train, ...test])) {
    longestStory = Math.max(longestStory, statements.length);
    for (const sentence of [...statements, ...questions.map((question) => question.words)]) {
      longestSentence = Math.max(longestSentence, sentence.length);
      for (const word of sentence) words.add(word);
    }
    for (const { answer } of questions) words.add(answer);
  }
  const memory = Math.min(memoryLimit, longestStory);
  return { words: [...words], slots: longestSentence + 1, memory, size: words.size + memory };
}

/** The questions of one split of all tasks, in the order of tasks and files. */
export function encodeQuestions(
  stories: readonly { readonly task: number; readonly stories: readonly Story[] }[],
  { words, slots, memory }: Lexicon,
): EncodedQuestions {
  const ids = new Map(words.map((word, id) => [word, id]));
  const all = stories.flatMap(({ task, stories }) => stories.map((story) => ({ task, ...story })));
  const count = sum(all.map(({ questions }) => questions.length));
  const statements = new Int32Array(sum(all.map((story) => story.statements.length)) * slots);
  const encoded = {
    count,
    statements,
    first: new Int32Array(count),
    kept: new Int32Array(count),
    words: new Int32Array(count * (slots - 1)),
    answers: new Int32Array(count),
    tasks: new Uint8Array(count),
  };
  let row = 0;
  let q = 0;
  for (const story of all) {
    for (const { words, answer, seen } of story.questions) {
      encoded.kept[q] = Math.min(seen, memory);
      encoded.first[q] = row + seen - encoded.kept[q]!;
      encoded.words.set(
        words.map((word) => ids.get(word)!),
        q * (slots - 1),
      );
      encoded.answers[q] = ids.get(answer)!;
      encoded.tasks[q] = story.task;
      q += 1;
    }
    for (const sentence of story.statements)
      statements.set(
        sentence.map((word) => ids.get(word)!),
        slots * row++,
      );
  }
  return encoded;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
