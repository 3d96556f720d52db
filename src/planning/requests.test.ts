import { expect, it } from 'vitest';
import type { DataContext } from '../experiments/experiment.js';
import { planRuns } from './requests.js';

/** Whoever looks for data says so. */
const watched: DataContext = {
  get folders(): never {
    throw new Error('data was looked for');
  },
  offline: false,
  notice() {},
};
const backend = { backend: 'wasm', device: 'auto', threads: 0, verbose: false } as const;
const plan = (options: object) => planRuns(['configs/mnist20.yaml'], { backend, ...options }, watched);

it('looks for data when all else is right', async () => {
  await expect(plan({ arm: ['no-noise'], setting: ['simple-no-clip'], shard: '1/2' })).rejects.toThrow(
    'data was looked for',
  );
});

it.each([
  [{ arm: ['no-nois'] }, /^--arm no-nois: .* Did you mean no-noise\?$/],
  [{ setting: ['simple'] }, /^--setting simple: the config has none of this name/],
  [{ setting: ['\u001b[2J'.repeat(1000)] }, /^--setting \\u\{1b\}\[2J.{0,500}$/],
  [{ shard: '3/2' }, /^--shard 3\/2: parts are counted from 1 to 2/],
  [{ shard: `1/${'9'.repeat(1000)}` }, /^--shard 1\/9{55}\.\.\.: write the part/],
  [{ set: ['model.units=1e7'] }, /a trial would need about 40\.5 PiB of memory in training/],
  [{ population: 1e6, set: ['model.units=500'] }, /trials in lockstep would need/],
  [{ jobs: 1e9 }, /processes would need about/],
])('says what is wrong with %j before it looks for data', async (options, complaint) => {
  await expect(plan(options)).rejects.toThrow(complaint);
});
