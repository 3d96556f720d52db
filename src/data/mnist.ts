import { join } from 'node:path';
import { UserError } from '../errors.js';
import type { Container, DataFile, DataSet, Stored } from './archive.js';
import { findDataSet } from './find.js';
import { type Column, idxFromTable } from './hugging-face.js';
import type { ImageSet, Images } from './images.js';
import { lookFor } from './look.js';
import { idxFromNpz } from './npz.js';

const mirrors = [
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
];

function published(
  name: string,
  bytes: number,
  sha256: string,
  unpacked: [number, string],
  array: string,
  column: Column,
): DataFile {
  const plain = { name, bytes: unpacked[0], sha256: unpacked[1] };
  const packed = `${name}.gz`;
  // As some unpackers and copies call it.
  const dotted = name.replace('-idx', '.idx');
  // Keras's copy of MNIST.
  const keras: Container = { name: 'mnist.npz', extract: async (npz) => idxFromNpz(await npz.read(), array) };
  return {
    name: packed,
    bytes,
    sha256,
    mirrors: mirrors.map((base) => base + packed),
    unpacked: plain,
    aliases: [dotted, `${dotted}.gz`],
    within: [keras, ...huggingFace(array.endsWith('train') ? 'train' : 'test', column)],
  };
}

/** Hugging Face's copies: as they lie on the hub, in its branch of converted files, in the cache of `datasets`, and saved by that. */
function huggingFace(split: string, column: Column): Container[] {
  const parquet = [
    ...['mnist/', 'data/', ''].map((folder) => `${folder}${split}-00000-of-00001.parquet`),
    ...['mnist/', ''].map((folder) => `${folder}${split}/0000.parquet`),
  ];
  const arrow = [`mnist-${split}.arrow`, `${split}/data-00000-of-00001.arrow`];
  return [
    ...parquet.map((name) => ({
      name,
      extract: async (file: Stored) => idxFromTable('parquet', await file.read(), column),
    })),
    ...arrow.map((name) => ({
      name,
      extract: async (file: Stored) => idxFromTable('arrow', await file.read(), column),
    })),
  ];
}

