import { createRequire } from 'node:module';

// The package types its main module only, and this one has the same functions.
const { buf: crc32c } = createRequire(import.meta.url)('crc-32/crc32c.js') as typeof import('crc-32');

/**
 * A record as TFRecord files hold it: length, its checksum, the data, its checksum; little-endian
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord).
 */
export function tfRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length));
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** CRC-32C, rotated and shifted, since the checksum of data that hold their own checksum is weak. */
export function maskedCrc32c(data: Uint8Array): number {
  const crc = crc32c(data) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
