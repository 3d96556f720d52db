import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { runnerImport } from 'vite';
import { draw } from './draw.js';
import { byteMutation, jsonMutation } from './mutations.js';
import { faultsOf, gnoise, ROOT, start } from './product.js';
import { files, reference, settle } from './records.js';
import { runOf, samples } from './samples.js';

const { module: configMutations } = await runnerImport(`${ROOT}src/config/mutations.test-helper.ts`);

const onText = fc.oneof(
  jsonMutation,
  byteMutation.map((change) => (text) => change(Buffer.from(text))),
);

const plan = fc.record({
  kind: fc.constantFrom('config', 'record', 'checkpoint', 'data'),
  sample: fc.constantFrom(...Object.keys(samples)),
  onConfig: configMutations.mutation,
  onRecord: onText,
  onBytes: byteMutation,
  which: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** One damaged file to the real command, among good ones that must stay as they are. */
export async function round(seed, number, { scratch }) {
  const { kind, ...given } = draw(plan, seed, 'inputs', number);
  const { commands, found } = await kinds[kind](mkdtempSync(join(scratch, 'inputs ')), scratch, given);
  return { counts: { 'inputs to commands': commands }, found: found.map((what) => `${kind}: ${what}`) };
}

const kinds = {
  async config(folder, _scratch, { sample, onConfig }) {
    const file = join(folder, 'mutated.yaml');
    writeFileSync(file, onConfig(readFileSync(join(ROOT, samples[sample][0]), 'utf8')));
    const runs = [
      await gnoise(['config', file]),
      await gnoise(['status', file, '--results', join(folder, 'none')]),
    ];
    const made = files(folder).filter((name) => name !== 'mutated.yaml');
    const found = [...runs.flatMap((run) => faultsOf(run)), ...made.map((name) => `it made ${name}`)];
    return { commands: runs.length, found };
  },

  async record(folder, scratch, { sample, onRecord, which }) {
    const { results } = await reference(sample, scratch);
    const own = join(folder, 'results');
    cpSync(results, own, { recursive: true });
    const records = files(own).filter((file) => file.includes('/trials/'));
    const chosen = records[Math.floor(which * records.length)];
    writeFileSync(join(own, chosen), onRecord(readFileSync(join(own, chosen), 'utf8')));
    const before = contents(own, records);
    const [config] = samples[sample];
    const run = await gnoise(['table', config, '--profile', 'smoke', '--results', own]);
    const found = faultsOf(run);
    for (const [file, text] of contents(own, records))
      if (text !== before.get(file)) found.push(`table changed ${file}`);
    // A change that leaves a valid record of the trial is no damage that could be seen: only the others are compared.
    const kept = before.get(chosen);
    const after = await settle(sample, own, scratch, []);
    const isKept = readFileSync(join(own, chosen), 'latin1') === kept;
    found.push(...after.filter((what) => !(isKept && what === `different: ${chosen.split('/').at(-1)}`)));
    return { commands: 2, found };
  },

  /** A checkpoint of a sweep that was interrupted, damaged: it is trained to the same records. */
  async checkpoint(folder, scratch, { sample, onBytes, which }) {
    const own = join(folder, 'results');
    mkdirSync(own);
    const { seconds } = await reference(sample, scratch);
    const { child, ended } = start(runOf(sample, own, '--jobs', '1', '--checkpoint-every', '1'));
    setTimeout(() => child.kill('SIGTERM'), seconds * 1000 * (0.3 + 0.6 * which));
    const stopped = await ended;
    const found = faultsOf(stopped, { allowed: [0, 143], signals: ['SIGTERM'] });
    for (const file of files(own).filter((name) => name.endsWith('.checkpoint')))
      writeFileSync(join(own, file), onBytes(readFileSync(join(own, file))));
    found.push(...(await settle(sample, own, scratch, [stopped.err])));
    return { commands: 2, found };
  },

  /** Files of MNIST's names with other bytes: refused, in words, and left as they are. */
  async data(folder, _scratch, { onBytes }) {
    const names = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'];
    for (const name of names)
      writeFileSync(join(folder, `${name}-ubyte.gz`), onBytes(Buffer.alloc(2000, name)));
    const all = files(folder);
    const before = contents(folder, all);
    const results = mkdtempSync(`${folder}-results `);
    const mnist = ['configs/mnist20.yaml', '--profile', 'smoke', '--set', 'data.fallback=none'];
    const options = ['--data', folder, '--offline', '--results', results, '--backend', 'wasm'];
    const found = faultsOf(await gnoise(['run', ...mnist, ...options], { env: { GNOISE_CACHE: results } }), {
      allowed: [2],
    });
    for (const [file, text] of contents(folder, all))
      if (text !== before.get(file)) found.push(`${file} was changed`);
    return { commands: 1, found };
  },
};

function contents(folder, names) {
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}
