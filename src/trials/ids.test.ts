import { expect, it } from 'vitest';
import { idBySeed } from './ids.js';
import { trialId } from './trial.js';

it('is the id of the whole description, for every seed', () => {
  const shared = {
    experiment: 'toy',
    revision: 3,
    data: { z: [1, null, 'ü "quoted"'], a: { seed: 7 } },
    model: {},
    train: { rate: 1e-7 },
    success: { metric: 'error', below: 0.5 },
  };
  const idOf = idBySeed(shared);
  for (const seed of [0, 1, 12, 2 ** 28 - 1]) expect(idOf(seed)).toBe(trialId({ ...shared, seed }));
});
