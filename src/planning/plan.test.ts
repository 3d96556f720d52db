import { describe, expect, it } from 'vitest';
import type { Overrides } from '../config/load.js';
import { load, SOUND } from '../config/toy.test-helper.js';
import { expectWithin, processorTime } from '../processor-time.test-helper.js';
import { checkSelection, selectTrials } from '../trials/select.js';
import { takeShard } from '../trials/shard.js';
import { type Trial, trialId } from '../trials/trial.js';
import { resolveDataSections } from './data.js';
import { planTrials, type ResolveData } from './plan.js';

const asWritten: ResolveData = (data) => data;

function plan(text: string, overrides: Overrides = {}): Trial[] {
  return planTrials(load(text, overrides), asWritten);
}

const labels = ({ description, variation, setting, arm }: Trial) =>
  [description.seed, ...Object.values(variation), setting, arm].join(' ');

describe('a plan', () => {
  it('goes seed by seed, then grid point by grid point, then through settings, with the arms in turn', () => {
    const trials = plan(SOUND);
    expect(trials).toHaveLength(30);
    expect(trials.slice(0, 12).map(labels)).toEqual([
      '0 0.1 plain no-noise',
      '0 0.1 plain with-noise',
      '0 0.1 deep no-noise',
      '0 0.1 deep with-noise',
      '0 0.1 deep adam',
      '0 0.01 plain no-noise',
      '0 0.01 plain with-noise',
      '0 0.01 deep no-noise',
      '0 0.01 deep with-noise',
      '0 0.01 deep adam',
      '1 0.1 plain no-noise',
      '1 0.1 plain with-noise',
    ]);
  });

  it('describes every trial completely, with an id of its own made from that alone', () => {
    const trials = plan(SOUND);
    expect(trials[3]).toMatchObject({
      config: 'toy',
      profile: 'paper',
      description: {
        experiment: 'toy',
        revision: 1,
        data: { source: 'digits', examples: 100 },
        model: { layers: 20, init: 'simple' },
        train: { rate: 0.1, noise: { eta: 0.01, gamma: 0.55 }, clip: { by: 'global-norm', at: 10 } },
        success: { metric: 'accuracy', above: 0.9 },
        seed: 0,
      },
    });
    for (const { id, description } of trials) expect(id).toBe(trialId(description));
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
  });

  it('skips seeds and grid points that a setting does not have', () => {
    const text = SOUND.replace('deep: { title: Deep,', 'deep: { title: Deep, seeds: 1, grid: {},').replace(
      'seeds: 0-2',
      'seeds: 0-1',
    );
    expect(plan(text).map(labels)).toEqual([
      '0 0.1 plain no-noise',
      '0 0.1 plain with-noise',
      '0 0.01 plain no-noise',
      '0 0.01 plain with-noise',
      '1 0.1 plain no-noise',
      '1 0.1 plain with-noise',
      '1 deep no-noise',
      '1 deep with-noise',
      '1 deep adam',
      '1 0.01 plain no-noise',
      '1 0.01 plain with-noise',
    ]);
  });

  it('of 729 grid points, 10 seeds and 2 arms has 14,580 trials with ids of their own', () => {
    const grid = [
      'train.rate',
      'train.clip.at',
      'train.epochs',
      'model.layers',
      'train.batchSize',
      'data.examples',
    ]
      .map((path) => `  ${path}: [${path === 'data.examples' ? '100, 200, 300' : '1, 2, 3'}]`)
      .join('\n');
    const text = SOUND.slice(0, SOUND.indexOf('settings:'))
      .replace('epochs: 5', 'epochs: 5\n  clip: { at: 1 }')
      .concat(
        `arms: { no-noise: , with-noise: { train: { noise: { eta: 1 } } } }\ngrid:\n${grid}\nseeds: 0-9\n`,
      );
    const trials = plan(text);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(14_580);
  });
});

describe('a plan of the largest size', () => {
  const BARE = SOUND.slice(0, SOUND.indexOf('settings:'));
  const list = <T>(length: number, item: (i: number) => T) => Array.from({ length }, (_, i) => item(i));
  const arms = (count: number) =>
    `arms: { ${list(count, (i) => `a${i}: { train: { clip: { at: ${i + 1} } } }`)} }`;

  it.each([
    ['many seeds', `${arms(10)}\nseeds: 0-9999`, 100_000],
    [
      'many points',
      `grid: { train.rate: [${list(141, (i) => i + 1)}], train.epochs: [${list(141, (i) => i + 1)}] }\nseeds: 0-4`,
      99_405,
    ],
    ['many arms', `${arms(1500)}\nseeds: 0-9`, 15_000],
    [
      'many settings, each with seeds of its own, beside one with many points',
      `settings: { big: { grid: { train.rate: [${list(100, (i) => i + 1)}], train.epochs: [${list(100, (i) => i + 1)}] } }, ` +
        `${list(1500, (i) => `s${i}: { seeds: ${20 * i}-${20 * i + 19}, model: { layers: ${i + 3} } }`)} }\nseeds: 0`,
      40_000,
    ],
  ])('is made in about a second: %s', (_, rest, count) => {
    const config = load(`${BARE}${rest}\n`);
    const seconds = processorTime();
    const trials = planTrials(config, asWritten);
    expectWithin(seconds(), 2);
    expect(trials).toHaveLength(count);
    const shard = takeShard(trials, { index: 1, count: 7 });
    expect(shard.length).toBeGreaterThan(count / 8);
  });
});

