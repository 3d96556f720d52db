import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parametersOf } from './controller.js';
import { logitCount, MODULES, selectionWidths } from './layout.js';
import { modelSchema } from './settings.js';
import { explainRun, traceRun, traceText } from './trace.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const model = modelSchema.parse({ controller: 'mlp', units: 2, registers: 1, steps: 2, haltBias: -10 });

/** An MLP that reads cell 0 while its register is 0, and else writes what the register points to into cell 0. */
function accessMachine(): tf.Tensor[] {
  const bias = new Array<number>(logitCount(model)).fill(0);
  const widths = selectionWidths(model);
  const choose = (selection: number, value: number) => {
    bias[widths.slice(0, selection).reduce((a, b) => a + b, 0) + value] = 50;
  };
  const [READ, ZERO, WRITE] = (['READ', 'ZERO', 'WRITE'] as const).map((name) => MODULES.indexOf(name));
  choose(2 * READ!, 0); // READ(r1)
  choose(2 * WRITE!, 1 + ZERO!); // WRITE(ZERO, READ)
  choose(2 * WRITE! + 1, 1 + READ!);
  choose(2 * MODULES.length, 1 + READ!); // r1 <- READ
  return parametersOf(model).map(({ name, shape }) =>
    name === 'output/bias' ? tf.tensor2d([bias]) : tf.zeros([1, ...shape]),
  );
}

describe('a trace', () => {
  // The first step stores the pointer in r1 (and in cell 0, where it was), the second what it points to.
  const memory = [3, 1, 4, 2];

  it('follows the most probable choices', () => {
    const { steps, after } = traceRun(model, accessMachine(), memory);
    expect(steps.map(({ before }) => before.registers)).toEqual([[0], [3]]);
    expect(after.memory).toEqual([2, 1, 4, 2]);
    expect(steps.reduce((sum, { stop }) => sum + stop, 0)).toBeCloseTo(1, 6);
  });

  it('prints registers, memory, READ and WRITE as the tables of the paper, and the modules that matter', () => {
    const text = traceText(traceRun(model, accessMachine(), memory), { ...model, memory: 4 });
    expect(text.split('\n')).toEqual([
      '| step |  0 |  1 |  2 |  3 | r1 | READ | WRITE   | stops |',
      '| :--- | -: | -: | -: | -: | -: | ---- | ------- | ----- |',
      '| 1    |  3 |  1 |  4 |  2 |  0 | p:0  | p:0 a:3 | 0.500 |',
      '| 2    |  3 |  1 |  4 |  2 |  3 | p:3  | p:0 a:2 | 0.500 |',
      '| end  |  2 |  1 |  4 |  2 |  2 |      |         |       |',
      '',
      'step 1: READ(r1)=3; ZERO=0; WRITE(ZERO, READ)=3; r1 <- READ',
      'step 2: READ(r1)=2; ZERO=0; WRITE(ZERO, READ)=2; r1 <- READ',
    ]);
  });

  it('is shown beside the answers of the continuous run', async () => {
    const { text, value } = await explainRun(model, accessMachine(), { memory, targets: [2, -1, -1, -1] });
    expect(text).toContain('| cell | expected | continuous | discrete |');
    expect(text.split('\n').at(-1)).toMatch(/\|\s+0 \|\s+2 \|\s+[23] \(0\.50\) \|\s+2 \|/);
    expect(value).toMatchObject({
      steps: [
        { registers: [0], memory },
        { registers: [3], memory },
      ],
      after: { registers: [2], memory: [2, 1, 4, 2] },
      answers: [{ cell: 0, expected: 2, discrete: 2 }],
    });
  });
});
