import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { lexiconOf } from '../../data/babi/encode.js';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { openStories } from './data.js';
import { initialise, parametersOf } from './network.js';
import { babiProgram } from './program.js';
import { type BabiSettings, babiTrainSchema, dataSchema, modelSchema } from './settings.js';
import { explain, questionsInTurn } from './trace.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const settings: BabiSettings = {
  data: dataSchema.parse({ source: 'generated', tasks: [1, 6], trainQuestions: 20, testQuestions: 15 }),
  model: modelSchema.parse({ width: 8, hops: 2, memory: 6, deviation: 0.5 }),
  train: babiTrainSchema.parse({ batchSize: 10, epochs: 1, halveEvery: 10, rate: 0.1 }),
};

type Shown = {
  example: number;
  task: number;
  statements: { statement: string; attention: number[]; needed: boolean }[];
  emptyMemories: number[];
  right: boolean;
};

async function untrained() {
  const data = await openStories(settings.data, { folders: [], offline: true, notice() {} });
  const replicas = [{ seed: 1, settings }];
  const lexicon = lexiconOf(data.tasks, settings.model.memory);
  const parameters = initialise(replicas, parametersOf(settings.model, lexicon), lexicon);
  return { data, parameters, program: babiProgram(replicas, data) };
}

describe('the trace of a memory network', () => {
  it('answers as the test of the training does, whatever the task, and keeps no tensors', async () => {
    const { data, parameters, program } = await untrained();
    const [metrics] = await program.evaluate(parameters);
    const before = tf.memory().numTensors;
    const { value } = await explain({ parameters, state: null }, settings, data, { first: 0, count: 99 });
    expect(tf.memory().numTensors).toBe(before);
    const shown = value.examples as unknown as Shown[];
    expect(shown).toHaveLength(30);
    for (const task of [1, 6]) {
      const own = shown.filter((each) => each.task === task);
      const wrong = own.filter(({ right }) => !right).length / own.length;
      expect(wrong).toBeCloseTo(metrics![`task${task}TestError`]!, 9);
    }
  });

  it('takes the tasks in turn, and shows where the attention of every hop goes', async () => {
    const { data, parameters } = await untrained();
    const examples = { first: 4, count: 2 };
    const { value, text } = await explain({ parameters, state: null }, settings, data, examples);
    const shown = value.examples as unknown as Shown[];
    expect(shown.map(({ example, task }) => [example, task])).toEqual([
      [4, 1],
      [5, 6],
    ]);
    const { story, question } = questionsInTurn(data.tasks)[4]!;
    const [first] = shown;
    const kept = story.statements.slice(0, question.seen).slice(-settings.model.memory);
    expect(first!.statements.map(({ statement }) => statement)).toEqual(kept.map((words) => words.join(' ')));
    const needed = question.support.map((line) => story.statements[line]!.join(' '));
    expect(first!.statements.filter(({ needed }) => needed).map(({ statement }) => statement)).toEqual(
      needed,
    );
    for (const hop of [0, 1]) {
      const weights = first!.statements.map(({ attention }) => attention[hop]!);
      expect(weights.reduce((a, b) => a + b, first!.emptyMemories[hop]!)).toBeCloseTo(1, 5);
    }
    expect(text).toMatch(
      /^Test example 4\n\ntask 1: where is \w+\n\n\| statement\s+\| hop 1 \| hop 2 \| needed \|/,
    );
  });
});
