import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DataContext } from '../experiments/experiment.js';
import type { Selection } from '../trials/select.js';
import { planConfigs } from './configs.js';
import type { TrainedTrials } from './request.js';

/** Whoever looks for data says so. */
const watched: DataContext = {
  get folders(): never {
    throw new Error('data was looked for');
  },
  offline: false,
  notice() {},
};
const backend = { backend: 'wasm', device: 'auto', threads: 0, verbose: false } as const;

function plan({ arms, settings, set, ...rest }: Partial<TrainedTrials> & Selection & { set?: string[] }) {
  const request = {
    files: ['configs/mnist20.yaml'],
    overrides: { set },
    selection: { arms, settings },
    backend,
  };
  return planConfigs({ ...request, ...rest }, watched);
}

it('looks for data when all else is right', async () => {
  await expect(plan({ arms: ['no-noise'], settings: ['simple-no-clip'] })).rejects.toThrow(
    'data was looked for',
  );
});

it.each([
  [{ arms: ['no-nois'] }, /^--arm no-nois: .* Did you mean no-noise\?$/],
  [{ settings: ['simple'] }, /^--setting simple: the config has none of this name/],
  [{ settings: ['\u001b[2J'.repeat(1000)] }, /^--setting \\u\{1b\}\[2J.{0,500}$/],
  [{ set: ['model.units=1e7'] }, /a trial would need about 27 PiB of memory in training/],
  [{ population: 1e6, set: ['model.units=500'] }, /trials in lockstep would need/],
  [{ jobs: 1e9 }, /processes would need about/],
])('says what is wrong with %j before it looks for data', async (options, complaint) => {
  await expect(plan(options)).rejects.toThrow(complaint);
});

it('refuses two configs of one name, whose results would lie in one folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'gnoise names '));
  await cp('configs/mnist20.yaml', join(root, 'mnist20.yaml'));
  const files = ['configs/mnist20.yaml', join(root, 'mnist20.yaml')];
  await expect(plan({ files })).rejects.toThrow(/ have the same name, and so would their results/);
  await rm(root, { recursive: true });
});
