import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { arch, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { instructionSets } from './addon.js';

const ADDON = fileURLToPath(
  new URL(`../../../dist/kernels/prebuilds/${platform()}-${arch()}/gnoise.node`, import.meta.url),
);

/** `work()` shares the same steps of descent out among four threads every time, and returns the sum of what comes of them. */
const WORK = `
  const addon = require(${JSON.stringify(ADDON)});
  addon.useThreads(4, 0);
  const { use, arguments: numbers, kernels } = addon.open(addon.instructionSets()[0]);
  const { buffer } = new WebAssembly.Memory({ initial: 8 });
  use(buffer);
  const SIZE = 20_000;
  const [table, seeds, deviations, rates, out, parameter, gradient] = [64, 128, 192, 256, 1024, 1e5, 2e5];
  new Uint32Array(buffer, table, 5).set([out, parameter, gradient, SIZE, 0]);
  new Int32Array(buffer, seeds, 2).set([1, 2]);
  new Float32Array(buffer, deviations, 1).fill(0.5);
  new Float32Array(buffer, rates, 1).fill(-0.1);
  function work() {
    for (let i = 0; i < 200; i++) {
      numbers.set([table, 0, seeds, deviations, rates, 0, 0, 1, 1, 0]);
      kernels.noisyDescent.run();
    }
    return new Float32Array(buffer, out, SIZE).reduce((sum, x) => sum + x, 0);
  }
`;

/** Code for a thread of Node.js, which does the work and tells the sum. */
const THREAD = `${WORK} require('node:worker_threads').parentPort.postMessage(work());`;

/** Runs code in a process of its own; `SIGINT` is sent once it prints something, if wanted. */
async function run(code: string, interrupt = false) {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    if (interrupt) child.kill('SIGINT');
  });
  const [exitCode, signal] = await once(child, 'close');
  return { exitCode, signal, out };
}

describe.skipIf(instructionSets().length === 0)('a process whose kernels work on several threads', () => {
  it('ends by itself when there is nothing left to do', async () => {
    expect(await run(`${WORK} work();`)).toMatchObject({ exitCode: 0, signal: null });
  });

  it('ends at once by process.exit, while the threads are still awake', async () => {
    expect(await run(`${WORK} work(); process.exit(3);`)).toMatchObject({ exitCode: 3, signal: null });
  });

  it('ends by a signal, or hears of it', async () => {
    const forEver = 'setInterval(() => { work(); console.log("works"); }, 1);';
    expect(await run(`${WORK} ${forEver}`, true)).toMatchObject({ exitCode: null, signal: 'SIGINT' });
    const heard = "process.on('SIGINT', () => process.exit(4));";
    expect(await run(`${WORK} ${heard} ${forEver}`, true)).toMatchObject({ exitCode: 4 });
  });

  it('uses no processor while there is no work', async () => {
    const idle = `
      work();
      setTimeout(() => {
        const before = process.cpuUsage();
        setTimeout(() => {
          const { user, system } = process.cpuUsage(before);
          console.log(user + system < 100_000);
        }, 500);
      }, 100);`;
    expect((await run(`${WORK} ${idle}`)).out).toBe('true\n');
  });

  it('goes on when a thread of Node.js that had loaded the kernels ends', async () => {
    const code = `
      const { Worker } = require('node:worker_threads');
      const next = () => new Promise((resolve) => new Worker(${JSON.stringify(THREAD)}, { eval: true })
        .on('exit', resolve));
      (async () => { for (let i = 0; i < 5; i++) await next(); console.log('ended'); })();`;
    expect(await run(code)).toEqual({ exitCode: 0, signal: null, out: 'ended\n' });
  });

  it('gives the same results to several threads of Node.js that call kernels at once', async () => {
    const code = `
      ${WORK}
      const { Worker } = require('node:worker_threads');
      const next = () => new Promise((resolve) => new Worker(${JSON.stringify(THREAD)}, { eval: true })
        .on('message', resolve));
      Promise.all([next(), next(), next()]).then((sums) => console.log(new Set([work(), ...sums]).size));
      for (let i = 0; i < 50; i++) work();`;
    expect(await run(code)).toEqual({ exitCode: 0, signal: null, out: '1\n' });
  });
});