const trainImages = published(
  'train-images-idx3-ubyte',
  9_912_422,
  '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
  [47_040_016, 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'],
  'x_train',
  'image',
);
const trainLabels = published(
  'train-labels-idx1-ubyte',
  28_881,
  '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
  [60_008, '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'],
  'y_train',
  'label',
);
const testImages = published(
  't10k-images-idx3-ubyte',
  1_648_877,
  '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
  [7_840_016, '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'],
  'x_test',
  'image',
);
const testLabels = published(
  't10k-labels-idx1-ubyte',
  4_542,
  'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
  [10_008, 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'],
  'y_test',
  'label',
);

/** The MNIST database of handwritten digits: 60,000 training and 10,000 test images of 28 x 28. */
export const mnist: DataSet = {
  name: 'mnist',
  title: 'MNIST database of handwritten digits',
  licence: 'CC BY-SA 3.0',
  source: 'Yann LeCun, Corinna Cortes and Christopher J. C. Burges, http://yann.lecun.com/exdb/mnist/',
  files: [trainImages, trainLabels, testImages, testLabels],
  // After our own, those of torchvision, of Hugging Face's hub and of its `datasets`, in their caches and above them.
  subfolders: [
    ...['mnist', '', 'MNIST/raw'],
    ...['', 'hub/'].flatMap((hub) => [
      `${hub}datasets--ylecun--mnist/snapshots/*`,
      `${hub}datasets--mnist/snapshots/*`,
    ]),
    ...['', 'datasets/'].flatMap((cache) => [`${cache}ylecun___mnist/*/*/*`, `${cache}mnist/mnist/*/*`]),
  ],
};

/** The first place below `folders` that holds all four files of MNIST as published, or null. */
export function findMnist(folders: readonly string[]): Promise<string | null> {
  return findDataSet(mnist, folders);
}

/**
 * Reads MNIST from the four IDX files in `folder`, packed or not, or from Keras's or Hugging Face's copies of them.
 * The SHA-256 of what they hold is checked every time.
 * @throws UserError when a file is missing, malformed or not the published one.
 */
export async function loadMnist(folder: string): Promise<ImageSet> {
  const [train, test] = await Promise.all([
    loadImages(folder, trainImages, trainLabels),
    loadImages(folder, testImages, testLabels),
  ]);
  return { train, test };
}

/**
 * Reads a pair of IDX files that belong together.
 * The structure is looked at before the checksum, because "ends at offset 1,000" helps more than two hashes do.
 */
export async function loadImages(folder: string, imageFile: DataFile, labelFile: DataFile): Promise<Images> {
  const [imageSource, labelSource] = await Promise.all([open(folder, imageFile), open(folder, labelFile)]);
  const { dimensions, values: pixels } = readIdx(imageSource.path, imageSource.idx, imageMagic);
  const { values: labels } = readIdx(labelSource.path, labelSource.idx, labelMagic);
  const [count, rows, columns] = dimensions as [number, number, number];
  if (labels.length !== count) {
    const counts = `${labels.length} labels, but ${imageSource.path} has ${count} images`;
    throw damaged(labelSource.path, `offset 4: the header announces ${counts}`);
  }
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw damaged(labelSource.path, `offset ${8 + wrong}: label ${labels[wrong]} is not one of 0-9`);
  }
  for (const { path, fault } of [imageSource, labelSource]) if (fault !== null) throw damaged(path, fault);
  return { count, rows, columns, pixels, labels };
}

/** Magic numbers of IDX files of unsigned bytes: 0x0800 + the number of dimensions. */
const imageMagic = 2051;
const labelMagic = 2049;
const meanings = new Map([
  [imageMagic, 'images'],
  [labelMagic, 'labels'],
]);

/**
 * Splits an IDX file into its dimensions and values: big-endian 32-bit magic number and sizes, then unsigned bytes.
 * @throws UserError when the magic number differs or the file is not exactly as long as its header says.
 */
function readIdx(path: string, idx: Buffer, magic: number): { dimensions: number[]; values: Uint8Array } {
  const rank = magic % 256;
  const header = 4 + 4 * rank;
  if (idx.length < header) {
    throw damaged(path, `the file ends at offset ${idx.length}, within its ${header} byte header`);
  }
  const found = idx.readUInt32BE(0);
  if (found !== magic) {
    const meaning = meanings.has(found) ? ` (${meanings.get(found)})` : '';
    throw damaged(
      path,
      `offset 0: magic number ${found}${meaning}, expected ${magic} (${meanings.get(magic)})`,
    );
  }
  const dimensions = Array.from({ length: rank }, (_, axis) => idx.readUInt32BE(4 + 4 * axis));
  const zero = dimensions.indexOf(0);
  if (zero >= 0) throw damaged(path, `offset ${4 + 4 * zero}: a size of 0`);
  const end = header + dimensions.reduce((product, size) => product * size, 1);
  if (idx.length < end) {
    throw damaged(path, `the file ends at offset ${idx.length}; its header announces ${end} bytes`);
  }
  if (idx.length > end) throw damaged(path, `offset ${end}: ${idx.length - end} bytes follow the last value`);
  return { dimensions, values: new Uint8Array(idx.buffer, idx.byteOffset + header, end - header) };
}

interface Source {
  readonly path: string;
  /** The IDX content, unpacked if need be. */
  readonly idx: Buffer;
  /** Why it is not the published one; null when it is. */
  readonly fault: string | null;
}

async function open(folder: string, file: DataFile): Promise<Source> {
  const look = await lookFor(folder, file);
  if (look.state === 'missing') throw new UserError(`${join(folder, file.name)} is missing.\n${repair}`);
  const { path, content } = look;
  if (look.state === 'good') return { path, idx: look.content, fault: null };
  if (content === null) throw damaged(path, look.reason);
  return { path, idx: content, fault: look.reason };
}

const repair =
  "Run 'gnoise data fetch mnist' to download it, or name the folder that holds MNIST with --data.";

function damaged(path: string, problem: string): UserError {
  return new UserError(`${path} is damaged: ${problem}.\n${repair}`);
}
