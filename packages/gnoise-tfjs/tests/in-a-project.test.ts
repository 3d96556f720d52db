import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locateTensorflow } from '../../../src/backends/tensorflow/locate.js';
import { exec, temporaryFolder, usePacked } from '../../packed.test-helper.js';

// The packed library as a TypeScript developer uses it: installed into an empty project, beside TensorFlow.js of their choice.

const { tarball } = usePacked('gnoise-tfjs');

const PROGRAM = `
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { addNoise, annealed, asOptimizer, chain, clipByGlobalNorm, sgd, withGradientNoise } from 'gnoise-tfjs';

const optimizers: (() => tf.Optimizer)[] = [
  () => withGradientNoise(tf.train.adam(0.05), annealed({ eta: 0.01 }), { seed: 1 }),
  () => asOptimizer(chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1))),
];
for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  for (const make of optimizers) {
    const model: tf.Sequential = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: make(), loss: 'meanSquaredError' });
    const x = tf.randomNormal([64, 2], 0, 1, 'float32', 1);
    const { history } = await model.fit(x, tf.sum(x, 1, true), { epochs: 40, batchSize: 16, verbose: 0 });
    console.log(tf.getBackend(), Number(history['loss']!.at(-1)) < 0.05 ? 'learns' : history['loss']);
  }
}
`;

const TSCONFIG = {
  compilerOptions: {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ skipLibCheck: false, target: 'es2022', lib: ['es2023', 'dom'], module: 'nodenext', types: [] },
  },
};

/** The code in the README; the model is the reader's. */
function snippets(): string[] {
  const readme = readFileSync('packages/gnoise-tfjs/README.md', 'utf8');
  const code = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, lines]) => lines!);
  return code.map((lines) => `declare const model: import('@tensorflow/tfjs').LayersModel;\n${lines}`);
}

describe.each(['4.20.0', '4.22.0'])('beside TensorFlow.js %s', (version) => {
  const folder = temporaryFolder();
  let missing: string | undefined;

  it('is installed with one copy of its core', async ({ skip }) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(folder, 'train.ts'), PROGRAM);
    for (const [i, snippet] of snippets().entries()) writeFileSync(join(folder, `readme-${i}.ts`), snippet);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    missing = await install(folder, [
      tarball,
      ...['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'].map((name) => `${name}@${version}`),
    ]);
    skip(missing !== undefined, missing);
    const copies = readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('tfjs-core/package.json'),
    );
    expect(copies).toEqual(['@tensorflow/tfjs-core/package.json']);
  });

  it('compiles, like the code in its README, in a strict project that checks the types of libraries, too', async ({
    skip,
  }) => {
    skip(missing !== undefined, missing);
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const compiled = await exec(process.execPath, [tsc, '--pretty', 'false'], { cwd: folder }).catch(
      (e) => e,
    );
    const faults = (compiled.stdout as string).split('\n').filter((line) => /^\S.*error TS/.test(line));
    // TensorFlow.js has some in its own types, and brings types of WebGPU that TypeScript has by now.
    expect(
      faults.filter((line) => !/^node_modules\/@(tensorflow|webgpu)\/|\/lib\.dom\.d\.ts/.test(line)),
    ).toEqual([]);
  });

  it('trains on stock cpu and stock wasm, and says nothing', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const { stdout, stderr } = await exec(process.execPath, ['train.js'], { cwd: folder });
    expect(stdout).toBe('cpu learns\ncpu learns\nwasm learns\nwasm learns\n');
    const said = stderr.split('\n').filter((line) => !/^=*$|^Hi, looks like you are running/.test(line));
    expect(said).toEqual([]);
  });
});

const NATIVE_PROGRAM = `
import * as tf from '@tensorflow/tfjs-node';
import { addNoise, annealed, asOptimizer, chain, clipByGlobalNorm, sgd, withGradientNoise } from 'gnoise-tfjs';

const noise = (backend) => tf.setBackend(backend).then(() => {
  const x = tf.variable(tf.zeros([5, 301]), true, 'x-' + backend);
  const optimizer = asOptimizer(chain(addNoise(annealed({ eta: 0.01 }), { seed: 7 }), sgd(1)));
  optimizer.minimize(() => tf.sum(tf.mul(x, 0)), false, [x]);
  return x.dataSync();
});
const [native, cpu] = [await noise('tensorflow'), await noise('cpu')];
console.log('largest difference', Math.max(...native.map((value, i) => Math.abs(value - cpu[i]))) < 1e-6);
console.log('noise', Math.hypot(...native) > 1);

await tf.setBackend('tensorflow');
for (const optimizer of [
  withGradientNoise(tf.train.adam(0.05), annealed({ eta: 0.01 }), { seed: 1 }),
  asOptimizer(chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1))),
]) {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const x = tf.randomNormal([64, 2], 0, 1, 'float32', 1);
  const { history } = await model.fit(x, tf.sum(x, 1, true), { epochs: 40, batchSize: 16, verbose: 0 });
  console.log(tf.getBackend(), history.loss.at(-1) < 0.05 ? 'learns' : history.loss);
}
`;

describe('beside the stock package for Node', () => {
  const folder = temporaryFolder();

  it('draws the noise of the cpu backend, and trains, on native TensorFlow as that package opens it', async ({
    skip,
  }) => {
    const native = (await locateTensorflow('cpu')).candidates.find(({ source }) => source === 'installed');
    skip(!native, 'no native TensorFlow: `gnoise backend install` brings it');
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(folder, 'train.js'), NATIVE_PROGRAM);
    const missing = await install(folder, [tarball, '@tensorflow/tfjs-node@4.22.0']);
    skip(missing !== undefined, missing);
    // What the package's own install script would have fetched and compiled.
    const stock = join(folder, 'node_modules/@tensorflow/tfjs-node');
    cpSync(dirname(native!.binding), join(stock, 'lib/napi-v8'), { recursive: true });
    const { stdout } = await exec(process.execPath, ['train.js'], {
      cwd: folder,
      env: { ...process.env, LD_LIBRARY_PATH: join(native!.packageFolder, '../tensorflow') },
    });
    expect(stdout.split('\n')).toEqual([
      'largest difference true',
      'noise true',
      'tensorflow learns',
      'tensorflow learns',
      '',
    ]);
  });
});

/** @returns why it cannot be had here, where that is the network's fault. */
async function install(folder: string, packages: readonly string[]): Promise<string | undefined> {
  mkdirSync(join(folder, 'node_modules'));
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0'];
  try {
    await exec('npm', ['install', ...quiet, ...packages], { cwd: folder, timeout: 90_000 });
    return undefined;
  } catch (error) {
    const { stderr, killed } = error as { stderr: string; killed: boolean };
    const fault =
      /code (ENOTFOUND|ENOTCACHED|EAI_AGAIN|ECONN\w+|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_\w+|E5\d\d)/.exec(
        stderr,
      );
    if (killed || fault) return `npm's registry cannot be reached: ${fault?.[1] ?? 'it took too long'}`;
    throw error;
  }
}
