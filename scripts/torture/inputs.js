import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as commands from './inputs-to-commands.js';

/** Seconds without a new input after which one counts as hanging. */
const STALL = 120;
const TARGETS = ['config', 'record', 'checkpoint', 'archive', 'images', 'digits', 'stories'];

/** Damaged files of every kind: many to the functions that read them, one to the real command. */
export async function round(seed, number, { scratch, inputs: count }) {
  const { counts, found } = await commands.round(seed, number, { scratch });
  for (const name of TARGETS) found.push(...(await batch(name, seed, number, count, scratch)));
  return { counts: { 'inputs to functions': count * TARGETS.length, ...counts }, found };
}

function batch(name, seed, round, count, scratch) {
  const folder = mkdtempSync(join(scratch, `${name} `));
  const at = new SharedArrayBuffer(4);
  const workerData = { name, folder, seed, round, count, at };
  const worker = new Worker(new URL('./target-thread.js', import.meta.url), { workerData });
  const position = () => new Int32Array(at)[0];
  let [seen, since] = [-1, performance.now()];
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (position() !== seen) [seen, since] = [position(), performance.now()];
      if (performance.now() - since > STALL * 1000)
        end([`${name}, input ${seen}: hang: no answer in ${STALL} s`]);
    }, 250);
    const end = (found) => {
      clearInterval(watch);
      worker.terminate();
      resolve(found);
    };
    worker.once('message', end);
    worker.once('error', (error) => end([`${name}, input ${position()}: ${error.stack}`]));
    worker.once('exit', (code) => end([`${name}, input ${position()}: the thread ended with ${code}`]));
  });
}
