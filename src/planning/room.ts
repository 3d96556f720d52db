import { totalmem } from 'node:os';
import type { OpenBackend } from '../backends/index.js';

/** The memory that training can have at most. */
export interface Room {
  /** Bytes of all processes together. */
  readonly bytes: number;
  /** Whose they are, for messages. */
  readonly owner: string;
  /** Bytes of one process. */
  readonly processBytes: number;
  readonly processOwner: string;
}

/** WebAssembly's addresses have 32 bits. */
const WASM_BYTES = 2 ** 32;

export function roomOf({ name, deviceBytes }: Pick<OpenBackend, 'name' | 'deviceBytes'>): Room {
  const [bytes, owner] = deviceBytes === null ? [machineBytes(), 'this machine'] : [deviceBytes, 'the GPU'];
  const isSmaller = name === 'wasm' && WASM_BYTES < bytes;
  return {
    bytes,
    owner,
    processBytes: isSmaller ? WASM_BYTES : bytes,
    processOwner: isSmaller ? 'WebAssembly' : owner,
  };
}

/** Memory of this machine, or of the container that this process runs in. */
export function machineBytes(): number {
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** `3.6 GiB` */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))} ${units[power]}`;
}
