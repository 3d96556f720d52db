import * as tf from '@tensorflow/tfjs';
import { streamSeeds } from '../../random/streams.js';
import type { Batch, Metrics, Program, Replica } from '../experiment.js';
import { perReplica, seedsOf } from '../replicas.js';
import {
  type Answers,
  encodeExamples,
  encodeQuestions,
  type Questions,
  type Sizes,
  sizesOf,
  type Tables,
} from './encoding.js';
import { inducePrograms, score } from './evaluation.js';
import { fusedLoss, fusedSelect, hasFusedMachine, hasFusedNetwork, packSelections } from './fused.js';
import { meanLoss } from './loss.js';
import { runMachine } from './machine.js';
import { Dropout, initialise, parametersOf, select } from './network.js';
import { Packing } from './packing.js';
import { Epochs, type Example, type TestSet, TrainingExamples } from './questions.js';
import type { TableQaSettings } from './settings.js';
import { TableMemory } from './tables.js';

/** Neural Programmers for R replicas in lockstep. [GN section 4.3] */
export function tableQaProgram(replicas: readonly Replica<TableQaSettings>[], test: TestSet): Program {
  const { data, model, train } = replicas[0]!.settings;
  const sizes = sizesOf(data);
  const specs = parametersOf(model, sizes);
  const seeds = seedsOf(replicas);
  const batches = new Batches(seeds, data, train, sizes);
  const each = (pick: (train: TableQaSettings['train']) => number) =>
    perReplica(replicas, (settings) => pick(settings.train));
  const delta = each((t) => t.delta);
  const lambda = each((t) => t.lambda);
  const rates = { outside: each((t) => t.dropout), recurrent: each((t) => t.recurrentDropout) };
  const dropoutSeeds = streamSeeds(seeds, 'dropout');
  const asked = test.templates.map(({ wording, cases }) => ({ wording, table: cases[0]!.table }));
  let best: Best[] = replicas.map(() => ({ best: 0, allSolved: 0 }));

  return {
    parameters: specs,

    initialise: () =>
      initialise(
        specs,
        replicas.map(({ seed, settings }) => ({ seed, initialScale: settings.model.initialScale })),
      ),

    batch: (step) => batches.at(step),

    loss(parameters, batch, step) {
      const drop = isDropping(train) ? { drop: new Dropout(dropoutSeeds, step, rates) } : {};
      const selections = () => select(model, sizes, parameters, batch as unknown as Questions, drop);
      if (hasFusedMachine()) {
        const own = { examples: batch.examples as tf.Tensor3D, lists: batches.lists };
        const choices = hasFusedNetwork(sizes, isDropping(train))
          ? fusedSelect(model, sizes, parameters, own)
          : packSelections(selections());
        return { loss: fusedLoss(model, sizes, { choices, ...own, delta, lambda }) };
      }
      const cases = batch as unknown as Tables & Answers;
      return { loss: meanLoss(runMachine(selections(), cases, model.pivots), cases, delta, lambda) };
    },

    async evaluate(parameters): Promise<Metrics[]> {
      const programs = await inducePrograms(model, sizes, parameters, asked);
      const figures = programs.map((own) => score(own, test));
      best = best.map((before, r) => {
        const { testAccuracy, templatesSolved } = figures[r]!;
        const allSolved = Math.max(before.allSolved, Number(templatesSolved === 1));
        return { best: Math.max(before.best, testAccuracy!), allSolved };
      });
      return figures.map((own, r) => {
        const { best: bestTestAccuracy, allSolved } = best[r]!;
        return { ...own, bestTestAccuracy, allSolved };
      });
    },

    save: () => best,
    restore(states: readonly Best[]) {
      best = [...states];
    },

    dispose: () => tf.dispose([batches.lists, delta, lambda, rates.outside, rates.recurrent, dropoutSeeds]),
  };
}

/** The best of a replica's tests so far: host-side state, saved in checkpoints. */
type Best = {
  /** Highest accuracy. */
  readonly best: number;
  /** 1 once all templates were right on all of their tables. */
  readonly allSolved: number;
};

export function isDropping({ dropout, recurrentDropout }: TableQaSettings['train']): boolean {
  return dropout > 0 || recurrentDropout > 0;
}

/** Batches for a population. Replicas of one seed see the same examples, which are therefore made only once. */
class Batches {
  /** For every replica, which of the distinct seeds it has, int32 [R]. */
  readonly lists: tf.Tensor1D;
  readonly #distinct: readonly number[];
  readonly #epochs: Epochs;
  readonly #examples: TrainingExamples;
  readonly #packing: Packing;
  readonly #memory: TableMemory;
  readonly #isDropping: boolean;

  constructor(
    seeds: readonly number[],
    data: TableQaSettings['data'],
    train: TableQaSettings['train'],
    private readonly sizes: Sizes,
  ) {
    this.#distinct = [...new Set(seeds)];
    this.lists = tf.tensor1d(
      seeds.map((seed) => this.#distinct.indexOf(seed)),
      'int32',
    );
    this.#epochs = new Epochs(data.trainExamples, train.batchSize);
    this.#examples = new TrainingExamples(data);
    this.#packing = new Packing(sizes);
    this.#memory = new TableMemory(sizes.rows);
    this.#isDropping = isDropping(train);
  }

  at(step: number): Batch {
    const indices = this.#distinct.map((seed) => this.#epochs.batch(seed, step));
    return tf.tidy(() => {
      const { examples, ...composed } = this.#encode(indices);
      const own = this.#distinct.length === this.lists.size ? composed : this.#spread(composed);
      return { ...(examples && { examples }), ...own };
    });
  }

  /** From a list for each seed to one for each replica. */
  #spread(batch: Batch): Batch {
    return Object.fromEntries(
      Object.entries(batch).map(([name, tensor]) => [name, tf.gather(tensor, this.lists)]),
    );
  }

  /** What the loss needs, a list for each seed: `examples` in one piece for kernels, and what is composed for ops. */
  #encode(indices: readonly Int32Array[]): Batch {
    const [G, B] = [indices.length, indices[0]!.length];
    const draw = (g: number, b: number, memory?: TableMemory) =>
      this.#examples.draw(this.#distinct[g]!, indices[g]![b]!, memory);
    if (!hasFusedMachine()) {
      const examples = indices.map((own, g) => Array.from(own, (_, b) => draw(g, b)));
      return encodeExamples(examples, this.sizes) as unknown as Batch;
    }
    if (hasFusedNetwork(this.sizes, this.#isDropping))
      return { examples: this.#packing.pack(G, B, (g, b) => draw(g, b, this.#memory)) };
    // Numbers in tables are not asked for again when all are drawn; words are.
    const memory = this.sizes.textColumns === 0 ? this.#memory : undefined;
    const drawn: Example[][] = indices.map(() => []);
    const examples = this.#packing.pack(G, B, (g, b) => {
      const example = draw(g, b, memory);
      drawn[g]!.push(example);
      return example;
    });
    const wordings = drawn.map((group) => group.map(({ wording }) => wording));
    const tables = drawn.map((group) => group.map(({ table }) => table));
    return { examples, ...encodeQuestions(wordings, tables, this.sizes) } as unknown as Batch;
  }
}
