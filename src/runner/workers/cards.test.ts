import { readFileSync, writeSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diagnoseTensorflow } from '../../backends/tensorflow/diagnose.js';
import { type FakePath, fakePath } from '../../backends/tensorflow/fake-path.test-helper.js';
import { inTraining, useSandbox } from '../../cli/real-command.test-helper.js';
import { workersOf } from './processes.test-helper.js';

const canRun = process.platform === 'linux' && (await diagnoseTensorflow()).state === 'ready';
if (!canRun) writeSync(2, 'skipped, a card for each worker: it needs Linux and native TensorFlow\n');

const { gnoise } = useSandbox();
const path = process.env.PATH;
let programs: FakePath;

beforeAll(async () => {
  programs = await fakePath();
  await programs.script('nvidia-smi', 'for i in 0 1; do echo "GPU-$i, A card, 550, 24000, 0"; done');
  process.env.PATH = `${programs.folder}${delimiter}${path}`;
});
afterAll(() => {
  process.env.PATH = path;
});

it.runIf(canRun)('each worker process has a card of its own', async () => {
  const cards: (string | undefined)[] = [];
  const look = inTraining((parent) => {
    for (const worker of workersOf(parent.pid!)) cards.push(variableOf(worker, 'CUDA_VISIBLE_DEVICES'));
  }, 2);
  const args = ['run', 'tiny.yaml', '--backend', 'tensorflow', '--population', '1'];
  const { code } = await gnoise([...args, '--set', 'train.epochs=60'], look);
  expect(code).toBe(0);
  expect(cards.sort()).toEqual(['GPU-0', 'GPU-1']);
});

/** A variable in the environment that a process was started with. */
function variableOf(pid: number, name: string): string | undefined {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}
