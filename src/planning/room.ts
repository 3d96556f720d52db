import { totalmem } from 'node:os';
import type { OpenBackend } from '../backends/index.js';

/** Memory that training can have at most. */
export interface Room {
  readonly bytes: number;
  /** What there is, as the end of a sentence: `WebAssembly reaches 4 GiB`. */
  readonly text: string;
}

/** What all processes share, and what one of them can have. */
export interface Rooms {
  readonly all: Room;
  readonly process: Room;
}

/** What a process takes before it trains anything: Node.js, TensorFlow.js and the kernels. */
export const PROCESS_BYTES = 150 * 2 ** 20;

/** WebAssembly's addresses have 32 bits. */
const WASM_BYTES = 2 ** 32;

export function roomsOf({
  name,
  deviceBytes,
  cards,
}: Pick<OpenBackend, 'name' | 'deviceBytes' | 'cards'>): Rooms {
  if (deviceBytes !== null) {
    const text = `the GPU has ${bytesText(deviceBytes)} free`;
    const bytes = deviceBytes * Math.max(1, cards.length);
    const together = `the ${cards.length} GPUs have ${bytesText(bytes)} free together`;
    return {
      all: { bytes, text: cards.length > 1 ? together : text },
      process: { bytes: deviceBytes, text },
    };
  }
  const all = machineRoom();
  const isSmaller = name === 'wasm' && WASM_BYTES < all.bytes;
  return {
    all,
    process: isSmaller ? { bytes: WASM_BYTES, text: `WebAssembly reaches ${bytesText(WASM_BYTES)}` } : all,
  };
}

function machineRoom(bytes = machineBytes()): Room {
  return { bytes, text: `this machine has ${bytesText(bytes)}` };
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
