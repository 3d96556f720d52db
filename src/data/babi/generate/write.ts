import { join } from 'node:path';
import { UserError } from '../../../errors.js';
import { writeWhole } from '../../../files/whole.js';
import { parseSeeds } from '../../../trials/seeds.js';
import { sizeOf } from '../../archive.js';
import { taskFiles } from '../files.js';
import { generateFile } from './index.js';

/** What is to be generated. */
export interface GenerateRequest {
  /** Tasks as ranges, e.g. `1-20` or `1,4,15`. */
  readonly tasks: string;
  /** Questions of each file. */
  readonly questions: number;
  readonly seed: number;
  /** Folder for the files; made if need be. */
  readonly folder: string;
}

/** Most questions of a file: each story needs its own stream of random numbers. */
const MOST_QUESTIONS = 1_000_000;

/**
 * Writes a training and a test file of each task, in bAbI's format and under its names.
 * @returns how many files that makes.
 * @throws UserError for tasks that do not exist, for a number of questions that is none, for a file that is already
 *   there, and when the folder cannot be written.
 */
export async function writeTasks({ tasks, questions, seed, folder }: GenerateRequest): Promise<number> {
  if (!Number.isInteger(questions) || questions < 1 || questions > MOST_QUESTIONS)
    throw new UserError(`--questions must be a whole number from 1 to ${MOST_QUESTIONS}, got ${questions}.`);
  const [checkedSeed] = parseSeeds(seed) as [number];
  const wanted = parseTasks(tasks).flatMap((task) =>
    (['train', 'test'] as const).map((split) => ({ task, split, path: join(folder, fileName(task, split)) })),
  );
  for (const { path } of wanted) {
    if ((await sizeOf(path)) !== null)
      throw new UserError(`${path} is already there. Remove it, or choose another folder with --out.`);
  }
  for (const { task, split, path } of wanted)
    await writeWhole(path, generateFile(task, { questions, seed: checkedSeed, split }), '--out');
  return wanted.length;
}

/** @throws UserError when a task is not one of 1 to 20. */
function parseTasks(text: string): number[] {
  const tasks = parseSeeds(text);
  const unknown = tasks.find((task) => task < 1 || task > taskFiles.length);
  if (unknown === undefined) return tasks;
  throw new UserError(
    `There is no task ${unknown}; --tasks takes numbers from 1 to ${taskFiles.length}, e.g. 1-20.`,
  );
}

/** The published file's name, without its folder. */
function fileName(task: number, split: 'train' | 'test'): string {
  return taskFiles[task - 1]![split].name.replace(/^en\//, '');
}
