import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import type { Experiment } from '../experiments/experiment.js';
import { claimTrials } from '../results/claims.js';
import { ResultStore } from '../results/store.js';
import { toy, toyTrial } from '../trainer/toy.test-helper.js';
import type { Trial } from '../trials/trial.js';
import { DataCache } from './data-cache.js';
import { Sweep, type SweepContext } from './sweep.js';

const origin = {
  gnoise: '0.0.0',
  node: '20',
  tfjs: '4.22.0',
  backend: 'cpu',
  device: 'cpu',
  tensorflow: null,
  commit: null,
  dirty: null,
};

let root: string;
let store: ResultStore;
let trained: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gnoise-sweep-'));
  store = new ResultStore(root);
  trained = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function context(changes: Partial<SweepContext> = {}): SweepContext {
  return {
    store,
    data: new DataCache(),
    dataContext: { folders: [], offline: true, notice() {} },
    origin,
    room: {
      backend: { name: 'cpu', device: 'cpu', deviceBytes: null },
      cards: 0,
      processes: 1,
      population: 2,
    },
    checkpointSeconds: 1000,
    retryFailedBefore: null,
    keepWeights: false,
    signal: new AbortController().signal,
    ...changes,
    tell(event) {
      if (event.kind === 'trial') trained.push(event.id);
      changes.tell?.(event);
    },
  };
}

const sweep = (trials: readonly Trial[], changes: Partial<SweepContext> = {}, experiment: Experiment = toy) =>
  new Sweep(experiment, trials, context(changes)).run();

const kinds = async () => (await store.read('toy', 'paper')).records.map(({ outcome }) => outcome.kind);

/** The toy experiment, whose program cannot be built. */
const broken: Experiment = {
  ...toy,
  program() {
    throw new Error('no such kernel');
  },
};

describe('a sweep', () => {
  it('trains every trial once, in populations of the size it is given', async () => {
    const trials = [0, 1, 2, 3, 4].map((seed) => toyTrial(seed));
    const sizes: number[] = [];
    await sweep(trials, {
      tell: (event) => void (event.kind === 'population' && sizes.push(event.replicas)),
    });
    expect(sizes.every((size) => size <= 2)).toBe(true);
    expect((await kinds()).length).toBe(5);
    await sweep(trials);
    expect([...trained].sort()).toEqual(trials.map(({ id }) => id).sort());
  });

  it('leaves trials alone that another runner has claimed', async () => {
    const [mine, theirs] = [toyTrial(0), toyTrial(1)];
    const claim = await claimTrials(store.folder('toy', 'paper'), [theirs.id], (free) => free);
    await sweep([mine, theirs]);
    expect(trained).toEqual([mine.id]);
    await claim!.release();
    await sweep([mine, theirs]);
    expect(trained).toEqual([mine.id, theirs.id]);
  });

  it('records a fault of the program as failed, with its error, and goes on', async () => {
    await sweep([toyTrial(0), toyTrial(1), toyTrial(2)], {}, broken);
    const { records } = await store.read('toy', 'paper');
    expect(records).toHaveLength(3);
    for (const { outcome } of records)
      expect(outcome).toMatchObject({ kind: 'failed', error: /no such kernel/ });
  });

  it('tries failed trials again only when asked', async () => {
    await sweep([toyTrial(0)], {}, broken);
    await sweep([toyTrial(0)]);
    expect(await kinds()).toEqual(['failed']);
    const later = new Date(Date.now() + 1000).toISOString();
    await sweep([toyTrial(0)], { retryFailedBefore: later });
    expect(await kinds()).toEqual(['succeeded']);
  });

  it('records nothing when the disk or the user is at fault', async () => {
    const full: Experiment = {
      ...toy,
      program() {
        throw new UserError('the disk is full');
      },
    };
    await expect(sweep([toyTrial(0)], {}, full)).rejects.toThrow('the disk is full');
    expect(await kinds()).toEqual([]);
  });

  it('continues an interrupted population, and starts anew where its checkpoint is damaged', async () => {
    const endless = toyTrial(0, { steps: 20_000 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await sweep([endless], { signal: stop.signal });
    expect(trained).toEqual([]);
    const checkpoints = join(store.folder('toy', 'paper'), 'checkpoints');
    const [name] = readdirSync(checkpoints);
    expect(name).toMatch(/\.checkpoint$/);

    const resumedAt: number[] = [];
    const startAndStop = () => {
      const controller = new AbortController();
      return sweep([endless], {
        signal: controller.signal,
        tell(event) {
          if (event.kind !== 'population') return;
          resumedAt.push(event.resumedAt);
          controller.abort();
        },
      });
    };
    await startAndStop();
    writeFileSync(join(checkpoints, name!), 'torn');
    await startAndStop();
    expect(resumedAt[0]).toBeGreaterThan(0);
    expect(resumedAt[1]).toBe(0);
  });
});
