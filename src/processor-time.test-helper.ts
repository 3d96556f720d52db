import { expect } from 'vitest';

/** Starts to count this process's processor time. @returns a function that tells it, in seconds. */
export function processorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

/**
 * Expects that something took less processor time than this, in seconds of a machine at ease. Where it took more, the
 * machine may be slowed down by others: then it may take as much longer as a fixed piece of work does at that moment.
 */
export function expectWithin(seconds: number, limit: number): void {
  if (seconds < limit) return;
  expect(seconds / slowness()).toBeLessThan(limit);
}

/** Seconds that `fixedWork` takes on a machine at ease: the least of 30 runs on a Xeon (Sapphire Rapids). [measured] */
const AT_EASE = 0.095;

/** How many times slower this machine is now than one at ease; 1 where it is as fast. */
function slowness(): number {
  const time = processorTime();
  fixedWork();
  return Math.max(1, time() / AT_EASE);
}

/** Objects, text and hashing of keys, as configs and plans are made of. */
function fixedWork(): void {
  const items = Array.from({ length: 2000 }, (_, i) => ({ id: `n${i}`, values: [i, i / 7, `${i}`] }));
  for (let round = 0; round < 60; round++) JSON.parse(JSON.stringify(items));
}
