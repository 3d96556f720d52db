import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpointFile, writeCheckpoint } from '../results/checkpoint.js';
import { claimTrials } from '../results/claims.js';
import { ResultStore } from '../results/store.js';
import { exampleConfig, exampleRecord, exampleTrial } from '../tables/example.test-helper.js';
import type { TablePlan } from '../tables/plan.js';
import { statusOf } from './status.js';

let root: string;
let store: ResultStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise status '));
  store = new ResultStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const trials = [0, 1, 2, 3, 4].map((seed) => exampleTrial({ seed }));
const plan: TablePlan = { config: exampleConfig, trials };

test('counts what is planned, stored, running, checkpointed and broken', async () => {
  await store.write(exampleRecord({ seed: 0 }, 0.95));
  await store.write(exampleRecord({ seed: 1, source: 'synthetic-digits' }, 0.1));
  await store.write(exampleRecord({ seed: 77 }, 0.1));
  await store.write(exampleRecord({ seed: 0, revision: 2 }, 0.1));
  const broken = store.path(trials[2]!);
  await writeFile(broken, '');
  const folder = store.folder('mnist20', 'desk');
  const claim = await claimTrials(folder, [trials[3]!.id, trials[4]!.id], (free) => free);
  await writeCheckpoint(checkpointFile(join(folder, 'checkpoints'), 'p'), { header: null, tensors: [] });
  expect(await statusOf(plan, store)).toEqual({
    config: 'mnist20',
    profile: 'desk',
    planned: 5,
    done: 1,
    outcomes: { succeeded: 1, missed: 1, diverged: 0, failed: 0 },
    standIns: [
      {
        data: 'synthetic-digits',
        planned: 5,
        done: 1,
        outcomes: { succeeded: 0, missed: 1, diverged: 0, failed: 0 },
      },
    ],
    unplanned: 1,
    running: 2,
    runners: [expect.objectContaining({ pid: process.pid, ids: claim!.ids })],
    checkpoints: 1,
    broken: [{ file: broken, reason: 'the file is empty' }],
  });
  await claim!.release();
  expect((await statusOf(plan, store)).running).toBe(0);
});
