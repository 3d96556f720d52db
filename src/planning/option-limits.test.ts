import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { jobsProblem, populationProblem, threadsProblem } from './option-limits.js';

it('lets a machine have as many processes as it has cores or memory for', () => {
  expect(jobsProblem(1)).toBeUndefined();
  expect(jobsProblem(availableParallelism(), 1)).toBeUndefined();
  expect(jobsProblem(100, 2 ** 34)).toBeUndefined();
});

it('names what more processes would take, and what there is', () => {
  expect(jobsProblem(1_000_000_000, 2 ** 34)).toMatch(
    /^1000000000 processes would need 140 PiB of memory .*, and this machine has 16 GiB and \d+ cores; at most \d+ can/,
  );
});

it('bounds populations by the trials of a config, and threads by those a process can start', () => {
  expect([populationProblem(2048), threadsProblem(64)]).toEqual([undefined, undefined]);
  expect(populationProblem(1e9)).toContain('No config has more than 100000 trials');
  expect(threadsProblem(1e9)).toContain('At most 1024 threads');
});
