// How long single kernels take, wasm beside native: `npm run build && node scripts/kernel-speed.js --help`.
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { Command } from 'commander';
import { instructionSets, openNativeFunctions } from '../dist/kernels/native/addon.js';
import { exitCodes } from './options.js';

const [part] = new Command('node scripts/kernel-speed.js')
  .description(
    'Prints how long single kernels take, in WebAssembly and for each instruction set of this processor.',
  )
  .argument('[part]', 'only kernels whose names hold this', '')
  .exitOverride(exitCodes)
  .parse().processedArgs;

const memory = new WebAssembly.Memory({ initial: 4096 });
const bytes = await readFile(new URL('../dist/kernels/gnoise.wasm', import.meta.url));
const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
const wasm = instance.exports;

let end = 64;
function floats(count, make = () => Math.random() - 0.5) {
  const at = end;
  new Float32Array(memory.buffer, at, count).fill(0).forEach((_, i, all) => {
    all[i] = make(i);
  });
  end = Math.ceil((end + 4 * count + 256) / 64) * 64;
  return at;
}
function integers(count, make) {
  const at = floats(count, () => 0);
  new Int32Array(memory.buffer, at, count).forEach((_, i, all) => {
    all[i] = make(i);
  });
  return at;
}
const workspace = floats(wasm.WORKSPACE_BYTES.value / 4, () => 0);
wasm.fillWorkspace(workspace);

/** Product of [m, k] and [k, n], either transposed. */
function products(m, k, n, { count = 40, aT = false, bT = false } = {}) {
  const [a, b, out] = [floats(count * m * k), floats(count * k * n), floats(count * m * n)];
  const strides = [...(aT ? [4, 4 * m] : [4 * k, 4]), ...(bT ? [4, 4 * k] : [4 * n, 4])];
  const numbers = [out, a, b, 0, floats(64 * k), m, k, n, ...strides, 0, count, 4 * m * k, 4 * k * n];
  return { kernel: 'matrixProducts', numbers, flops: 2 * count * m * k * n };
}

const CASES = {
  'product 100x50x50': products(100, 50, 50),
  'product 100x784x50': products(100, 784, 50),
  'product 784x100x50, a transposed': products(784, 100, 50, { aT: true }),
  'product 50x100x50, a transposed': products(50, 100, 50, { aT: true }),
  'product 100x50x50, b transposed': products(100, 50, 50, { bT: true }),
  'product 100x50x10': products(100, 50, 10),
  'product 352x216x48 (gates)': products(352, 216, 48, { count: 4 }),
  'product 352x216x24 (candidate)': products(352, 216, 24, { count: 4 }),
  'product 216x352x48, a transposed': products(216, 352, 48, { count: 4, aT: true }),
  'product 216x352x24, a transposed': products(216, 352, 24, { count: 4, aT: true }),
  'product 352x144x72, b transposed': products(352, 144, 72, { count: 4, bT: true }),
  ...Object.fromEntries(
    [
      ['statelessNormals 40x2550', 40, 2550],
      ['statelessNormals 40x39250', 40, 39250],
    ].map(([name, replicas, size]) => {
      const numbers = [floats(replicas * size), integers(2 * replicas, (i) => i), replicas, size, workspace];
      return [name, { kernel: 'statelessNormals', numbers, items: replicas * size }];
    }),
  ),
  'addStatelessNormals 40x2550': {
    kernel: 'addStatelessNormals',
    numbers: [floats(102000), floats(102000), integers(80, (i) => i), floats(40), 40, 2550, 0, workspace],
    items: 102000,
  },
  'maskAndSum 40x100x50': {
    kernel: 'maskAndSum',
    numbers: [floats(200000), floats(2000), floats(200000), floats(200000), 40, 100, 50],
    items: 200000,
  },
  'squaredNorms 40x2550': {
    kernel: 'squaredNorms',
    numbers: [floats(80), floats(102000), 40, 2550],
    items: 102000,
  },
  'squaredNorms 1x39250': {
    kernel: 'squaredNorms',
    numbers: [floats(2), floats(39250), 1, 39250],
    items: 39250,
  },
  'lstmCell 40x100': {
    kernel: 'lstmCell',
    numbers: [floats(4000), floats(4000), floats(16000), floats(4000), workspace, 40, 100],
    items: 4000,
  },
  'lstmCellGradient 40x100': {
    kernel: 'lstmCellGradient',
    numbers: [
      ...[floats(16000), floats(4000), floats(16000), floats(4000), floats(4000), floats(4000)],
      ...[workspace, 40, 100],
    ],
    items: 4000,
  },
  ...gru(11, 32, 24),
  ...gru(41, 32, 24),
  ...machine(50, 10, 5, 2),
  ...hop(1, 32, 30, 7, 20),
  ...hop(8, 32, 50, 11, 50),
  'copyRows 100 of 3136 bytes': {
    kernel: 'copyRows',
    numbers: [floats(78400), floats(78400), 100, 3136, 3136, 3136],
    items: 78400,
  },
  'copyRows 4000 of 200 bytes': {
    kernel: 'copyRows',
    numbers: [floats(200000), floats(400000), 4000, 200, 200, 400],
    items: 200000,
  },
};

