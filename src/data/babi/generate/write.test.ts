import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../../errors.js';
import { parseStories } from '../parse.js';
import { writeTasks } from './write.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise-'));
});
afterEach(() => rm(folder, { recursive: true }));

const request = (changes: object = {}) => ({
  tasks: '1,20',
  questions: 30,
  seed: 0,
  folder: join(folder, 'deep/er'),
  ...changes,
});

test('writes a training and a test file per task under the published names', async () => {
  const wanted = request();
  expect(await writeTasks(wanted)).toBe(4);
  expect((await readdir(wanted.folder)).sort()).toEqual([
    'qa1_single-supporting-fact_test.txt',
    'qa1_single-supporting-fact_train.txt',
    'qa20_agents-motivations_test.txt',
    'qa20_agents-motivations_train.txt',
  ]);
  const path = join(wanted.folder, 'qa20_agents-motivations_train.txt');
  const stories = parseStories(await readFile(path, 'utf8'), path);
  expect(stories.reduce((sum, { questions }) => sum + questions.length, 0)).toBe(30);
});

test.each([
  ['a task that does not exist', { tasks: '0-3' }, 'There is no task 0; --tasks takes numbers from 1 to 20'],
  ['tasks that are no numbers', { tasks: 'all' }, 'all'],
  ['half a question', { questions: 0.5 }, '--questions must be a whole number from 1 to 1000000, got 0.5'],
  ['a seed that is none', { seed: -1 }, '-1'],
])('refuses %s and writes nothing', async (_what, changes, message) => {
  await expect(writeTasks(request(changes))).rejects.toThrow(UserError);
  await expect(writeTasks(request(changes))).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual([]);
});

test('never writes over a file', async () => {
  const taken = join(folder, 'qa20_agents-motivations_test.txt');
  await writeFile(taken, 'mine');
  await expect(writeTasks(request({ folder }))).rejects.toThrow(`${taken} is already there.`);
  expect(await readdir(folder)).toEqual(['qa20_agents-motivations_test.txt']);
  expect(await readFile(taken, 'utf8')).toBe('mine');
});
