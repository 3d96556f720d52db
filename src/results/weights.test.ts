import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleRecord } from '../tables/example.test-helper.js';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.js';
import { ResultStore } from './store.js';
import { WeightStore, type Weights } from './weights.js';

let root: string;
let store: WeightStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise weights – ünïcödé '));
  store = new WeightStore(new ResultStore(root));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const trial = exampleRecord({ seed: 3 }, 0.9);
const weights: Weights = {
  tensors: [
    { name: 'layer0/weights', shape: [2, 3], data: Float32Array.of(1, -0, 1e-45, 3.4e38, 0.1, -2) },
    { name: 'layer0/bias', shape: [3], data: Float32Array.of(0, 0.5, -0.5) },
  ],
  state: { level: 4, shared: true },
};

/** What is read of a file with this content in the place of the trial's weights. */
async function readOf(content: Uint8Array) {
  await mkdir(dirname(store.path(trial)), { recursive: true });
  await writeFile(store.path(trial), content);
  return store.read(trial);
}

async function written(): Promise<Buffer> {
  await store.write(trial, weights, '1.2.3');
  return readFile(store.path(trial));
}

describe('the format', () => {
  const file: Safetensors = { metadata: { made: 'by hand' }, tensors: weights.tensors };

  it('is a length, a header padded to a multiple of 8, and the numbers one after another', () => {
    const bytes = Buffer.concat([...encodeSafetensors(file)]);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    const text = bytes.toString('utf8', 8, 8 + length);
    expect(text).toMatch(/^\{.*\} *$/);
    expect(JSON.parse(text)).toEqual({
      __metadata__: { made: 'by hand' },
      'layer0/weights': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      'layer0/bias': { dtype: 'F32', shape: [3], data_offsets: [24, 36] },
    });
    expect(bytes.length).toBe(8 + length + 36);
    expect(bytes.readFloatLE(8 + length + 4 * 5)).toBe(-2);
    expect(bytes.readFloatLE(8 + length + 4 * 7)).toBe(0.5);
  });

  it('is read as others write it: entries in any order, without metadata', async () => {
    const header =
      '{"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"a":{"shape":[2],"dtype":"F32","data_offsets":[0,8]}}';
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const path = join(root, 'foreign');
    await writeFile(
      path,
      Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.of(1, 2, 3).buffer)]),
    );
    const handle = await open(path);
    expect(await decodeSafetensors(handle).finally(() => handle.close())).toEqual({
      metadata: {},
      tensors: [
        { name: 'a', shape: [2], data: Float32Array.of(1, 2) },
        { name: 'b', shape: [], data: Float32Array.of(3) },
      ],
    });
  });
});

describe("a trial's weights", () => {
  it('are read back bit for bit, with what they are in the metadata', async () => {
    expect(await store.read(trial)).toBeNull();
    const bytes = await written();
    expect(await store.read(trial)).toEqual({ weights });
    expect(await store.ids(trial)).toEqual(new Set([trial.id]));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())));
    expect(header.__metadata__).toMatchObject({
      gnoise: '1.2.3',
      config: trial.config,
      profile: trial.profile,
      setting: trial.setting,
      arm: trial.arm,
      seed: '3',
      id: trial.id,
      experiment: trial.description.experiment,
      revision: '1',
      state: '{"level":4,"shared":true}',
    });
  });

  it('are not used from a file of which any byte is another one', async () => {
    const bytes = await written();
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i]! ^= 1;
      expect(await readOf(damaged), `byte ${i}`).toHaveProperty('reason');
    }
  });

  it('are not used from a file that is cut off anywhere, or too long', async () => {
    const bytes = await written();
    for (let length = 0; length < bytes.length; length += 7)
      expect(await readOf(bytes.subarray(0, length)), `${length} bytes`).toHaveProperty('reason');
    expect(await readOf(Buffer.concat([bytes, Buffer.alloc(4)]))).toHaveProperty('reason');
  });

  it.each([
    ['text', Buffer.from('{"some": "JSON", "that is": "longer than eight bytes"}'), 'not a safetensors file'],
    [
      'a header of a size that no memory has',
      Buffer.from('ffffffffffffffff7b7d', 'hex'),
      'not a safetensors file',
    ],
    [
      'a tensor of a size that no memory has',
      foreign({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 10], data_offsets: [0, 4] } }),
      'its header is damaged at tensor a',
    ],
    [
      'numbers of another type',
      foreign({ a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }),
      'tensor a is of type F16, not F32',
    ],
    [
      'weights of another program',
      foreign({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }),
      "its metadata is not that of gnoise's weights",
    ],
  ])('are not taken from %s', async (_, content, reason) => {
    expect(await readOf(content)).toEqual({ reason: expect.stringContaining(reason) });
  });

  it('are not taken from the file of another trial, or from a folder', async () => {
    const other = exampleRecord({ seed: 4 }, 0.9);
    await store.write(other, weights, '1.2.3');
    expect(await readOf(await readFile(store.path(other)))).toEqual({
      reason: `it holds the weights of trial ${other.id}`,
    });
    await rm(store.path(trial));
    await mkdir(store.path(trial));
    expect(await store.read(trial)).toEqual({ reason: 'not a regular file' });
  });
});

/** A file of another program with four bytes of tensors. */
function foreign(entries: object): Buffer {
  const header = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...entries }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4)]);
}
