import { describe, expect, it } from 'vitest';
import { instructionSets, openNativeFunctions } from './native/addon.js';
import { type Exports, openWasmKernels, Random } from './native/same-bits.test-helper.js';

/** Columns of an image, taps of a kernel along either axis, parts of the unit: update gate, reset gate, candidate. */
const [W, TAPS, PARTS] = [4, 3, 3];
/** The paper's size: maps of its network, positions of its longest training sequences. */
const [MAPS, POSITIONS] = [24, 41];
const IMAGE = POSITIONS * W * MAPS;
const KERNEL = TAPS * TAPS * MAPS * MAPS;

type Numbers = Float32Array | Float64Array;

/** Sums are rounded to what an array of this kind holds, and products as well. */
interface Precision {
  make(size: number | ArrayLike<number>): Numbers;
  round(x: number): number;
}

const SINGLE: Precision = { make: (size) => new Float32Array(size as number), round: Math.fround };
const DOUBLE: Precision = { make: (size) => new Float64Array(size as number), round: (x) => x };

/** Of one sequence: [positions, W, maps], [PARTS, 3 (width), 3 (position), maps, maps], [PARTS, maps]. */
interface Inputs {
  readonly state: Float32Array;
  readonly kernels: Float32Array;
  readonly biases: Float32Array;
  readonly dy: Float32Array;
}

const RESULTS = ['next', 'dState', 'dKernels', 'dBiases'] as const;
type Results = { readonly [name in (typeof RESULTS)[number]]: Numbers };

/** Calls `use` with the places of an output, of an input and of a weight that meet in a 3 x 3 convolution with zeros around. */
function eachProduct(part: number, use: (out: number, image: number, weight: number) => void): void {
  for (let k = 0; k < POSITIONS; k++)
    for (let w = 0; w < W; w++)
      for (let dw = 0; dw < TAPS; dw++)
        for (let dk = 0; dk < TAPS; dk++) {
          const [row, column] = [k + dk - 1, w + dw - 1];
          if (row < 0 || row >= POSITIONS || column < 0 || column >= W) continue;
          for (let from = 0; from < MAPS; from++)
            for (let to = 0; to < MAPS; to++)
              use(
                (k * W + w) * MAPS + to,
                (row * W + column) * MAPS + from,
                part * KERNEL + ((dw * TAPS + dk) * MAPS + from) * MAPS + to,
              );
        }
}

/** The unit and its gradients product by product. */
function direct({ state, kernels, biases, dy }: Inputs, { make, round }: Precision): Results {
  const convolved = (part: number, image: Numbers) => {
    const out = make(IMAGE).map((_, i) => biases[part * MAPS + (i % MAPS)]!);
    eachProduct(part, (to, from, weight) => {
      out[to]! += round(image[from]! * kernels[weight]!);
    });
    return out;
  };
  const dKernels = make(kernels.length);
  const dBiases = make(biases.length);
  const backwards = (part: number, image: Numbers, dOut: Numbers, dImage: Numbers) => {
    eachProduct(part, (to, from, weight) => {
      dImage[from]! += round(dOut[to]! * kernels[weight]!);
      dKernels[weight]! += round(image[from]! * dOut[to]!);
    });
    for (const [i, gradient] of dOut.entries()) dBiases[part * MAPS + (i % MAPS)]! += gradient;
  };
  const each = (number: (i: number) => number) => make(IMAGE).map((_, i) => number(i));
  const gate = (part: number) =>
    convolved(part, make(state)).map((x) => Math.max(0, Math.min(1, 1.2 / (1 + Math.exp(-x)) - 0.1)));
  const slope = (value: number) => {
    const sigmoid = (value + 0.1) / 1.2;
    return value > 0 && value < 1 ? 1.2 * sigmoid * (1 - sigmoid) : 0;
  };

  const [u, r] = [gate(0), gate(1)];
  const reset = each((i) => r[i]! * state[i]!);
  const p = convolved(2, reset).map(Math.tanh);
  const dReset = make(IMAGE);
  backwards(
    2,
    reset,
    each((i) => dy[i]! * (1 - u[i]!) * (1 - p[i]! ** 2)),
    dReset,
  );
  const dState = each((i) => dy[i]! * u[i]! + dReset[i]! * r[i]!);
  backwards(
    0,
    state,
    each((i) => dy[i]! * (state[i]! - p[i]!) * slope(u[i]!)),
    dState,
  );
  backwards(
    1,
    state,
    each((i) => dReset[i]! * state[i]! * slope(r[i]!)),
    dState,
  );
  return { next: each((i) => u[i]! * state[i]! + (1 - u[i]!) * p[i]!), dState, dKernels, dBiases };
}

