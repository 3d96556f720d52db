import { parquetReadObjects } from 'hyparquet';
import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { exampleRecord } from '../tables/example.test-helper.js';
import { curvesCsv, curvesParquet, runFolder } from './curves.js';
import { eventFile } from './events.js';
import { maskedCrc32c } from './tfrecord.js';

const unmasked = (masked: number) => {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
};

test.each([
  // RFC 3720, B.4, and the check value of the CRC catalogue.
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [Buffer.from('123456789'), 0xe3069283],
])('checksums are those of published vectors', (data, crc) => {
  expect(unmasked(maskedCrc32c(data))).toBe(crc);
});

const record = {
  ...exampleRecord({ seed: 3 }, 0.5),
  curve: [
    { step: 600, loss: 2.5, metrics: { testAccuracy: 0.25 }, gradient: { norm: 4, rms: 0.5 } },
    { step: 3_000_000_000, loss: Number.NaN, metrics: { testAccuracy: 0.5 } },
  ],
};

/** What an event file holds, read by the format's description: step, and scalars by tag; checks every checksum. */
function readEvents(file: Buffer): { step: number; version: string; scalars: [string, number][] }[] {
  const events = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc32c(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    const read = { step: 0, version: '', scalars: [] as [string, number][] };
    new PbfReader(data).readFields((tag, _, reader) => {
      if (tag === 2) read.step = reader!.readVarint();
      if (tag === 3) read.version = reader!.readString();
      if (tag === 5)
        reader!.readMessage((_field, scalars, summary) => {
          const scalar: [string, number] = ['', 0];
          summary!.readMessage((field, into, value) => {
            if (field === 1) into[0] = value!.readString();
            if (field === 2) into[1] = value!.readFloat();
          }, scalar);
          scalars.push(scalar);
        }, read.scalars);
    }, read);
    events.push(read);
    at += length + 16;
  }
  return events;
}

test('an event file begins with its version and has every point of the curve', () => {
  expect(readEvents(Buffer.from(eventFile(record)))).toEqual([
    { step: 0, version: 'brain.Event:2', scalars: [] },
    {
      step: 600,
      version: '',
      scalars: [
        ['loss', 2.5],
        ['testAccuracy', 0.25],
        ['gradientNorm', 4],
        ['gradientRms', 0.5],
      ],
    },
    {
      step: 3_000_000_000,
      version: '',
      scalars: [
        ['loss', Number.NaN],
        ['testAccuracy', 0.5],
      ],
    },
  ]);
});

const placed = {
  record,
  setting: 'a, b',
  arm: 'no-noise',
  variation: { 'train.rate': 0.1 },
  fallback: null,
};

test('CSV has a line for each trial, step and figure, and runs are grouped by arm', () => {
  const lines = curvesCsv([placed]).trim().split('\n');
  expect(lines).toHaveLength(7);
  expect(lines[4]).toBe(
    `mnist20,desk,"a, b",no-noise,"{""train.rate"":0.1}",3,${record.id},600,gradientRms,0.5`,
  );
  expect(lines[5]).toBe(
    `mnist20,desk,"a, b",no-noise,"{""train.rate"":0.1}",3,${record.id},3000000000,loss,NaN`,
  );
  expect(runFolder(placed)).toMatch(/^mnist20\/desk\/no-noise\//);
});

test('Parquet has the same lines, with numbers as numbers, also when another program reads it', async () => {
  const { buffer } = await curvesParquet([placed]);
  const rows = await parquetReadObjects({ file: buffer as ArrayBuffer });
  expect(rows).toHaveLength(6);
  expect(rows[4]).toEqual({
    config: 'mnist20',
    profile: 'desk',
    setting: 'a, b',
    arm: 'no-noise',
    variation: '{"train.rate":0.1}',
    seed: 3n,
    trial: record.id,
    step: 3_000_000_000n,
    figure: 'loss',
    value: Number.NaN,
  });
  const { buffer: empty } = await curvesParquet([]);
  expect(await parquetReadObjects({ file: empty as ArrayBuffer })).toEqual([]);
});
