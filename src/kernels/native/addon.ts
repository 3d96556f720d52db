import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.js';
import type { FunctionName, KernelFunction } from '../functions.js';
import type { WasmMemory } from '../wasm/heap.js';

/** What addon.cpp exports. */
interface Addon {
  /** Those that this processor has, best first. */
  instructionSets(): string[];
  /** Lets kernels of this process work on so many threads at once, another one for so many multiplications each. */
  useThreads(threads: number, work: number): void;
  open(instructionSet: string): {
    /** Tells the addon which memory its kernels work on. */
    use(buffer: ArrayBuffer): void;
    /** Where a kernel finds its arguments. */
    readonly arguments: Float64Array;
    readonly kernels: { readonly [name: string]: { run(): void; readonly arity: number } };
  };
}

/** From src/kernels/native as from dist/kernels/native. */
const ADDON = fileURLToPath(
  new URL(`../../../dist/kernels/prebuilds/${platform()}-${arch()}/gnoise.node`, import.meta.url),
);

/** Instruction sets that every processor of an architecture has that can run the wasm kernels. */
const BASELINE: { readonly [architecture: string]: string } = { x64: 'sse4', arm64: 'neon' };

/** The addon, or why there is none. */
type Loaded = { readonly addon: Addon } | { readonly addon: undefined; readonly problem: string };

let loaded: Loaded | undefined;

function load(): Loaded {
  if (!existsSync(ADDON))
    return { addon: undefined, problem: `there is no ${ADDON}; \`npm run build:native\` makes it` };
  try {
    return { addon: createRequire(import.meta.url)(ADDON) as Addon };
  } catch (error) {
    return { addon: undefined, problem: `${ADDON} does not load: ${(error as Error).message}` };
  }
}

function native(): Loaded {
  loaded ??= load();
  return loaded;
}

/** Instruction sets for which there are native kernels that can run here, best first. */
export function instructionSets(): string[] {
  return native().addon?.instructionSets() ?? [];
}

/** Why there are no native kernels; undefined where there are some. */
export function nativeProblem(): string | undefined {
  const found = native();
  return found.addon ? undefined : found.problem;
}

/**
 * The kernels that the environment variable GNOISE_KERNELS asks for: `wasm`, or the name of an instruction set. Without it,
 * the best there are.
 * @param wanted its value: one of these names, `native` for the best instruction set or `baseline` for the least.
 * @throws UserError for one that is unknown or not available here, with a list of those that are.
 */
export function chosenKernels(wanted: string | undefined = process.env.GNOISE_KERNELS): string {
  const sets = instructionSets();
  if (wanted === undefined || wanted === '') return sets[0] ?? 'wasm';
  if (wanted === 'wasm') return 'wasm';
  const set = { native: sets[0], baseline: BASELINE[arch()] }[wanted] ?? wanted;
  if (sets.includes(set)) return set;
  const available = ['wasm', ...(sets.length > 0 ? ['native', 'baseline', ...sets] : [])].join(', ');
  const problem = nativeProblem();
  throw new UserError(
    `GNOISE_KERNELS is ${wanted}; available here: ${available}.${problem ? ` No native kernels: ${problem}.` : ''}`,
  );
}

/** Multiplications for which one more thread is taken: they take several times as long as it takes to begin and to wait for it. */
const THREAD_WORK = 200_000;

/**
 * Lets native kernels of this process work on so many threads at once, the caller's among them; one until then. Results are
 * the same on any number.
 */
export function useThreads(threads: number, work = THREAD_WORK): void {
  native().addon?.useThreads(threads, work);
}

/**
 * The functions that an instruction set has, on a memory: what src/kernels/assembly exports under the same names, with the
 * same arguments and results. An argument that would make one touch anything outside the memory is a RangeError.
 */
export function openNativeFunctions(
  instructionSet: string,
  memory: WasmMemory,
): { readonly [F in FunctionName]?: KernelFunction } {
  const { addon } = native();
  if (!addon) throw new Error(`No native kernels: ${nativeProblem()}`);
  const { use, arguments: numbers, kernels } = addon.open(instructionSet);
  let { buffer } = memory;
  use(buffer);
  const callable = ({ run, arity }: { run(): void; readonly arity: number }): KernelFunction => {
    return (...given) => {
      // Empty where the memory has grown.
      if (buffer.byteLength === 0) {
        buffer = memory.buffer;
        use(buffer);
      }
      for (let i = 0; i < arity; i++) numbers[i] = given[i]!;
      run();
    };
  };
  return Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, callable(kernel)]));
}
