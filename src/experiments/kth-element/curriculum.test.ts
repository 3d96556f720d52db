import { describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { drawDifficulty, nextLevel } from './curriculum.js';

describe('the curriculum', () => {
  it('draws difficulties as NRAM appendix B says', () => {
    const [level, maximum, draws] = [3, 10, 100_000];
    const stream = new HostStream(1, 'task');
    const counts = new Array<number>(maximum + 1).fill(0);
    for (let i = 0; i < draws; i++) counts[drawDifficulty(stream, level, maximum)]! += 1;
    for (let d = 1; d <= maximum; d++)
      expect(Math.abs(counts[d]! / draws - probability(d, level, maximum))).toBeLessThan(0.005);
    expect(counts[0]).toBe(0);
  });

  it('moves on when few enough answers are wrong, and not past the maximum', () => {
    const rule = { start: 2, threshold: 0.1 };
    expect(nextLevel(2, 5, rule, { wrong: 9, all: 100 })).toBe(3);
    expect(nextLevel(2, 5, rule, { wrong: 10, all: 100 })).toBe(2);
    expect(nextLevel(5, 5, rule, { wrong: 0, all: 100 })).toBe(5);
    expect(nextLevel(2, 5, rule, { wrong: 0, all: 0 })).toBe(2);
  });
});

/** P(d) with e summed out: 10% uniform, 25% uniform up to D + e, 65% D + e; cut at the maximum. */
function probability(d: number, level: number, maximum: number): number {
  let p = 0.1 / maximum;
  for (let e = 0; e < 60; e++) {
    const top = Math.min(level + e, maximum);
    p += 0.5 ** (e + 1) * ((d <= top ? 0.25 / top : 0) + (d === top ? 0.65 : 0));
  }
  return p;
}
