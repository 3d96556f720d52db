import { expect, it } from 'vitest';
import { combine } from './estimate.js';

const calibration = { replicas: 10, testSecondsPerTrial: 0, bytesPerReplica: 1 };
const fast = { ...calibration, secondsPerTrial: 1, startSeconds: 0 };
const slow = { ...calibration, secondsPerTrial: 5, startSeconds: 2, bytesPerReplica: 7 };
const ofLength = (...lengths: number[]) => lengths.map((length) => ({ length }));

it('adds up what every kind of population takes, its start included, not what the first one takes', () => {
  const kinds = new Map([
    ['fast', ofLength(10, 10)],
    ['slow', ofLength(20)],
  ]);
  const samples = new Map([
    ['fast', fast],
    ['slow', slow],
  ]);
  expect(combine(kinds, samples, 1)).toEqual({
    seconds: 20 + 102,
    secondsPerTrial: 122 / 40,
    bytes: 70,
    replicas: 10,
  });
});

it('is no less than the longest population takes, however many processes there are', () => {
  const kinds = new Map([['slow', ofLength(10, 1, 1)]]);
  const samples = new Map([['slow', slow]]);
  expect(combine(kinds, samples, 1).seconds).toBe(66);
  expect(combine(kinds, samples, 2).seconds).toBe(52);
});

it('takes the average for kinds that were not sampled', () => {
  const kinds = new Map(['fast', 'slow', 'other'].map((kind) => [kind, ofLength(10)]));
  const samples = new Map([
    ['fast', fast],
    ['slow', slow],
  ]);
  expect(combine(kinds, samples, 1).seconds).toBe(10 + 52 + 31);
});
