import type { PaperTable, Reference } from './paper-table.js';

/** Test errors in per cent, 1000 training questions per task, as published for one task. */
export interface PublishedErrors {
  /** 1 to 20 */
  readonly task: number;
  readonly title: string;
  /** Strongly supervised memory network. */
  readonly strong: number;
  readonly lstm: number;
  /** Weakly supervised memory network with a heuristic (MemNN-WSH). */
  readonly weak: number;
  /** End-to-end memory network, bag of words, 3 hops, a network per task. */
  readonly bagOfWords: number;
  /** Position encoding and linear start, one network for all tasks, 1, 2 and 3 hops; the last with noise on time. */
  readonly joint1: number;
  readonly joint2: number;
  readonly joint3: number;
  /** Somebody else's run of the authors' code: a network per task, and one for all; position encoding, linear start, noise on time. */
  readonly codeSingle: number;
  readonly codeJoint: number;
}

/**
 * Sukhbaatar, Szlam, Weston and Fergus 2015, arXiv 1503.08895, table 1, as other public texts reproduce it; and one public
 * run of the authors' program.
 */
export const publishedErrors: readonly PublishedErrors[] = [
  errors(1, 'single supporting fact', [0, 50, 0.1, 0.6, 0.8, 0, 0, 0.1, 0]),
  errors(2, 'two supporting facts', [0, 80, 42.8, 17.6, 62, 15.6, 11.4, 8.2, 13.1]),
  errors(3, 'three supporting facts', [0, 80, 76.4, 71, 76.9, 31.6, 21.9, 41.8, 23.4]),
  errors(4, 'two-argument relations', [0, 39, 40.3, 32, 22.8, 2.2, 13.4, 4.4, 5.9]),
  errors(5, 'three-argument relations', [2, 30, 16.3, 18.3, 11, 13.4, 14.4, 13.7, 12.9]),
  errors(6, 'yes/no questions', [0, 52, 51, 8.7, 7.2, 2.3, 2.8, 7.9, 3.7]),
  errors(7, 'counting', [15, 51, 36.1, 23.5, 15.9, 25.4, 18.3, 20.3, 22.9]),
  errors(8, 'lists and sets', [9, 55, 37.8, 11.4, 13.2, 11.7, 9.3, 11.7, 9.1]),
  errors(9, 'simple negation', [0, 36, 35.9, 21.1, 5.1, 2, 1.9, 13.6, 2.7]),
  errors(10, 'indefinite knowledge', [2, 56, 68.7, 22.8, 10.6, 5, 6.5, 9.7, 7.2]),
  errors(11, 'basic coreference', [0, 38, 30, 4.1, 8.4, 1.2, 0.3, 0.7, 0.8]),
  errors(12, 'conjunction', [0, 26, 10.1, 0.3, 0.4, 0, 0.1, 0, 0.1]),
  errors(13, 'compound coreference', [0, 6, 19.7, 10.5, 6.3, 0.2, 0.2, 0.3, 0.1]),
  errors(14, 'time reasoning', [1, 73, 18.3, 1.3, 36.9, 8.1, 6.9, 0.9, 4.2]),
  errors(15, 'basic deduction', [0, 79, 64.8, 24.3, 46.4, 0.5, 0, 0, 0]),
  errors(16, 'basic induction', [0, 77, 50.5, 52, 47.4, 51.3, 2.7, 0.4, 1.2]),
  errors(17, 'positional reasoning', [35, 49, 50.9, 45.4, 44.4, 41.2, 40.4, 51, 43.6]),
  errors(18, 'size reasoning', [5, 48, 51.3, 48.1, 9.6, 10.3, 9.4, 10.5, 10.5]),
  errors(19, 'path finding', [64, 92, 100, 89.7, 90.7, 89.9, 88, 81.4, 86.7]),
  errors(20, "agents' motivations", [0, 9, 3.6, 0.1, 0, 0.1, 0, 0, 0]),
];

function errors(task: number, title: string, figures: readonly number[]): PublishedErrors {
  const [strong, lstm, weak, bagOfWords, joint1, joint2, joint3, codeSingle, codeJoint] = figures as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { task, title, strong, lstm, weak, bagOfWords, joint1, joint2, joint3, codeSingle, codeJoint };
}

/** End-to-end memory networks, one per task; not a table of the paper on gradient noise, which does not say if it did this. */
export const memn2nSingle: PaperTable = {
  id: 'memn2n-single',
  title: 'End-to-end memory networks on bAbI, a network per task: test error',
  citation:
    "arXiv 1503.08895's authors' program as somebody else ran it, one run per task: position encoding, linear start, " +
    'noise on time, no gradient noise; the other columns: its table 1, from the strongly supervised memory network to 3 hops',
  trials: 1,
  columns: [{ id: 'average', heading: 'test error', kind: 'average', metric: 'testError' }],
  rows: publishedErrors.map(({ task, title, codeSingle }) => ({
    setting: `task-${task}`,
    heading: `${task}: ${title}`,
    arm: 'no-noise',
    values: { average: codeSingle / 100 },
  })),
  references: [
    reference('strong', 'strong'),
    reference('lstm', 'LSTM'),
    reference('weak', 'WSH'),
    reference('bagOfWords', 'BoW'),
    reference('joint1', '1 hop, joint'),
    reference('joint2', '2 hops, joint'),
    reference('joint3', '3 hops, joint'),
    reference('codeJoint', 'code, joint'),
  ],
};

/** One of the published columns; `PublishedErrors` says what each is. */
function reference(id: Exclude<keyof PublishedErrors, 'task' | 'title'>, heading: string): Reference {
  const values = publishedErrors.map((errors) => [`task-${errors.task}`, errors[id] / 100]);
  return { id, heading, values: Object.fromEntries(values) };
}
