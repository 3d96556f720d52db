// A worker thread that gives a batch of inputs to a target. `at` tells the harness which input it is at, even when that
// one never ends.
import { parentPort, workerData } from 'node:worker_threads';
import { drawMany } from './draw.js';
import { openTarget } from './targets.js';

const { name, folder, seed, round, count, at } = workerData;
const position = new Int32Array(at);
const { inputs, check } = await openTarget(name, folder);
const found = [];
for (const [i, input] of drawMany(inputs, seed, name, round, count).entries()) {
  Atomics.store(position, 0, i);
  const before = process.cpuUsage();
  const problem = await check(input);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (problem !== null) found.push(`${name}, input ${i}: ${problem}`);
  if (seconds > 5) found.push(`${name}, input ${i}: slow: ${seconds.toFixed(1)} s of processor time`);
}
parentPort.postMessage(found);
