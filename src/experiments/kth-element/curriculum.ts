import type { HostStream } from '../../random/streams.js';
import { type Counted, errorOf } from '../curriculum.js';

/** When a curriculum moves on. */
export interface CurriculumRule {
  readonly start: number;
  readonly threshold: number;
}

/**
 * The difficulty of one example at level `level` [NRAM appendix B]: with probability 10% uniform in 1 .. maximum; 25% uniform
 * in 1 .. level + e; 65% level + e, where e = 0, 1, 2, ... has probability 1/2, 1/4, 1/8, ... and level + e is at most `maximum`.
 */
export function drawDifficulty(stream: HostStream, level: number, maximum: number): number {
  const which = stream.uniform();
  if (which < 0.1) return 1 + stream.integer(maximum);
  const top = Math.min(level + drawGeometric(stream), maximum);
  return which < 0.35 ? 1 + stream.integer(top) : top;
}

/** Leading zeros of a random word: 0 with probability 1/2, 1 with 1/4, ... */
function drawGeometric(stream: HostStream): number {
  return Math.clz32(stream.word());
}

/** The next level. @param counted answer cells at difficulties up to `level`. */
export function nextLevel(
  level: number,
  maximum: number,
  { threshold }: CurriculumRule,
  counted: Counted,
): number {
  const error = errorOf(counted);
  return error !== null && error < threshold ? Math.min(level + 1, maximum) : level;
}
