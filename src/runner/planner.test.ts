import { describe, expect, it } from 'vitest';
import type { Experiment } from '../experiments/experiment.js';
import { toy, toyTrial } from '../trainer/toy.test-helper.js';
import { Planner, type Room } from './planner.js';

/** A card with room for so many replicas of the toy experiment. */
const room = (replicas: number, processes = 1, population: number | null = null, cards = 1): Room => ({
  backend: { name: 'tensorflow', device: 'gpu', deviceBytes: 2 * 1000 * replicas },
  cards,
  processes,
  population,
});

/** Batches of another size make another structure. */
const trials = (count: number, batchSize = 8) =>
  Array.from({ length: count }, (_, seed) => toyTrial(seed, { batchSize }));

/** The toy experiment, whose batches are part of its structure. */
const experiment: Experiment = { ...toy, structure: ({ train }) => ({ batchSize: train.batchSize }) };

const sizes = (planner: Planner) => planner.plan().map((population) => population.length);

describe('populations', () => {
  it('are as large as the memory allows, and of about the same size', () => {
    expect(sizes(new Planner(experiment, trials(10), room(100)))).toEqual([10]);
    expect(sizes(new Planner(experiment, trials(10), room(4)))).toEqual([3, 3, 4]);
  });

  it('are shared out among processes', () => {
    expect(sizes(new Planner(experiment, trials(10), room(100, 2)))).toEqual([5, 5]);
  });

  it('are shared out among the processes of other machines, too, which do not share the memory', () => {
    const fleet = { ...room(4), sharers: 3 };
    expect(sizes(new Planner(experiment, trials(9), fleet))).toEqual([3, 3, 3]);
    expect(sizes(new Planner(experiment, trials(24), fleet))).toEqual(Array(6).fill(4));
  });

  it('have a card to themselves where there are cards enough, and share one where not', () => {
    expect(sizes(new Planner(experiment, trials(16), room(4, 4, null, 4)))).toEqual([4, 4, 4, 4]);
    expect(sizes(new Planner(experiment, trials(16), room(4, 4, null, 2)))).toEqual(Array(8).fill(2));
  });

  it('stay whole where there is a structure for each process', () => {
    const two = [...trials(6, 8), ...trials(6, 16)];
    expect(sizes(new Planner(experiment, two, room(100, 2)))).toEqual([6, 6]);
  });

  it('are planned by what kernels take, where there are kernels', () => {
    const greedy = { ...experiment, bytesPerReplica: () => 2 ** 29, leastBytes: () => 2 ** 10 };
    const small = { name: 'wasm', device: 'cpu', deviceBytes: 2 ** 30 } as const;
    const native = { ...small, name: 'tensorflow' } as const;
    const on = (backend: Room['backend']) => new Planner(greedy, trials(4), { ...room(1), backend });
    expect(sizes(on(small))).toEqual([4]);
    expect(sizes(on(native))).toEqual([1, 1, 1, 1]);
  });

  it('are as large as asked for, whatever the memory', () => {
    expect(sizes(new Planner(experiment, trials(10), room(1, 1, 5)))).toEqual([5, 5]);
  });

  it('do not dwindle while others take their share: sizes come from what there was at the start', () => {
    const all = trials(16);
    const planner = new Planner(experiment, all, room(100, 2));
    const [mine, theirs] = planner.plan();
    expect([mine!.length, theirs!.length]).toEqual([8, 8]);
    // The other process has taken its half: what is left is still one population.
    expect(planner.plan(mine)).toEqual([mine]);
  });
});
