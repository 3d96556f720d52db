import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { FunctionName, KernelFunction } from '../functions.js';
import { instructionSets, openNativeFunctions, useThreads } from './addon.js';

declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  Instance: new (module: object, imports: object) => { readonly exports: object };
  compile(bytes: Uint8Array): Promise<object>;
};

const MODULE = new URL('../../../dist/kernels/gnoise.wasm', import.meta.url);

export type Exports = { readonly [name: string]: KernelFunction };

let compiled: Promise<object> | undefined;

/** A memory, and the wasm kernels on it. */
export async function openWasmKernels(pages: number) {
  compiled ??= readFile(MODULE).then((bytes) => WebAssembly.compile(bytes));
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(await compiled, { env: { memory } });
  return { memory, kernels: exports as unknown as Exports };
}

/** Random numbers that are the same in every run (Mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(all: readonly T[]): T {
    return all[this.integer(0, all.length - 1)]!;
  }
}

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-40, 3e38, 1e-30];

/** Arguments of one call, in a memory that begins at address 64 and is filled as they are asked for. */
export class Case {
  readonly random: Random;
  readonly #bytes: DataView;
  /** Chance of a number that is not ordinary. */
  readonly #special: number;
  readonly #scale: number;
  #end = 64;
  #scratch: number;

  constructor(seed: number, memory: { readonly buffer: ArrayBuffer }) {
    this.random = new Random(seed);
    this.#bytes = new DataView(memory.buffer);
    this.#scratch = memory.buffer.byteLength;
    this.#special = this.random.pick([0, 0, 0.02, 0.3]);
    this.#scale = this.random.pick([1, 1, 1, 30, 1e-3]);
  }

  /** Where what was asked for ends; scratch does not count. */
  get end(): number {
    return this.#end;
  }

  /** A size of an axis: mostly around the widths of vectors and tiles. */
  size(most = 150): number {
    const { random } = this;
    const near = random.pick([1, 4, 8, 16, 24, 32, 48, 64, 96, 128]) + random.integer(-2, 3);
    return Math.max(1, Math.min(most, random.next() < 0.7 ? near : random.integer(1, most)));
  }

  flag(): boolean {
    return this.random.next() < 0.5;
  }

  /** Somewhere behind all that was given before, a few untouched words apart. */
  #place(bytes: number): number {
    const at = this.#end + 4 * this.random.integer(1, 20);
    this.#end = at + Math.ceil(bytes / 4) * 4 + 4;
    if (this.#end > this.#scratch) throw new Error('The case does not fit the memory.');
    return at;
  }

  floats(count: number, number = () => this.float()): number {
    const at = this.#place(count * 4);
    for (let i = 0; i < count; i++) this.#bytes.setFloat32(at + 4 * i, number(), true);
    return at;
  }

  integers(count: number, number: () => number): number {
    const at = this.#place(count * 4);
    for (let i = 0; i < count; i++) this.#bytes.setInt32(at + 4 * i, number(), true);
    return at;
  }

  /** For what a kernel writes; filled, so that what it leaves is seen. */
  output(count: number): number {
    return this.floats(count, () => 7.5);
  }

  /** Whose contents afterwards are nobody's business. */
  scratch(bytes: number): number {
    this.#scratch -= Math.ceil(bytes / 64) * 64;
    return this.#scratch;
  }

  float(): number {
    const { random } = this;
    if (random.next() < this.#special) return random.pick(SPECIAL);
    return (random.next() + random.next() + random.next() - 1.5) * this.#scale;
  }
}

export type MakeCase = (given: Case, wasm: Exports) => readonly number[];

const CASES = 60;
const PAGES = 64;

/**
 * Declares, for each instruction set of this processor, that a kernel on so many threads leaves the bits in memory that the
 * wasm kernel leaves: over cases drawn at random, in all of the memory but for scratch. One NaN is as good as another, since
 * which of two goes on is left open by WebAssembly as well.
 */
export function itHasTheBitsOfWasm(kernel: FunctionName, makeCase: MakeCase, threads = 1): void {
  const sets = instructionSets();
  const how = threads === 1 ? '' : ` with ${threads} threads`;
  if (sets.length === 0) it.skip(`${kernel}: no native kernels were built`, () => {});
  it.each(sets)(`${kernel} leaves on %s${how} the bits that the wasm kernel leaves`, async (set) => {
    const wasm = await openWasmKernels(PAGES);
    const copy = new WebAssembly.Memory({ initial: PAGES });
    // As if any work were worth a thread.
    useThreads(threads, 0);
    const native = openNativeFunctions(set, copy);
    expect(Object.keys(native)).toContain(kernel);
    for (let seed = 1; seed <= CASES; seed++) {
      new Uint8Array(wasm.memory.buffer).fill(0);
      const given = new Case(seed, wasm.memory);
      const numbers = makeCase(given, wasm.kernels);
      new Uint8Array(copy.buffer).set(new Uint8Array(wasm.memory.buffer));
      wasm.kernels[kernel]!(...numbers);
      native[kernel]!(...numbers);
      const difference = firstDifference(wasm.memory.buffer, copy.buffer, given.end);
      expect(difference, `case ${seed}: ${kernel}(${numbers.join(', ')})`).toBeUndefined();
    }
  });
}

/** In words, where two memories differ before `end`. */
function firstDifference(wasm: ArrayBuffer, native: ArrayBuffer, end: number): string | undefined {
  if (Buffer.compare(new Uint8Array(wasm, 0, end), new Uint8Array(native, 0, end)) === 0) return undefined;
  const [a, b] = [new Float32Array(wasm, 0, end / 4), new Float32Array(native, 0, end / 4)];
  const [bitsA, bitsB] = [new Uint32Array(wasm, 0, end / 4), new Uint32Array(native, 0, end / 4)];
  const i = bitsA.findIndex(
    (bits, at) => bits !== bitsB[at] && !(Number.isNaN(a[at]) && Number.isNaN(b[at])),
  );
  if (i < 0) return undefined;
  return `address ${4 * i}: wasm ${a[i]} (${bitsA[i]!.toString(16)}), native ${b[i]} (${bitsB[i]!.toString(16)})`;
}

/** Bytes that the caller's table of constants takes, filled. */
export function workspaceFor(given: Case, wasm: Exports): number {
  const workspace = given.scratch((wasm.WORKSPACE_BYTES as unknown as { value: number }).value);
  wasm.fillWorkspace!(workspace);
  return workspace;
}
