import { describe, expect, it } from 'vitest';
import { load, SOUND } from '../config/toy.test-helper.js';
import { hashJson } from '../json.js';
import { planTrials } from '../planning/plan.js';
import { parseShard, takeShard } from './shard.js';

/** 2 rates x (2 + 3 arms) x 20 seeds. */
const trials = planTrials(load(SOUND, { seeds: { option: '--seeds', text: '0-19' } }), (data) => data);
const ids = (part: readonly { id: string }[]) => part.map(({ id }) => id);
const parts = (count: number, list = trials) =>
  Array.from({ length: count }, (_, i) => takeShard(list, { index: i + 1, count }));

/** Numbers without a pattern, the same in every run. */
const lengths = Array.from(
  { length: 6 },
  (_, i) => Number.parseInt(hashJson(i).slice(0, 6), 16) % (trials.length + 1),
);

describe('shards', () => {
  it.each([1, 2, 3, 7, 8, 39, 80, 81, 199, 200, 201, 500])(
    '%i parts are disjoint, complete and in order',
    (count) => {
      for (const length of [trials.length, ...lengths]) {
        const list = trials.slice(0, length);
        expect(parts(count, list).flatMap(ids)).toEqual(ids(list));
      }
    },
  );

  it.each([2, 3, 7, 8, 20, 40, 79, 80, 81, 200, 500])(
    '%i parts differ by less than two groups of arms, and keep the arms together',
    (count) => {
      const shards = parts(count);
      const sizes = shards.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(6);
      const homes = new Map<string, number>();
      for (const [home, part] of shards.entries()) {
        for (const { setting, variation, description } of part) {
          const point = JSON.stringify([setting, variation, description.seed]);
          expect(homes.get(point) ?? home).toBe(home);
          homes.set(point, home);
        }
      }
    },
  );

  it('are empty only where there are more of them than groups of arms', () => {
    for (const count of [2, 7, 40])
      expect(Math.min(...parts(count).map((part) => part.length))).toBeGreaterThan(0);
    const filled = parts(500).filter((part) => part.length > 0);
    expect(filled).toHaveLength(80);
  });

  it('of nothing are nothing', () => {
    expect(takeShard([], { index: 2, count: 3 })).toEqual([]);
  });
});

describe('the text of a shard', () => {
  it('is part/parts, counted from 1', () => {
    expect(parseShard('2/8')).toEqual({ index: 2, count: 8 });
    expect(parseShard(' 1 / 1 ')).toEqual({ index: 1, count: 1 });
  });

  it.each(['0/8', '9/8', '2', '2/', 'a/b', '-1/3', '1/0', '1.5/2', '1/2/3', ''])('%j is refused', (text) => {
    expect(() => parseShard(text)).toThrow(/^--shard /);
  });
});
