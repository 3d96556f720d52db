/** Seconds that runs of `work` take, shortest first: for about `seconds`, at least three, after one that is not counted. */
export async function durationsOf(seconds: number, work: () => Promise<void> | void): Promise<number[]> {
  await work();
  const durations: number[] = [];
  const start = performance.now();
  while (durations.length < 3 || performance.now() - start < 1000 * seconds) {
    const before = performance.now();
    await work();
    durations.push((performance.now() - before) / 1000);
  }
  return durations.sort((a, b) => a - b);
}
