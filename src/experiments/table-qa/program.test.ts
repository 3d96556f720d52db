import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useWasm } from '../../kernels/wasm/use-wasm.test-helper.js';
import { globalNorm } from '../../method/clip.js';
import { structureOf } from '../../runner/structure.js';
import { Population } from '../../trainer/population.js';
import { unplannedTrial } from '../unplanned.js';
import { encodeExamples, type Sizes, sizesOf } from './encoding.js';
import { inducePrograms } from './evaluation.js';
import { type SomeSettings, settings } from './example.test-helper.js';
import { tableQa } from './experiment.js';
import { meanLoss } from './loss.js';
import { runMachine } from './machine.js';
import { initialise, parametersOf, select } from './network.js';
import { tableQaProgram } from './program.js';
import { type Example, TrainingExamples, testSet } from './questions.js';
import type { TableQaSettings } from './settings.js';
import { explain } from './trace.js';

useWasm();

const worlds: [string, SomeSettings][] = [
  ['a single column', {}],
  ['learnable pivots', { model: { pivots: 'learnable' } }],
  ['three columns, read in both directions', { data: { numericColumns: 3 }, model: { bidirectional: true } }],
  ['text columns', { data: { numericColumns: 2, textColumns: 2, wordVariability: true } }],
];

function start(own: TableQaSettings, sizes: Sizes, seed = 0): tf.Tensor[] {
  return initialise(parametersOf(own.model, sizes), [{ seed, ...own.model }]);
}

/** The training loss of some examples, [1]. */
function lossOf(
  own: TableQaSettings,
  sizes: Sizes,
  parameters: tf.Tensor[],
  examples: Example[],
): tf.Tensor1D {
  const encoded = encodeExamples([examples], sizes);
  const output = runMachine(select(own.model, sizes, parameters, encoded), encoded, own.model.pivots);
  return meanLoss(output, encoded, tf.tensor1d([own.train.delta]), tf.tensor1d([own.train.lambda]));
}

function drawn(own: TableQaSettings, count: number): Example[] {
  const examples = new TrainingExamples(own.data);
  return Array.from({ length: count }, (_, index) => examples.draw(0, index));
}

describe.each(worlds)('the model with %s', (_, world) => {
  const own = settings(world);
  const sizes = sizesOf(own.data);

  it('has the gradient that finite differences give', () => {
    const parameters = start(own, sizes);
    const examples = drawn(own, 12);
    const gradients = tf.grads((...p: tf.Tensor[]) => lossOf(own, sizes, p, examples))(parameters);
    for (const [i, gradient] of gradients.entries()) {
      const { name } = parametersOf(own.model, sizes)[i]!;
      const slope = globalNorm([gradient]).dataSync()[0]!;
      expect(slope, name).toBeGreaterThan(0);
      // Along the gradient itself, in steps that neither rounding nor the kinks of min and max disturb.
      const along = tf.div(gradient, slope);
      const moved = (by: number) =>
        lossOf(
          own,
          sizes,
          parameters.map((p, k) => (k === i ? tf.add(p, tf.mul(along, by)) : p)),
          examples,
        ).dataSync()[0]!;
      expect((moved(2e-3) - moved(-2e-3)) / (4e-3 * slope), name).toBeCloseTo(1, 1);
    }
  });

  it('does not notice padding: rows, positions of words, other examples', () => {
    const parameters = start(own, sizes);
    const examples = drawn(own, 6);
    const padded = { ...sizes, rows: sizes.rows + 3, positions: sizes.positions + 2 };
    const alone = examples.map((example) => lossOf(own, sizes, parameters, [example]).dataSync()[0]!);
    const mean = alone.reduce((a, b) => a + b) / alone.length;
    expect(lossOf(own, padded, parameters, examples).dataSync()[0]! / mean).toBeCloseTo(1, 5);
  });

  it('selects the same alone and among other replicas, and the same hard as by the highest probability', async () => {
    const both = [0, 1].map((seed) => start(own, sizes, seed));
    const joint = both[0]!.map((p, i) => tf.concat([p, both[1]![i]!], 0));
    const examples = drawn(own, 8);
    const [, second] = await inducePrograms(own.model, sizes, joint, examples);
    const [alone] = await inducePrograms(own.model, sizes, both[1]!, examples);
    expect(second).toEqual(alone);
    const soft = select(own.model, sizes, both[1]!, encodeExamples([examples], sizes));
    // The first step's history is nothing, so that it does not matter whether it is soft or hard.
    const [best] = tf.argMax(soft.operations[0]!, 2).arraySync() as number[][];
    expect(alone!.map(({ steps }) => steps[0]!.operation)).toEqual(best);
  });
});

