import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';

/** What src/kernels/native/addon.cpp exports. */
interface Addon {
  /** Those that this processor has, best first. */
  instructionSets(): string[];
  open(instructionSet: string): {
    /** Tells the addon which memory its kernels work on. */
    use(buffer: ArrayBuffer): void;
    /** Where a kernel finds its arguments. */
    readonly arguments: Float64Array;
    readonly kernels: { readonly [name: string]: { run(): void; readonly arity: number } };
  };
}

/** The part of a WebAssembly.Memory that matters here. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

export type Kernel = (...numbers: number[]) => void;

/** From src/kernels as from dist/kernels. */
const ADDON = fileURLToPath(
  new URL(`../../dist/kernels/prebuilds/${platform()}-${arch()}/gnoise.node`, import.meta.url),
);

/** What the environment variable GNOISE_KERNELS may say besides the name of an instruction set. */
const BASELINE = { x64: 'sse4', arm64: 'neon' } as { readonly [architecture: string]: string };

let loaded: { readonly addon?: Addon; readonly problem: string } | undefined;

/** The addon, or why there is none. */
function load(): { readonly addon?: Addon; readonly problem: string } {
  if (!existsSync(ADDON)) return { problem: `not built: there is no ${ADDON}; \`npm run build:native\` makes it` };
  try {
    return { addon: createRequire(import.meta.url)(ADDON) as Addon, problem: '' };
  } catch (error) {
    return { problem: `${ADDON} does not load: ${(error as Error).message}` };
  }
}

function native(): { readonly addon?: Addon; readonly problem: string } {
  loaded ??= load();
  return loaded;
}

/** Instruction sets that native kernels can use here, best first; none where there are no native kernels. */
export function instructionSets(): string[] {
  return native().addon?.instructionSets() ?? [];
}

/**
 * The kernels that the environment variable GNOISE_KERNELS asks for: `wasm`, or the name of an instruction set. Without it,
 * the best there are.
 * @throws UserError for one that is unknown or not available here, with a list of those that are.
 */
export function chosenKernels(wanted: string | undefined = process.env.GNOISE_KERNELS): string {
  const sets = instructionSets();
  if (wanted === undefined || wanted === '') return sets[0] ?? 'wasm';
  if (wanted === 'wasm') return 'wasm';
  const set = wanted === 'native' ? sets[0] : wanted === 'baseline' ? BASELINE[arch()] : wanted;
  if (set !== undefined && sets.includes(set)) return set;
  const available = ['wasm', ...(sets.length > 0 ? ['native', 'baseline', ...sets] : [])].join(', ');
  const why = sets.length === 0 ? ` Native kernels are ${native().problem}.` : '';
  throw new UserError(`GNOISE_KERNELS=${wanted}: no such kernels here. Available: ${available}.${why}`);
}

/** The kernels of an instruction set, on a memory. An argument that would make one touch anything else is a RangeError. */
export function openNativeKernels(instructionSet: string, memory: Memory): { readonly [name: string]: Kernel } {
  const { use, arguments: numbers, kernels } = native().addon!.open(instructionSet);
  let { buffer } = memory;
  use(buffer);
  const callable = ({ run, arity }: { run(): void; readonly arity: number }): Kernel => {
    return (...given) => {
      // A memory that has grown has left its old buffer empty.
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
