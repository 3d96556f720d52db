import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { obtainPublished } from '../experiments/obtain.js';
import type { DataFile } from './archive.js';
import { findMnist, loadImages, loadMnist, mnist } from './mnist.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise Ziffern ✎ '));
});
afterEach(() => rm(folder, { recursive: true }));

/** An IDX file of `values` with the given header words. */
function idx(header: number[], values: number[]): Buffer {
  const words = Buffer.alloc(4 * header.length);
  header.forEach((word, i) => {
    words.writeUInt32BE(word, 4 * i);
  });
  return Buffer.concat([words, Buffer.from(values)]);
}

const images = idx([2051, 2, 1, 3], [1, 2, 3, 4, 5, 255]);
const labels = idx([2049, 2], [9, 0]);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Describes a published file that unpacks to `content`. */
function describeFile(name: string, content: Buffer): DataFile {
  const packed = gzipSync(content);
  const unpacked = { name, bytes: content.length, sha256: sha256(content) };
  return { name: `${name}.gz`, bytes: packed.length, sha256: sha256(packed), mirrors: [], unpacked };
}

const imageFile = describeFile('images', images);
const labelFile = describeFile('labels', labels);
const load = () => loadImages(folder, imageFile, labelFile);

describe('a pair of IDX files', () => {
  const expected = {
    count: 2,
    rows: 1,
    columns: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 255),
    labels: Uint8Array.of(9, 0),
  };

  test('is read packed or unpacked', async () => {
    await writeFile(join(folder, 'images.gz'), gzipSync(images));
    await writeFile(join(folder, 'labels'), labels);
    expect(await load()).toEqual(expected);
  });

  test.each([
    [
      'an empty file',
      Buffer.alloc(0),
      labels,
      'images is damaged: the file ends at offset 0, within its 16 byte',
    ],
    ['a cut header', images.subarray(0, 15), labels, 'images is damaged: the file ends at offset 15, within'],
    [
      'labels for images',
      idx([2049, 20, 1, 1], []),
      labels,
      'offset 0: magic number 2049 (labels), expected 2051 (images)',
    ],
    [
      'another magic number',
      idx([7, 2, 1, 3], []),
      labels,
      'offset 0: magic number 7, expected 2051 (images)',
    ],
    ['no columns', idx([2051, 2, 1, 0], []), labels, 'offset 12: a size of 0'],
    ['a missing pixel', images.subarray(0, 21), labels, 'ends at offset 21; its header announces 22 bytes'],
    [
      'absurd sizes',
      idx([2051, 2 ** 32 - 1, 28, 28], []),
      labels,
      'its header announces 3367254359296 bytes',
    ],
    [
      'trailing bytes',
      Buffer.concat([images, Buffer.of(0, 0)]),
      labels,
      'offset 22: 2 bytes follow the last value',
    ],
    [
      'images for labels',
      images,
      images,
      'labels is damaged: offset 0: magic number 2051 (images), expected 2049',
    ],
    ['too few labels', images, idx([2049, 1], [9]), 'offset 4: the header announces 1 labels, but'],
    ['a label above 9', images, idx([2049, 2], [9, 10]), 'offset 9: label 10 is not one of 0-9'],
    [
      'other pixels',
      idx([2051, 2, 1, 3], [1, 2, 3, 4, 5, 6]),
      labels,
      'images is damaged: it is not the published file',
    ],
    ['other labels', images, idx([2049, 2], [1, 2]), 'labels is damaged: it is not the published file'],
  ])('with %s is refused with the offset and the repair', async (_, imageBytes, labelBytes, message) => {
    await writeFile(join(folder, 'images'), imageBytes);
    await writeFile(join(folder, 'labels'), labelBytes);
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain(folder);
    expect((error as Error).message).toContain("Run 'gnoise data fetch mnist'");
  });

  test.each([
    ['cut short', gzipSync(images).subarray(0, 20), 'unexpected end of file'],
    ['a bomb', gzipSync(Buffer.alloc(1e6)), 'Cannot create a Buffer larger than'],
  ])('that is %s is refused by name', async (_, bytes, message) => {
    await writeFile(join(folder, 'images.gz'), bytes);
    await writeFile(join(folder, 'labels'), labels);
    await expect(load()).rejects.toThrow(message);
    await expect(load()).rejects.toThrow(/images\.gz is damaged: .* the published one \d+/);
  });

  test('that is a page of a portal is refused by name', async () => {
    await writeFile(join(folder, 'images.gz'), '<html>Please log in</html>');
    await writeFile(join(folder, 'labels'), labels);
    await expect(load()).rejects.toThrow(/images\.gz is damaged: offset 0: magic number \d+, expected 2051/);
  });

  test('of which one is missing is refused by name', async () => {
    await writeFile(join(folder, 'images'), images);
    await expect(load()).rejects.toThrow(/labels\.gz is missing\.\nRun 'gnoise data fetch mnist'/);
  });
});