describe('the wasm backend', () => {
  it('agrees with plain JavaScript', async () => {
    const own = settings({ data: { numericColumns: 2, textColumns: 1 }, model: { bidirectional: true } });
    const sizes = sizesOf(own.data);
    const examples = drawn(own, 10);
    const run = () => lossOf(own, sizes, start(own, sizes), examples).dataSync()[0]!;
    const wasm = run();
    await tf.setBackend('cpu');
    expect(run() / wasm).toBeCloseTo(1, 5);
  });
});

async function population(own: readonly TableQaSettings[], seeds: readonly number[]): Promise<Population> {
  const trials = own.map((each, i) => unplannedTrial(tableQa, each, seeds[i]!));
  return new Population(tableQa, trials, await tableQa.openData(own[0]!.data, {} as never));
}

describe('training', () => {
  it('gives a trial the same losses alone and in a population of other settings, with dropout and noise', async () => {
    const base = { train: { dropout: 0.2, recurrentDropout: 0.1, noise: { eta: 0.1 } } };
    const one = settings(base);
    const other = settings({ train: { delta: 50, lambda: 100, clip: { at: 1 }, dropout: 0.5 } });
    const alone = await population([one], [5]);
    const among = await population([other, one, other], [5, 5, 6]);
    for (let i = 0; i < 3; i++) for (const p of [alone, among]) p.update();
    const [report] = await alone.report();
    const [, same, different] = await among.report();
    expect(same!.loss / report!.loss).toBeCloseTo(1, 5);
    expect(different!.loss).not.toBeCloseTo(report!.loss, 3);
  });

  it('leaves no tensor behind and continues bit for bit from a snapshot', async () => {
    const own = settings();
    const one = await population([own, own], [0, 1]);
    one.update();
    const tensors = tf.memory().numTensors;
    one.update();
    await one.evaluate();
    expect(tf.memory().numTensors).toBe(tensors);
    const snapshot = await one.save();
    const two = new Population(tableQa, one.trials, await tableQa.openData(own.data, {} as never), snapshot);
    one.update();
    two.update();
    expect((await two.save()).tensors).toEqual((await one.save()).tensors);
  });

  it('learns to sum, to count and to print a column, in seconds, and shows the programs it found', async () => {
    const own = settings({
      data: {
        categories: ['simple'],
        trainExamples: 2000,
        rows: { least: 20, most: 40, test: 40 },
        trainRange: 10,
        testRange: 10,
      },
      model: { steps: 3, units: 12, initialScale: 0.3 },
      train: { batchSize: 20, updates: 200, rate: 0.02, clip: { at: 50 } },
    });
    const learning = await population([own], [0]);
    for (let i = 0; i < own.train.updates; i++) learning.update();
    expect((await learning.evaluate())[0]).toMatchObject({
      testAccuracy: 1,
      templatesSolved: 1,
      simpleSolved: 1,
      allSolved: 1,
    });
    const trained = { parameters: learning.parameters, state: null };
    const { text } = await explain(trained, own, testSet(own.data), { first: 0, count: 1 });
    expect(text).toContain('question: sum\n');
    expect(text).toContain('(right)');
  });
});

describe('the program', () => {
  it('shows replicas of one seed the same examples, and others to other seeds', () => {
    const own = settings();
    const replicas = [3, 4, 3].map((seed) => ({ seed, settings: own }));
    const program = tableQaProgram(replicas, testSet(own.data));
    const parameters = program.initialise().map((parameter) => tf.gather(parameter, [0, 0, 0]));
    const [first, second, third] = program
      .loss(parameters, program.batch(2), tf.scalar(2, 'int32'))
      .loss.dataSync();
    expect(third).toBe(first);
    expect(second).not.toBe(first);
  });
});

describe('the experiment', () => {
  it('refuses settings that do not fit together', () => {
    const wrong = settings({
      data: { rows: { least: 9, most: 6, test: 8 }, textColumns: 1, tablesPerTemplate: 2 },
      model: { bidirectional: true, units: 7 },
      train: { batchSize: 41 },
    });
    expect(tableQa.check!(wrong).map(({ path }) => path)).toEqual([
      'data.rows.most',
      'data.tablesPerTemplate',
      'model.units',
      'train.batchSize',
    ]);
    expect(tableQa.check!(settings())).toEqual([]);
  });

  it('lets trials train in lockstep that differ in delta, lambda, clip, epsilon and noise', () => {
    const train = { delta: 50, lambda: 100, clip: { at: 5 }, noise: { eta: 1 } };
    const other = settings({ train: { ...train, optimiser: { name: 'adam', epsilon: 1e-6 } } });
    const structure = (own: TableQaSettings) => structureOf(tableQa, unplannedTrial(tableQa, own, 0));
    expect(structure(other)).toEqual(structure(settings()));
    expect(structure(settings({ model: { units: 4 } }))).not.toEqual(structure(settings()));
  });
});
