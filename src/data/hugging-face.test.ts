import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { deflateSync, gunzipSync } from 'node:zlib';
import { binary, int64, struct, tableFromArrays, tableToIPC, utf8 } from '@uwdata/flechette';
import crc32 from 'crc-32';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useCompiled } from '../results/compiled.test-helper.js';
import { mnist } from './mnist.js';
import { greyPixels } from './png.js';

// What is read is read in a thread, which needs compiled code.
const compiled = useCompiled('data/hugging-face', 'data/hugging-face-thread', 'data/mnist');
const tables = (): Promise<typeof import('./hugging-face.js')> => import(compiled('data/hugging-face'));
const images = (): Promise<typeof import('./mnist.js')> => import(compiled('data/mnist'));

/** A PNG file of grey pixels; the rows are filtered by each of the five filters in turn, as encoders choose them. */
function png(pixels: Uint8Array, rows: number, columns: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  header[8] = 8;
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = Uint8Array.from({ length: columns }, (_, column) => {
      const at = row * columns + column;
      const left = column > 0 ? pixels[at - 1]! : 0;
      const up = row > 0 ? pixels[at - columns]! : 0;
      const corner = column > 0 && row > 0 ? pixels[at - columns - 1]! : 0;
      const nearest = [left, up, corner].reduce((best, each) =>
        Math.abs(left + up - corner - each) < Math.abs(left + up - corner - best) ? each : best,
      );
      return pixels[at]! - [0, left, up, Math.floor((left + up) / 2), nearest][row % 5]!;
    });
    return Buffer.concat([Buffer.of(row % 5), line]);
  });
  const data = deflateSync(Buffer.concat(lines), { level: 1 });
  const parts = [chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

function chunk(type: string, data: Buffer): Buffer {
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type), data]);
  checksum.writeInt32BE(crc32.buf(body));
  return Buffer.concat([length, body, checksum]);
}

interface Half {
  readonly images: readonly Buffer[];
  readonly labels: readonly number[];
}

/** As the hub stores a half: `image` struct { bytes, path }, `label` int64. */
function parquet({ images, labels }: Half): Buffer {
  const optional = { repetition_type: 'OPTIONAL' } as const;
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'schema', num_children: 2 },
      { name: 'image', num_children: 2, ...optional },
      { name: 'bytes', type: 'BYTE_ARRAY', ...optional },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...optional },
      { name: 'label', type: 'INT64', ...optional },
    ],
    columnData: [
      { name: 'image', data: images.map((bytes) => ({ bytes: new Uint8Array(bytes), path: null })) },
      { name: 'label', data: labels.map(BigInt) },
    ],
  });
  return Buffer.from(buffer);
}

/** As `datasets` keeps it: a stream of Arrow's. */
function arrow({ images, labels }: Half): Buffer {
  const types = { image: struct({ bytes: binary(), path: utf8() }), label: int64() };
  const image = images.map((bytes) => ({ bytes, path: null }));
  return Buffer.from(
    tableToIPC(tableFromArrays({ image, label: [...labels] }, { types }), { format: 'stream' })!,
  );
}

const digit = Uint8Array.from({ length: 784 }, (_, i) => (i * i) % 251);
const half: Half = { images: [png(digit, 28, 28), png(digit.toReversed(), 28, 28)], labels: [7, 2] };

describe.each([
  ['parquet', parquet],
  ['arrow', arrow],
] as const)('a table in the format %s', (format, make) => {
  const read = async (bytes: Buffer, column: 'image' | 'label') =>
    (await tables()).idxFromTable(format, bytes, column);

  test('gives the pixels and the labels in order, as IDX files have them', async () => {
    const idx = await read(make(half), 'image');
    expect(idx.subarray(0, 16).toString('hex')).toBe('00000803000000020000001c0000001c');
    expect(idx.subarray(16)).toEqual(Buffer.from([...digit, ...digit.toReversed()]));
    expect((await read(make(half), 'label')).toString('hex')).toBe('00000801000000020702');
  });

  test.each([
    ['an empty file', Buffer.alloc(0), /its column image cannot be read/],
    ['other bytes', Buffer.from('<html>Please log in</html>'), /its column image cannot be read/],
    [
      'a pointer of Git LFS',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      /git lfs pull/,
    ],
    ['the first half of the file', make(half).subarray(0, 200), /its column image cannot be read/],
    [
      'an image of another size',
      make({ ...half, images: [png(digit, 14, 56), half.images[1]!] }),
      /image of row 0 .* does not have 28 x 28 grey pixels/,
    ],
    [
      'something else than an image',
      make({ ...half, images: [half.images[0]!, Buffer.from('GIF89a')] }),
      /the image of row 1 cannot be used: it is no PNG file/,
    ],
  ])('that is %s is refused with the reason', async (_case, bytes, reason) => {
    await expect(read(bytes, 'image')).rejects.toThrow(reason);
  });
});