const real = resolve('../shared/data/mnist');
const present = existsSync(real);
if (!present) console.log(`Skipped: the tests on real MNIST, because there is no ${real}`);

describe.skipIf(!present)('real MNIST', () => {
  test('has its published counts and first labels', async () => {
    const { train, test } = await loadMnist(real);
    expect(train).toMatchObject({ count: 60_000, rows: 28, columns: 28 });
    expect(test).toMatchObject({ count: 10_000, rows: 28, columns: 28 });
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    const counts = (values: Uint8Array) =>
      Array.from({ length: 10 }, (_, digit) => values.filter((label) => label === digit).length);
    expect(counts(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  const contents = async () =>
    Promise.all(
      mnist.files.map(async ({ name, unpacked }) => ({
        name: unpacked!.name,
        bytes: gunzipSync(await readFile(join(real, name))),
      })),
    );
  const layouts: [string, () => Promise<unknown>][] = [
    ['unpacked', async () => put('', (name) => name)],
    ['in the folders of torchvision', async () => put('MNIST/raw', (name) => name)],
    ['with dots in the names', async () => put('mnist', (name) => name.replace('-idx', '.idx'))],
    ['unpacked under packed names', async () => put('', (name) => `${name}.gz`)],
    ['packed again, beside empty files', async () => repack()],
    ["as Keras's archive", async () => keras()],
  ];

  test.each(layouts)('is found and accepted %s, by the checksum of the content', async (_, make) => {
    await make();
    const place = await findMnist([folder]);
    expect(place).not.toBeNull();
    const { train, test } = await loadMnist(place!);
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  });

  test('gives way to a good copy in a later folder, and is named where there is none', async () => {
    await put('bad', (name) => name);
    const name = mnist.files[3]!.unpacked!.name;
    await writeFile(join(folder, 'bad', name), '');
    await put('good', (each) => each);
    const [bad, good] = [join(folder, 'bad'), join(folder, 'good')];
    expect(await findMnist([bad, good])).toBe(good);
    expect(await findMnist([bad])).toBeNull();
    const notice = () => {};
    await expect(obtainPublished(mnist, { folders: [bad], offline: true, notice })).rejects.toThrow(
      `${join(bad, name)}: it is empty`,
    );
  });

  async function put(place: string, rename: (name: string) => string): Promise<void> {
    await mkdir(join(folder, place), { recursive: true });
    for (const { name, bytes } of await contents()) await writeFile(join(folder, place, rename(name)), bytes);
  }

  async function repack(): Promise<void> {
    for (const { name, bytes } of await contents()) {
      await writeFile(join(folder, `${name}.gz`), '');
      await writeFile(join(folder, name), gzipSync(bytes, { level: 1 }));
    }
  }

  async function keras(): Promise<void> {
    const shapes = ['(60000, 28, 28)', '(60000,)', '(10000, 28, 28)', '(10000,)'];
    const arrays = ['x_train', 'y_train', 'x_test', 'y_test'];
    const entries = (await contents()).map(({ bytes }, i) => {
      const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shapes[i]}, }\n`;
      const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
      const values = bytes.subarray(bytes.length - (i % 2 === 0 ? 784 : 1) * (i < 2 ? 60_000 : 10_000));
      return [`${arrays[i]}.npy`, Buffer.concat([start, Buffer.from(header), values])] as const;
    });
    await writeFile(join(folder, 'mnist.npz'), zipSync(Object.fromEntries(entries), { level: 1 }));
  }

  test('with one changed byte is refused', async () => {
    for (const { name } of mnist.files.slice(0, 3)) await symlink(join(real, name), join(folder, name));
    const content = gunzipSync(await readFile(join(real, mnist.files[3]!.name)));
    content[5000] = (content[5000]! + 1) % 10;
    await writeFile(join(folder, mnist.files[3]!.unpacked!.name), content);
    await expect(loadMnist(folder)).rejects.toThrow(
      /t10k-labels-idx1-ubyte is damaged: it is not the published/,
    );
  });
});