function gru(n, B, m) {
  const image = n * B * 4 * m;
  const hold = floats(n, () => 0);
  const scratch = floats(wasm.convolutionalGruScratchBytes(n, B, m) / 4);
  const [state, dy, kernels, biases] = [image, image, 27 * m * m, 3 * m].map((count) => floats(count));
  const [next, opened, proposal] = [floats(image), floats(2 * image), floats(image)];
  const shape = [n, B, m];
  // Of the direct way: per column 2 or 3 of the 3 x 3 taps' columns, 10 of 12 on average.
  const flops = 2 * n * B * 10 * 3 * m * 3 * m;
  const name = `n ${n}, B ${B}, maps ${m}`;
  return {
    [`convolutionalGru ${name}`]: {
      kernel: 'convolutionalGru',
      numbers: [next, opened, proposal, state, kernels, biases, hold, scratch, workspace, 1, ...shape],
      flops,
    },
    [`convolutionalGruGradient ${name}`]: {
      kernel: 'convolutionalGruGradient',
      numbers: [
        ...[image, 27 * m * m, 3 * m].map((count) => floats(count)),
        ...[dy, state, kernels, opened, proposal, hold, scratch, 1, ...shape],
      ],
      flops: 2 * flops,
    },
  };
}

function machine(N, M, R, repetitions) {
  const Q = 14 * repetitions;
  const logits = Q * (2 * R + Q - 1) + R * (R + Q);
  const scratch = floats(wasm.machineScratchBytes(M, R, repetitions) / 4);
  const sizes = [N * R * M, N * M * M, N, N * R, N];
  const inputs = [N * logits, N * R * M, N * M * M].map((count) => floats(count, Math.random));
  const targets = integers(N * M, (i) => i % M);
  const last = [scratch, workspace, 1e-6, N, M, R, repetitions];
  const name = `N ${N}, M ${M}, R ${R}, ${repetitions} times`;
  return {
    [`machineStep ${name}`]: {
      kernel: 'machineStep',
      numbers: [...sizes.map((count) => floats(count)), ...inputs, targets, ...last],
      items: N * logits,
    },
    [`machineStepGradient ${name}`]: {
      kernel: 'machineStepGradient',
      numbers: [
        ...[N * logits, N * R * M, N * M * M].map((count) => floats(count)),
        ...sizes.map((count) => floats(count)),
        ...[...inputs, targets, floats(N, () => 1), ...last],
      ],
      items: N * logits,
    },
  };
}

function hop(replicas, queries, sentences, slots, width) {
  const words = 100;
  const table = () => floats(replicas * words * width);
  const [out, query] = [floats(replicas * queries * width), floats(replicas * queries * width)];
  const attention = floats(replicas * queries * sentences);
  const ids = integers(queries * sentences * slots, () => 1 + Math.floor(Math.random() * (words - 1)));
  const [weights, linear, scratch] = [floats(slots * width), floats(replicas, () => 0), floats(1000)];
  const inputs = [attention, query, table(), table(), ids, weights, linear, scratch];
  const shape = [replicas, queries, sentences, slots, width, 4 * words * width, 0];
  const items = replicas * queries * sentences * slots * width;
  const name = `${replicas}x${queries}x${sentences}x${slots}x${width}`;
  return {
    [`memoryHop ${name}`]: { kernel: 'memoryHop', numbers: [out, ...inputs, ...shape], items },
    [`memoryHopGradient ${name}`]: {
      kernel: 'memoryHopGradient',
      numbers: [floats(replicas * queries * width), table(), table(), out, ...inputs, ...shape],
      items,
    },
  };
}

/** Best of several runs of some milliseconds each, in seconds a call. */
function time(call) {
  const measure = (calls) => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) call();
    return Number(process.hrtime.bigint() - start) / 1e9 / calls;
  };
  const calls = Math.max(1, Math.ceil(5e-3 / measure(3)));
  return Math.min(...Array.from({ length: 12 }, () => measure(calls)));
}

const makers = {
  wasm,
  ...Object.fromEntries(instructionSets().map((set) => [set, openNativeFunctions(set, memory)])),
};
console.log(`load ${loadavg()[0].toFixed(1)}; GFLOP/s of products, else ns per number`);
console.log(''.padEnd(50), ...Object.keys(makers).map((name) => name.padStart(9)));
for (const [name, { kernel, numbers, flops, items }] of Object.entries(CASES)) {
  if (!name.includes(part)) continue;
  const results = Object.values(makers).map((kernels) => {
    if (!kernels[kernel]) return '-';
    const seconds = time(() => kernels[kernel](...numbers));
    return flops ? (flops / seconds / 1e9).toFixed(1) : ((seconds * 1e9) / items).toFixed(3);
  });
  console.log(name.padEnd(50), ...results.map((result) => result.padStart(9)));
}
