import { HostStream } from '../../../random/streams.js';
import type { TaskStories } from '../data-set.js';
import { parseStories, type Story } from '../parse.js';
import { basicDeduction, basicInduction } from './animals.js';
import { Dice } from './dice.js';
import { pathFinding, twoArgumentRelations } from './maps.js';
import { agentsMotivations } from './motives.js';
import {
  counting,
  listsSets,
  singleSupportingFact,
  threeArgumentRelations,
  threeSupportingFacts,
  twoSupportingFacts,
  yesNoQuestions,
} from './rooms.js';
import { positionalReasoning } from './shapes.js';
import { sizeReasoning } from './sizes.js';
import { StoryWriter } from './story-writer.js';
import { timeReasoning } from './time.js';
import { basicCoreference, compoundCoreference, conjunction } from './together.js';
import { indefiniteKnowledge, simpleNegation } from './uncertain.js';

/** Tells one story. */
type Teller = (dice: Dice, story: StoryWriter) => void;

/** Task 1 first. */
const TELLERS: readonly Teller[] = [
  singleSupportingFact,
  twoSupportingFacts,
  threeSupportingFacts,
  twoArgumentRelations,
  threeArgumentRelations,
  yesNoQuestions,
  counting,
  listsSets,
  simpleNegation,
  indefiniteKnowledge,
  basicCoreference,
  conjunction,
  compoundCoreference,
  timeReasoning,
  basicDeduction,
  basicInduction,
  positionalReasoning,
  sizeReasoning,
  pathFinding,
  agentsMotivations,
];

/** Numbers of the two splits' streams. */
const SPLITS = { train: 0, test: 1 } as const;

/**
 * A task's file in bAbI's format, from small simulated worlds. Story i depends on (seed, task, split, i) only, so a longer
 * file begins with the shorter one; training and test stories come from separate streams.
 * @param task 1 to 20.
 * @param questions how many the file has; its last story may be cut short.
 */
export function generateFile(
  task: number,
  { questions, seed, split }: { questions: number; seed: number; split: keyof typeof SPLITS },
): string {
  const lines: string[] = [];
  let left = questions;
  for (let i = 0; left > 0; i++) {
    const story = new StoryWriter();
    TELLERS[task - 1]!(new Dice(new HostStream(seed, 'task', i, 2 * task + SPLITS[split])), story);
    lines.push(...story.linesUpTo(left));
    left -= Math.min(left, story.questions);
  }
  return `${lines.join('\n')}\n`;
}

/** A generated task, read as a published one would be. */
export function generateTask(
  task: number,
  { train, test, seed }: { train: number; test: number; seed: number },
): TaskStories {
  const stories = (split: keyof typeof SPLITS, questions: number): Story[] =>
    parseStories(generateFile(task, { questions, seed, split }), `generated task ${task}`);
  return { task, train: stories('train', train), test: stories('test', test) };
}
