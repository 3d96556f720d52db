import { expect, it } from 'vitest';
import type { Overrides } from './load.js';
import { configText } from './text.js';
import { load, SOUND } from './toy.test-helper.js';

function text(overrides: Overrides = {}): string {
  const config = load(SOUND, overrides);
  return configText(config).replace(config.file, 'toy.yaml');
}

it('prints what a config comes to, what is shared first', () => {
  expect(text()).toMatchInlineSnapshot(`
    "# toy.yaml, profile paper
    # 30 trials in 2 settings and 3 arms
    experiment: toy
    description: A toy.
    profile: paper
    trials: 30
    data:
      source: digits
      examples: 100
    model:
      init: simple
    train:
      batchSize: 10
      epochs: 5
    success:
      metric: accuracy
      above: 0.9
    settings:
      plain:
        model:
          layers: 2
        train:
          optimiser:
            name: sgd
          clip: none
        arms:
          no-noise:
            trials: 6
            train:
              noise: none
          with-noise:
            trials: 6
            train:
              noise:
                eta: 0.01
                gamma: 0.55
        grid:
          train.rate:
            - 0.1
            - 0.01
        seeds: 0-2
      deep:
        title: Deep
        model:
          layers: 20
        train:
          clip:
            by: global-norm
            at: 10
        arms:
          no-noise:
            trials: 6
            train:
              optimiser:
                name: sgd
              noise: none
          with-noise:
            trials: 6
            train:
              optimiser:
                name: sgd
              noise:
                eta: 0.01
                gamma: 0.55
          adam:
            trials: 6
            train:
              optimiser:
                name: adam
                beta1: 0.9
                beta2: 0.999
                epsilon: 1e-8
              noise: none
        grid:
          train.rate:
            - 0.1
            - 0.01
        seeds: 0-2
    "
  `);
});

it('shows the profile and the overrides applied', () => {
  const seeds = { option: '--seed', text: '7' } as const;
  expect(text({ profile: 'smoke', set: ['model.layers=3'], seeds })).toMatchInlineSnapshot(`
    "# toy.yaml, profile smoke: smoke scale
    # 3 trials in 1 setting and 3 arms
    experiment: toy
    description: A toy.
    profile: smoke
    trials: 3
    data:
      source: digits
      examples: 100
    model:
      layers: 3
      init: simple
    train:
      batchSize: 10
      rate: 0.1
      clip:
        by: global-norm
        at: 10
      epochs: 1
    success:
      metric: accuracy
      above: 0.9
    settings:
      deep:
        title: Deep
        arms:
          no-noise:
            trials: 1
            train:
              optimiser:
                name: sgd
              noise: none
          with-noise:
            trials: 1
            train:
              optimiser:
                name: sgd
              noise:
                eta: 0.01
                gamma: 0.55
          adam:
            trials: 1
            train:
              optimiser:
                name: adam
                beta1: 0.9
                beta2: 0.999
                epsilon: 1e-8
              noise: none
        seeds: "7"
    "
  `);
});
