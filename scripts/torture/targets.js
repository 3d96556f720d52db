// What reads files of others, and what it may answer: each target makes a good file, and gives a change of it to the
// public function that reads it. `check` returns null, or what must not be in one sentence.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { binary, int64, struct, tableFromArrays, tableToIPC, utf8 } from '@uwdata/flechette';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { create } from 'tar';
import { runnerImport } from 'vite';
import { loadConfig } from '../../dist/config/load.js';
import { ConfigError } from '../../dist/config/problem.js';
import { parseStories } from '../../dist/data/babi/parse.js';
import { idxFromTable } from '../../dist/data/hugging-face.js';
import { Unpackable } from '../../dist/data/look.js';
import { DownloadError } from '../../dist/data/mirrors.js';
import { loadImages } from '../../dist/data/mnist.js';
import { unpackFiles } from '../../dist/data/unpack.js';
import { UserError } from '../../dist/errors.js';
import { experiments } from '../../dist/experiments/index.js';
import { sha256 } from '../../dist/files/sha256.js';
import { decodeRecord } from '../../dist/results/encoding.js';
import { Checkpoints } from '../../dist/runner/checkpoints.js';
import { byteMutation, jsonMutation } from './mutations.js';
import { ROOT } from './product.js';

const TARGETS = { config, record, checkpoint, archive, images, digits, stories };
export const targets = Object.keys(TARGETS);

/** @param folder of its own, empty. */
export async function openTarget(name, folder) {
  return TARGETS[name](folder);
}

async function config(folder) {
  // The changes that the config's own tests make.
  const { module: ofTests } = await runnerImport(`${ROOT}src/config/mutations.test-helper.ts`);
  const texts = readdirSync(join(ROOT, 'configs')).map((name) =>
    readFileSync(join(ROOT, 'configs', name), 'utf8'),
  );
  const file = join(folder, 'mutated.yaml');
  const onBytes = byteMutation.map((change) => (text) => change(Buffer.from(text)));
  return {
    inputs: fc
      .tuple(fc.constantFrom(...texts), fc.oneof({ weight: 3, arbitrary: ofTests.mutation }, onBytes))
      .map(([text, change]) => change(text)),
    check(content) {
      writeFileSync(file, content);
      return answers(() => loadConfig(file, experiments, {}), ConfigError);
    },
  };
}

function record() {
  const chosen = readdirSync(join(ROOT, 'results')).flatMap((name) => {
    const [profile] = readdirSync(join(ROOT, 'results', name));
    const trials = join(ROOT, 'results', name, profile, 'trials');
    return readdirSync(trials)
      .slice(0, 2)
      .map((file) => join(trials, file));
  });
  const texts = chosen.map((file) => readFileSync(file, 'utf8'));
  const onBytes = byteMutation.map((change) => (text) => change(Buffer.from(text)).toString());
  return {
    inputs: fc
      .tuple(fc.constantFrom(...texts), fc.oneof(jsonMutation, onBytes))
      .map(([text, change]) => ({ id: JSON.parse(text).id, text: change(text) })),
    check({ id, text }) {
      return answers(() => {
        const read = decodeRecord(text, id);
        if ('reason' in read) {
          const problem = faultOf(read.reason);
          if (problem !== null) throw new Error(problem);
        } else if (read.record.id !== id) throw new Error('the record of another trial was taken');
      });
    },
  };
}

/** A damaged checkpoint beside a good one, whose trials must still be found. */
async function checkpoint(folder) {
  const checkpoints = new Checkpoints(folder);
  const snapshot = (ids, step) => ({
    ids,
    step,
    tensors: [
      {
        name: 'w',
        shape: [ids.length, 50],
        dtype: 'float32',
        data: new Float32Array(50 * ids.length).fill(step),
      },
    ],
  });
  const [good, bad] = [checkpoints.path(['a']), checkpoints.path(['b', 'c'])];
  await checkpoints.write(good, snapshot(['a'], 10), 1, '2026-01-01T00:00:00Z');
  await checkpoints.write(bad, snapshot(['b', 'c'], 20), 1, '2026-01-01T00:00:00Z');
  const [goodBytes, whole] = [readFileSync(good), readFileSync(bad)];
  const headerBytes = whole.readUInt32LE(12);
  // A header of another structure in a file that is otherwise right, its checksum included.
  const onHeader = jsonMutation.map((change) => (bytes) => {
    const header = Buffer.from(change(bytes.toString('utf8', 16, 16 + headerBytes)));
    const prelude = Buffer.from(bytes.subarray(0, 16));
    prelude.writeUInt32LE(header.length, 12);
    const body = Buffer.concat([prelude, header, bytes.subarray(16 + headerBytes, -32)]);
    return Buffer.concat([body, Buffer.from(sha256(body), 'hex')]);
  });
  return {
    inputs: fc.oneof(byteMutation, onHeader).map((change) => change(whole)),
    async check(bytes) {
      writeFileSync(bad, bytes);
      rmSync(`${bad}.damaged`, { force: true });
      return answers(async () => {
        const found = await checkpoints.find(new Set(['b', 'c']));
        const isWhole =
          found?.file !== bad || found.snapshot.tensors.every(({ data }) => data.every((x) => x === 20));
        if (!isWhole && bytes.subarray(-32).equals(whole.subarray(-32)))
          throw new Error('damaged tensors were taken');
        const other = await checkpoints.find(new Set(['a']));
        if (other === null) throw new Error('a good checkpoint beside a damaged one is not found');
        if (!readFileSync(good).equals(goodBytes)) throw new Error('a good checkpoint was changed');
      });
    },
  };
}