describe('ids', () => {
  const ids = (text: string, overrides: Overrides = {}) => plan(text, overrides).map(({ id }) => id);

  it('do not depend on names, titles, order, comments, spelt-out defaults, other seeds or the population', () => {
    const rewritten = SOUND.replace('with-noise:', 'noisy:')
      .replace('title: Deep', 'title: Very deep')
      .replace('description: A toy.', '# another\npopulation: 7')
      .replace('source: digits', 'examples: 100, source: digits')
      .replace('eta: 0.01', 'gamma: 0.55, eta: 1.0e-2')
      .replace('seeds: 0-2', 'seeds: 0-4');
    const after = new Set(ids(rewritten));
    expect(after.size).toBe(50);
    expect(ids(SOUND).every((id) => after.has(id))).toBe(true);
  });

  it('change only for the trials that an edit concerns', () => {
    const before = plan(SOUND);
    const after = new Set(ids(SOUND.replace('eta: 0.01', 'eta: 0.3')));
    for (const { id, arm } of before) expect(after.has(id)).toBe(arm !== 'with-noise');
  });

  it('change when the data, the budget, the seed or the criterion does', () => {
    const before = new Set(ids(SOUND));
    const edits = ['data.examples=50', 'train.epochs=6', 'seeds=3', 'success.above=0.8', 'model.init=zero'];
    for (const edit of edits) expect(ids(SOUND, { set: [edit] }).some((id) => before.has(id))).toBe(false);
  });
});

describe('data that a machine cannot have', () => {
  const text = SOUND.replace('plain:', 'plain:\n  letters: { data: { source: letters } }');

  it('is replaced before ids are made', () => {
    const trials = planTrials(load(SOUND), (data) => ({ ...data, source: 'letters' }));
    expect(trials[0]?.description.data).toEqual({ source: 'letters', examples: 100 });
    expect(trials[0]?.id).not.toBe(plan(SOUND)[0]?.id);
  });

  it('is settled once for every distinct section', async () => {
    const config = load(text);
    const asked: unknown[] = [];
    const experiment = {
      ...config.experiment,
      dataVariants: (data: object) => [data, { ...data, source: 'digits' }],
      obtainData: async (data: { source: string }) => {
        asked.push(data.source);
        return data.source === 'digits';
      },
    } as unknown as typeof config.experiment;
    const context = { folders: [], offline: false, notice: () => {} };
    const resolve = await resolveDataSections({ ...config, experiment }, context);
    expect(asked).toEqual(['digits', 'letters', 'digits']);
    const notices: string[] = [];
    const trials = planTrials(config, resolve, (message) => notices.push(message));
    expect(trials).toHaveLength(30);
    expect(notices).toEqual([
      'toy: letters/no-noise and plain/no-noise come to the same data here and are trained once, as the latter.',
      'toy: letters/with-noise and plain/with-noise come to the same data here and are trained once, as the latter.',
    ]);
  });

  it('and has no stand-in is an error, except for plans made offline', async () => {
    const config = load(SOUND);
    const experiment = { ...config.experiment, obtainData: async () => false };
    const context = { folders: [], offline: false, notice: () => {} };
    await expect(resolveDataSections({ ...config, experiment }, context)).rejects.toThrow(
      /cannot be had here/,
    );
    const offline = await resolveDataSections({ ...config, experiment }, { ...context, offline: true });
    expect(offline(config.variants[0]!.data)).toEqual({ source: 'digits', examples: 100 });
  });
});

describe('a selection', () => {
  const trials = plan(SOUND);

  it('leaves out what is not asked for, and keeps the order', () => {
    const chosen = selectTrials(trials, { arms: ['adam', 'no-noise'], settings: ['deep'] });
    expect(chosen).toEqual(trials.filter(({ arm, setting }) => setting === 'deep' && arm !== 'with-noise'));
    expect(selectTrials(trials, {})).toEqual(trials);
  });

  it('cuts the shard from the whole list, whatever else is asked for', () => {
    const shard = { index: 2, count: 3 };
    const part = selectTrials(trials, { shard });
    expect(selectTrials(trials, { shard, arms: ['no-noise'] })).toEqual(
      part.filter(({ arm }) => arm === 'no-noise'),
    );
  });

  it('names the valid names where one is wrong', () => {
    const config = load(SOUND);
    expect(() => checkSelection(config, { arms: ['no-nois'] })).toThrowErrorMatchingInlineSnapshot(
      `[UserError: --arm no-nois: the config has none of this name; it has no-noise, with-noise, adam. Did you mean no-noise?]`,
    );
    expect(() => checkSelection(config, { settings: ['x'] })).toThrowErrorMatchingInlineSnapshot(
      `[UserError: --setting x: the config has none of this name; it has plain, deep.]`,
    );
  });
});
