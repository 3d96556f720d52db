import { babi, findBabi, loadBabi, type TaskStories } from '../../data/babi/data-set.js';
import { generateTask } from '../../data/babi/generate/index.js';
import type { Story } from '../../data/babi/parse.js';
import { UserError } from '../../errors.js';
import type { DataContext, OpenData } from '../experiment.js';
import { obtainPublished } from '../obtain.js';
import type { BabiSettings } from './settings.js';

type DataSettings = BabiSettings['data'];

/** Stories of the tasks that one network learns. */
export interface BabiData extends OpenData {
  readonly tasks: readonly TaskStories[];
}

/** Generated tasks are one fixed data set, whatever the trial's seed. */
const GENERATED_SEED = 0;

/** What the config asks for first, then what may stand in for it; `fallback` itself changes no result and is left out. */
export function dataVariants({ fallback, ...data }: DataSettings): DataSettings[] {
  const own = { ...data, fallback: 'none' as const };
  if (!needsPublished(data) || fallback === 'none') return [own];
  return [own, { ...own, source: fallback, test: 'same' }];
}

/** Whether the stories can be had: the published ones are looked for in the folders, then fetched. */
export async function obtainStories(data: DataSettings, context: DataContext): Promise<boolean> {
  return !needsPublished(data) || obtainPublished(babi, context);
}

function needsPublished({ source, test }: Pick<DataSettings, 'source' | 'test'>): boolean {
  return source === 'babi' || test === 'babi';
}

export async function openStories(settings: DataSettings, { folders }: DataContext): Promise<BabiData> {
  const { trainQuestions, testQuestions } = settings;
  const tasks = await loadTasks(settings, folders);
  return {
    tasks: tasks.map(({ task, train, test }) => ({
      task,
      train: firstQuestions(train, trainQuestions),
      test: firstQuestions(test, testQuestions),
    })),
    dispose: () => {},
  };
}

async function loadTasks(settings: DataSettings, folders: readonly string[]): Promise<TaskStories[]> {
  const { source, test } = settings;
  const published = needsPublished(settings) ? await loadPublished(settings, folders) : [];
  if (source === 'babi') return published;
  return generateTasks(settings).map((generated, i) =>
    test === 'babi' ? { ...generated, test: published[i]!.test } : generated,
  );
}

function generateTasks({ tasks, trainQuestions, testQuestions }: DataSettings): TaskStories[] {
  const size = { train: trainQuestions, test: testQuestions, seed: GENERATED_SEED };
  return tasks.map((task) => generateTask(task, size));
}

async function loadPublished({ tasks }: DataSettings, folders: readonly string[]): Promise<TaskStories[]> {
  const place = await findBabi(folders);
  if (!place) throw new UserError('bAbI was there when the trials were planned and is gone now.');
  return loadBabi(place, tasks);
}

/** The stories with the first `count` questions; of the last one only the questions that are left. */
function firstQuestions(stories: readonly Story[], count: number): Story[] {
  const chosen: Story[] = [];
  let left = count;
  for (const { statements, questions } of stories) {
    if (left === 0) break;
    const asked = questions.slice(0, left);
    left -= asked.length;
    chosen.push({ statements, questions: asked });
  }
  return chosen;
}