async function archive(folder) {
  const inner = join(folder, 'root');
  mkdirSync(inner);
  const contents = [1, 2].map((n) => [
    `task${n}.txt`,
    Buffer.from(`1 Mary went home ${n}.\n`.repeat(100 * n)),
  ]);
  for (const [name, bytes] of contents) writeFileSync(join(inner, name), bytes);
  const file = join(folder, 'archive.tar.gz');
  await create({ gzip: true, cwd: folder, file }, ['root']);
  const packed = readFileSync(file);
  const plain = gunzipSync(packed);
  const wanted = contents.map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) }));
  return {
    inputs: fc.oneof(
      byteMutation.map((change) => change(packed)),
      byteMutation.map((change) => gzipSync(change(plain))),
    ),
    check(bytes) {
      writeFileSync(file, bytes);
      return answers(async () => {
        const read = await unpackFiles(file, 'root/', wanted);
        for (const [name, bytes] of contents)
          if (!read.get(name).equals(bytes)) throw new Error(`another ${name} was unpacked`);
        if (readdirSync(folder).length !== 2) throw new Error('something else was written');
      }, DownloadError);
    },
  };
}

/** A pair of IDX files in MNIST's form, small; one of them is changed. */
function images(folder) {
  const count = 20;
  const idx = (magic, sizes, values) => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    for (const [i, each] of [magic, ...sizes].entries()) header.writeUInt32BE(each, 4 * i);
    return Buffer.concat([header, values]);
  };
  const plain = {
    images: idx(
      2051,
      [count, 28, 28],
      Buffer.from(Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256)),
    ),
    labels: idx(2049, [count], Buffer.from(Array.from({ length: count }, (_, i) => i % 10))),
  };
  const described = (name) => {
    const packed = gzipSync(plain[name]);
    writeFileSync(join(folder, `${name}.gz`), packed);
    const unpacked = { name, bytes: plain[name].length, sha256: sha256(plain[name]) };
    return { name: `${name}.gz`, bytes: packed.length, sha256: sha256(packed), mirrors: [], unpacked };
  };
  const [imageFile, labelFile] = ['images', 'labels'].map(described);
  const one = (name) =>
    fc.oneof(
      byteMutation.map((change) => ({ name, bytes: change(gzipSync(plain[name])) })),
      byteMutation.map((change) => ({ name, bytes: gzipSync(change(plain[name])) })),
      byteMutation.map((change) => ({ name, bytes: change(plain[name]) })),
    );
  return {
    inputs: fc.oneof(one('images'), one('labels')),
    async check({ name, bytes }) {
      writeFileSync(join(folder, 'images.gz'), gzipSync(plain.images));
      writeFileSync(join(folder, 'labels.gz'), gzipSync(plain.labels));
      writeFileSync(join(folder, `${name}.gz`), bytes);
      return answers(async () => {
        const { pixels, labels } = await loadImages(folder, imageFile, labelFile);
        if (!plain.images.subarray(16).equals(pixels) || !plain.labels.subarray(8).equals(labels))
          throw new Error('other images were read than the published ones');
      });
    },
  };
}

/** Two digits in Hugging Face's form, as Parquet and as Arrow; one of the files is changed. */
function digits() {
  const pixels = Buffer.from(
    Array.from({ length: 29 * 28 }, (_, i) => (i % 29 === 0 ? i % 5 : (i * 7) % 256)),
  );
  const chunk = (type, data) => {
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.write(type, 4, 'latin1');
    return Buffer.concat([frame, data, Buffer.alloc(4)]);
  };
  const header = Buffer.from('0000001c0000001c0800000000', 'hex');
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const bytes = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels))]);
  const rows = [1, 2].map(() => ({ bytes: new Uint8Array(bytes), path: null }));
  const optional = { repetition_type: 'OPTIONAL' };
  const parquet = parquetWriteBuffer({
    schema: [
      { name: 'schema', num_children: 2 },
      { name: 'image', num_children: 2, ...optional },
      { name: 'bytes', type: 'BYTE_ARRAY', ...optional },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...optional },
      { name: 'label', type: 'INT64', ...optional },
    ],
    columnData: [
      { name: 'image', data: rows },
      { name: 'label', data: [3n, 8n] },
    ],
  });
  const types = { image: struct({ bytes: binary(), path: utf8() }), label: int64() };
  const arrow = tableToIPC(tableFromArrays({ image: rows, label: [3, 8] }, { types }), { format: 'stream' });
  const one = (format, file) =>
    fc
      .tuple(byteMutation, fc.constantFrom('image', 'label'))
      .map(([change, column]) => ({ format, column, bytes: Buffer.from(change(Buffer.from(file))) }));
  return {
    inputs: fc.oneof(one('parquet', parquet), one('arrow', arrow)),
    check: ({ format, column, bytes }) => answers(() => idxFromTable(format, bytes, column), Unpackable),
  };
}

function stories() {
  const text =
    '1 Mary moved to the bathroom.\n2 John went to the hallway.\n3 Where is Mary? \tbathroom\t1\n' +
    '1 Fred is here.\n2 Where is Fred?\tnorth,south\t1\n';
  return {
    inputs: byteMutation.map((change) => change(Buffer.from(text.repeat(20))).toString()),
    check: (changed) => answers(() => parseStories(changed, 'qa1.txt')),
  };
}

/** Runs what may end well or in one kind of error, which has a message of sensible length. */
async function answers(read, Refusal = UserError) {
  try {
    await read();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) return `${error?.stack ?? error}`.split('\n').slice(0, 3).join(' | ');
    return faultOf(error.message);
  }
}

/** What is wrong with a message: that there is none, that it is endless, or that a terminal would obey it. */
function faultOf(message) {
  if (message.trim() === '' || message.length > 12_000) return `a message of ${message.length} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(message))
    return `a message with control characters: ${JSON.stringify(message).slice(0, 200)}`;
  return null;
}
