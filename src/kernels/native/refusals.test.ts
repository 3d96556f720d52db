import { describe, expect, it } from 'vitest';
import type { FunctionName } from '../functions.js';
import { instructionSets, openNativeFunctions, useThreads } from './addon.js';
import { CASES } from './cases.test-helper.js';
import { Case, openWasmKernels, Random } from './same-bits.test-helper.js';

// A kernel that touched memory beyond the heap would end this process: WebAssembly's memory lies before pages that nothing
// may touch.

const PAGES = 32;
const END = PAGES * 65536;
const sets = instructionSets();
const kernels = Object.keys(CASES) as FunctionName[];

/** Arguments that are no whole numbers from 0 on. */
const NO_NUMBERS = [Number.NaN, -1, 0.5, 2 ** 32, 1e300, -Infinity, Infinity, undefined as unknown as number];

/** Where the one argument that may be any number stands, the machine's epsilon. */
const EPSILON: { readonly [kernel in FunctionName]?: number } = { machineStep: 11, machineStepGradient: 15 };

/** A case that both kinds of kernel accept, in a memory of its own. */
async function validCase(kernel: FunctionName, set: string, seed: number) {
  const wasm = await openWasmKernels(PAGES);
  const numbers = [...CASES[kernel](new Case(seed, wasm.memory), wasm.kernels)];
  return { numbers, memory: wasm.memory, run: openNativeFunctions(set, wasm.memory)[kernel]! };
}

// Whatever is shared out keeps to the memory, too.
useThreads(3, 0);

if (sets.length === 0) it.skip('refusals: no native kernels were built', () => {});

describe.each(sets)('kernels for %s', (set) => {
  it.each(kernels)('%s takes nothing for an address or a count that is none', async (kernel) => {
    const { numbers, run } = await validCase(kernel, set, 1);
    for (const place of numbers.keys()) {
      if (place === EPSILON[kernel]) continue;
      for (const wrong of NO_NUMBERS) {
        const call = () => run(...numbers.with(place, wrong));
        expect(call, `argument ${place + 1} is ${wrong}`).toThrow(RangeError);
        expect(call).toThrow(`${kernel}: argument ${place + 1} is `);
      }
    }
    expect(() => run(...numbers)).not.toThrow();
  });

  it.each(kernels)(
    '%s refuses what begins in the memory and ends behind it, or is no multiple of 4',
    async (kernel) => {
      const { numbers, run } = await validCase(kernel, set, 2);
      run(...numbers);
      // Scratch and workspace are the wasm kernels' alone; they lie at the end of the memory.
      const addresses = [...numbers.keys()].filter(
        (i) => numbers[i]! >= 64 && numbers[i]! < END / 2 && isAddress(i),
      );
      expect(addresses.length).toBeGreaterThan(1);
      for (const place of addresses) {
        expect(() => run(...numbers.with(place, END - 2)), `argument ${place + 1}`).toThrow(RangeError);
        expect(() => run(...numbers.with(place, 2 ** 32 - 4)), `argument ${place + 1}`).toThrow(
          /beyond the end/,
        );
        if (kernel !== 'copyRows')
          expect(() => run(...numbers.with(place, numbers[place]! + 2))).toThrow(/no multiple of 4/);
      }

      /** Counts are small, and addresses are given first. */
      function isAddress(place: number): boolean {
        return numbers[place]! % 4 === 0 && place < numbers.findIndex((number) => number > 0 && number < 64);
      }
    },
  );

  it.each(kernels)('%s never touches anything outside, whatever it is given', async (kernel) => {
    const random = new Random(3);
    let refused = 0;
    for (let round = 0; round < 80; round++) {
      const { numbers, memory, run } = await validCase(kernel, set, 1 + (round % 10));
      for (let changes = random.integer(1, 3); changes > 0; changes--)
        numbers[random.integer(0, numbers.length - 1)] = wildNumber(random);
      if (random.next() < 0.3) fillWildly(memory.buffer, random);
      try {
        run(...numbers);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(kernel);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(30);
  });

  it('follow a memory that grows', async () => {
    const { memory } = await openWasmKernels(1);
    const { squaredNorms } = openNativeFunctions(set, memory);
    const beyond = 65536 + 400;
    expect(() => squaredNorms!(64, beyond, 1, 2)).toThrow(RangeError);
    memory.grow(1);
    new Float32Array(memory.buffer, beyond, 2).set([3, 4]);
    squaredNorms!(64, beyond, 1, 2);
    expect(new Float32Array(memory.buffer, 64, 1)[0]).toBe(25);
  });

  it.each([-1, 40, 2 ** 31 - 1])('pickAndSum and embedBags refuse an index of %s among 30', async (index) => {
    const { memory } = await openWasmKernels(1);
    const { pickAndSum, embedBags } = openNativeFunctions(set, memory);
    new Int32Array(memory.buffer, 1024, 4).set([1, 2, index, 3]);
    expect(() => pickAndSum!(4096, 8192, 1024, 1, 30, 2, 2)).toThrow(
      `pickAndSum: indices has ${index}, which is not an index below 31.`,
    );
    expect(() => embedBags!(4096, 8192, 1024, 2048, 1, 2, 2, 5, 600, 16)).toThrow(
      `embedBags: ids has ${index}, which is not an index below 30.`,
    );
  });
});

describe.each(sets)('tables of tensors, for kernels of %s', (set) => {
  const tables: readonly [FunctionName, place: number, words: number][] = [
    ['squaredNormsOfAll', 1, 2],
    ['noisyDescent', 0, 5],
    ['noisyAdam', 0, 9],
    ['denseStack', 1, 5],
    ['denseStackGradient', 3, 6],
  ];

  it.each(tables)(
    '%s refuses an address or a size there that leads outside',
    async (kernel, place, words) => {
      let refused = 0;
      for (let word = 0; word < words; word++) {
        for (const wrong of [END - 2, END, 2 ** 31 - 4, 2 ** 32 - 4]) {
          const { numbers, memory, run } = await validCase(kernel, set, 3);
          expect(() => run(...numbers)).not.toThrow();
          new DataView(memory.buffer).setUint32(numbers[place]! + 4 * word, wrong, true);
          try {
            run(...numbers);
          } catch (error) {
            expect((error as Error).message).toMatch(kernel);
            refused += 1;
          }
        }
      }
      // Any number will do for where a stream begins, and a last layer's activity is not read.
      expect(refused).toBeGreaterThanOrEqual(4 * (words - 1));
    },
  );
});

function wildNumber(random: Random): number {
  const near = random.pick([0, 1, 2, 64, 100, 4096, 65536, END, 2 ** 31, 2 ** 32]);
  const number = near + random.integer(-4, 4);
  return random.next() < 0.5
    ? number
    : random.pick([random.integer(0, 200), random.integer(0, 2 ** 32), number * 4]);
}

/** Indices and flags included. */
function fillWildly(buffer: ArrayBuffer, random: Random): void {
  const words = new Uint32Array(buffer);
  for (let i = 0; i < 2000; i++) words[random.integer(0, words.length / 4)] = random.integer(0, 2 ** 32 - 1);
}