test('an image that would unpack to far more than its pixels is refused', () => {
  const bomb = png(new Uint8Array(28 * 28), 28, 28);
  const data = deflateSync(Buffer.alloc(1e7));
  const bytes = Buffer.concat([bomb.subarray(0, 33), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
  expect(greyPixels(bomb, 28, 28)).toHaveLength(784);
  expect(() => greyPixels(bytes, 28, 28)).toThrow();
});

const real = resolve('../shared/data/mnist');
const present = existsSync(real);
if (!present)
  console.log(
    `Skipped: Hugging Face's layouts of the real MNIST, because there is no ${real} to make them of`,
  );

describe.skipIf(!present)("Hugging Face's copy of MNIST", () => {
  let folder: string;
  let halves: Record<'train' | 'test', Half>;
  let stored: Record<'train' | 'test', Buffer>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gnoise hugging face '));
  });
  afterEach(() => rm(folder, { recursive: true }));
  beforeAll(async () => {
    const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
      mnist.files.map(async ({ name }) => gunzipSync(await readFile(join(real, name)))),
    );
    const of = (images: Buffer, labels: Buffer): Half => ({
      images: Array.from({ length: labels.length - 8 }, (_, i) =>
        png(images.subarray(16 + 784 * i, 800 + 784 * i), 28, 28),
      ),
      labels: [...labels.subarray(8)],
    });
    halves = { train: of(trainImages!, trainLabels!), test: of(testImages!, testLabels!) };
    stored = { train: parquet(halves.train), test: parquet(halves.test) };
  }, 120_000);

  async function put(path: (split: string) => string, make?: (half: Half) => Buffer): Promise<void> {
    for (const split of ['train', 'test'] as const) {
      const file = join(folder, path(split));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, make?.(halves[split]) ?? stored[split]);
    }
  }

  async function expectFound(): Promise<void> {
    const { findMnist, loadMnist } = await images();
    const place = await findMnist([folder]);
    expect(place).not.toBeNull();
    const { train, test } = await loadMnist(place!);
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  }

  test('is accepted as a clone of the hub has it', async () => {
    await put((split) => `mnist/${split}-00000-of-00001.parquet`);
    await expectFound();
  }, 120_000);

  test("is accepted in the hub's cache, where links lead to the files", async () => {
    await put((split) => `hub/datasets--ylecun--mnist/blobs/${split}`);
    const snapshot = join(folder, 'hub/datasets--ylecun--mnist/snapshots/77f3279/mnist');
    await mkdir(snapshot, { recursive: true });
    for (const split of ['train', 'test'])
      await symlink(`../../../blobs/${split}`, join(snapshot, `${split}-00000-of-00001.parquet`));
    await expectFound();
  }, 120_000);

  test('is accepted as `datasets` keeps it', async () => {
    await put((split) => `ylecun___mnist/mnist/0.0.0/77f3279/mnist-${split}.arrow`, arrow);
    await expectFound();
  }, 120_000);

  test('with one changed pixel is refused, and named', async () => {
    await put((split) => `mnist/${split}-00000-of-00001.parquet`);
    const changed = { ...halves.test, images: [half.images[0]!, ...halves.test.images.slice(1)] };
    const file = join(folder, 'mnist/test-00000-of-00001.parquet');
    await writeFile(file, parquet(changed));
    const { findMnist, loadMnist } = await images();
    expect(await findMnist([folder])).toBeNull();
    await expect(loadMnist(join(folder, 'mnist'))).rejects.toThrow(
      `${file} is damaged: it is not the published`,
    );
  }, 120_000);
});
