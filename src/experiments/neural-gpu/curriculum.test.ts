import { describe, expect, it } from 'vitest';
import { drawSize, nextProgress, type Progress, startingProgress } from './curriculum.js';
import { settings } from './example.test-helper.js';

const rule = settings(
  { maximum: 6 },
  { sets: 3 },
  { curriculum: { start: 2, threshold: 0.1 }, relaxation: { pull: 0.001, factor: 2 } },
);
const start = startingProgress(rule);

describe('the curriculum', () => {
  it('starts at its first level, relaxed, as if all were wrong', () => {
    expect(start).toEqual({ level: 2, pull: 0.001, shared: false, error: 1 });
  });

  it('moves on, and pulls harder, when fewer are wrong than the threshold', () => {
    expect(nextProgress(start, rule, { wrong: 9, all: 100 })).toEqual({
      level: 3,
      pull: 0.002,
      shared: false,
      error: 0.09,
    });
    expect(nextProgress(start, rule, { wrong: 10, all: 100 })).toEqual({ ...start, error: 0.1 });
  });

  it('makes one set of all when it reaches the largest size, and stays there', () => {
    let progress: Progress = start;
    for (let period = 0; period < 9; period++) progress = nextProgress(progress, rule, { wrong: 0, all: 10 });
    expect(progress).toEqual({ level: 6, pull: 0.016, shared: true, error: 0 });
  });

  it('stays where nothing was counted', () => {
    expect(nextProgress(start, rule, { wrong: 0, all: 0 })).toEqual(start);
  });
});

describe('sizes', () => {
  const draws = Array.from({ length: 4000 }, (_, step) => drawSize(step));
  const share = (holds: (size: number) => boolean, level: number, maximum: number) =>
    draws.filter((draw) => holds(draw(level, maximum))).length / draws.length;

  it('are of 1 .. maximum, beyond the level only in 20% of the updates', () => {
    expect(share((size) => size >= 1 && size <= 20, 5, 20)).toBe(1);
    // 20% times 15/20; three standard deviations are 0.017.
    expect(Math.abs(share((size) => size > 5, 5, 20) - 0.15)).toBeLessThan(0.017);
  });

  it('are more often large than small', () => {
    // The larger of two numbers is 5 of 1 .. 5 with probability 9/25.
    const expected = 0.8 * (0.6 * (9 / 25) + 0.4 * (1 / 5)) + 0.2 * (1 / 20);
    expect(Math.abs(share((size) => size === 5, 5, 20) - expected)).toBeLessThan(0.022);
  });

  it('are equal for trials of equal level, and close for close levels', () => {
    for (const [step, draw] of draws.entries()) {
      expect(drawSize(step)(7, 20)).toBe(draw(7, 20));
      expect(Math.abs(draw(8, 20) - draw(7, 20))).toBeLessThan(2);
    }
  });
});
