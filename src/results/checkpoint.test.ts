import { copyFile, mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Checkpoint,
  checkpointFile,
  checkpointFiles,
  readCheckpoint,
  readHeader,
  writeCheckpoint,
} from './checkpoint.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise checkpoints – ünïcödé '));
  file = checkpointFile(folder, 'a population');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const checkpoint: Checkpoint = {
  header: {
    step: 600,
    trials: ['a', 'ü'],
    curves: [{ loss: Number.NaN }, { loss: Number.NEGATIVE_INFINITY }],
  },
  tensors: [
    {
      name: 'weights',
      shape: [2, 3],
      dtype: 'float32',
      data: new Float32Array([1, -0, Number.NaN, 1e-45, Number.POSITIVE_INFINITY, 0.1]),
    },
    { name: 'nothing', shape: [0, 5], dtype: 'float32', data: new Float32Array(0) },
    { name: 'seeds', shape: [2], dtype: 'int32', data: new Int32Array([-1, 2 ** 31 - 1]) },
    { name: 'scalar', shape: [], dtype: 'int32', data: new Int32Array([7]) },
  ],
};

test('header and tensors are read back bit for bit', async () => {
  await writeCheckpoint(file, checkpoint);
  expect(await readCheckpoint(file)).toStrictEqual({ ok: true, ...checkpoint });
  expect(await checkpointFiles(folder)).toEqual([file]);
});

test('the header can be read alone, and of a file that was cut off it cannot', async () => {
  await writeCheckpoint(file, checkpoint);
  expect(await readHeader(file)).toStrictEqual({ ok: true, header: checkpoint.header });
  await truncate(file, (await stat(file)).size - 1);
  expect(await readHeader(file)).toEqual({
    ok: false,
    reason: expect.stringContaining('cut off'),
    isDamaged: true,
  });
});

test('a tensor that is a part of a larger buffer is stored without the rest', async () => {
  const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  await writeCheckpoint(file, {
    header: null,
    tensors: [{ name: 'part', shape: [2], dtype: 'float32', data }],
  });
  expect(await readCheckpoint(file)).toMatchObject({ tensors: [{ data: new Float32Array([1, 2]) }] });
});

test('tensors larger than a piece of writing are whole', async () => {
  const data = Float32Array.from({ length: 5_000_000 }, (_, i) => i);
  await writeCheckpoint(file, {
    header: null,
    tensors: [{ name: 'large', shape: [5e6], dtype: 'float32', data }],
  });
  const read = await readCheckpoint(file);
  expect(read.ok && Buffer.compare(Buffer.from(read.tensors[0]!.data.buffer), Buffer.from(data.buffer))).toBe(
    0,
  );
});

test('a file cut off at any length is not trusted', async () => {
  await writeCheckpoint(file, checkpoint);
  const { size } = await stat(file);
  const torn = join(folder, 'torn');
  for (let length = 0; length < size; length += 7) {
    await copyFile(file, torn);
    await truncate(torn, length);
    expect(await readCheckpoint(torn)).toMatchObject({ ok: false, reason: expect.any(String) });
  }
});

test('a file with any one byte changed is not trusted', async () => {
  await writeCheckpoint(file, checkpoint);
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  for (let position = 0; position < size; position += 3) {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, position);
    await handle.write(Buffer.from([byte[0]! ^ 0x10]), 0, 1, position);
    expect(await readCheckpoint(file)).toMatchObject({ ok: false, reason: expect.any(String) });
    await handle.write(byte, 0, 1, position);
  }
  await handle.close();
  expect((await readCheckpoint(file)).ok).toBe(true);
});

test('a missing file and a foreign one are told apart', async () => {
  expect(await readCheckpoint(file)).toMatchObject({ ok: false, reason: 'no such file' });
  await writeFile(file, 'once upon a time there was a checkpoint');
  expect(await readCheckpoint(file)).toMatchObject({ ok: false, reason: 'not a gnoise checkpoint' });
});

test('a tensor whose values do not fill its shape is refused, and the old checkpoint stays', async () => {
  await writeCheckpoint(file, checkpoint);
  const wrong = { name: 'w', shape: [3], dtype: 'float32' as const, data: new Float32Array(2) };
  await expect(writeCheckpoint(file, { header: null, tensors: [wrong] })).rejects.toThrow(/w of shape \[3\]/);
  expect((await readCheckpoint(file)).ok).toBe(true);
});