/** The unit and its gradients by the kernels of the wasm module, or of a native instruction set. */
async function byKernels(maker: string, { state, kernels, biases, dy }: Inputs): Promise<Results> {
  const { memory, kernels: wasm } = await openWasmKernels(256);
  const functions: Exports = maker === 'wasm' ? wasm : openNativeFunctions(maker, memory);
  let end = 64;
  const place = (numbers: ArrayLike<number>) => {
    const at = end;
    new Float32Array(memory.buffer, at, numbers.length).set(numbers);
    end = Math.ceil((at + 4 * numbers.length) / 64) * 64 + 64;
    return at;
  };
  const room = (count: number) => place(new Float32Array(count));
  const read = (at: number, count: number) => new Float32Array(memory.buffer, at, count).slice();

  const workspace = room((wasm.WORKSPACE_BYTES as unknown as { value: number }).value / 4);
  wasm.fillWorkspace!(workspace);
  const shape = [POSITIONS, 1, MAPS] as const;
  const scratch = room((wasm.convolutionalGruScratchBytes!(...shape) as unknown as number) / 4);
  const hold = room(POSITIONS);
  const [next, opened, proposal, dState] = [room(IMAGE), room(2 * IMAGE), room(IMAGE), room(IMAGE)];
  const [dKernels, dBiases] = [room(kernels.length), room(biases.length)];
  const [s, k, b, d] = [state, kernels, biases, dy].map(place) as [number, number, number, number];
  functions.convolutionalGru!(next, opened, proposal, s, k, b, hold, scratch, workspace, 1, ...shape);
  functions.convolutionalGruGradient!(
    ...[dState, dKernels, dBiases, d, s, k, opened, proposal, hold, scratch, 1],
    ...shape,
  );
  return {
    next: read(next, IMAGE),
    dState: read(dState, IMAGE),
    dKernels: read(dKernels, kernels.length),
    dBiases: read(dBiases, biases.length),
  };
}

/** Root mean square of the error, relative to that of the numbers. */
function error(numbers: Numbers, exact: Numbers): number {
  let [errors, sizes] = [0, 0];
  for (const [i, x] of exact.entries()) {
    errors += (numbers[i]! - x) ** 2;
    sizes += x ** 2;
  }
  return Math.sqrt(errors / sizes);
}

/** Weights as a network starts with them, and an image like those that it makes. */
function draw(): Inputs {
  const random = new Random(1);
  const uniform = (count: number, bound: number) =>
    Float32Array.from({ length: count }, () => bound * (2 * random.next() - 1));
  return {
    state: uniform(IMAGE, 1),
    kernels: uniform(PARTS * KERNEL, 1.8 * Math.sqrt(3 / (TAPS * TAPS * MAPS))),
    biases: uniform(PARTS * MAPS, 0.1),
    dy: uniform(IMAGE, 1),
  };
}

describe("the error of Winograd's convolutions", () => {
  const inputs = draw();
  const exact = direct(inputs, DOUBLE);
  const single = direct(inputs, SINGLE);

  it.each(['wasm', ...instructionSets()])(
    'is small beside the numbers, and like that of direct sums in the same precision: %s',
    async (maker) => {
      const results = await byKernels(maker, inputs);
      for (const name of RESULTS) {
        const ours = error(results[name], exact[name]);
        const theirs = error(single[name], exact[name]);
        // They are up to 8e-7, and 1.4 to 3.3 times theirs.
        expect(ours, name).toBeLessThan(1e-6);
        expect(ours / theirs, name).toBeLessThan(4);
      }
    },
  );
});
