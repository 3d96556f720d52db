import type { FunctionName } from '../functions.js';
import { type Case, type Exports, type MakeCase, workspaceFor } from './same-bits.test-helper.js';

/** For each kernel, arguments of a call drawn at random. */
export const CASES: { readonly [kernel in FunctionName]: MakeCase } = {
  statelessNormals: drawing,
  statelessUniforms: drawing,

  addStatelessNormals(given, wasm) {
    const [replicas, size] = [
      given.random.integer(1, 4),
      given.flag() ? given.size() : given.random.integer(1, 2500),
    ];
    const x = given.floats(replicas * size);
    const out = given.flag() ? x : given.output(replicas * size);
    const deviations = given.floats(replicas, () => (given.flag() ? 0 : given.float()));
    const firstBlock = given.random.pick([0, 1, 1000, 2 ** 32 - 3]);
    return [
      out,
      x,
      seedsFor(given, replicas),
      deviations,
      replicas,
      size,
      firstBlock,
      workspaceFor(given, wasm),
    ];
  },

  dropout(given, wasm) {
    const [replicas, size] = [given.random.integer(1, 4), given.random.integer(1, 2500)];
    const x = given.floats(replicas * size);
    const out = given.flag() ? x : given.output(replicas * size);
    const rates = given.floats(replicas, () => (given.flag() ? 0 : given.random.next()));
    return [out, x, seedsFor(given, replicas), rates, replicas, size, workspaceFor(given, wasm)];
  },

  matrixProducts(given) {
    const { random } = given;
    // A tall transposed matrix is copied in parts.
    const isTall = random.next() < 0.2;
    const [m, n] = [isTall ? random.integer(500, 700) : given.size(), given.size(isTall ? 20 : 150)];
    const k = random.next() < 0.1 ? 0 : given.size(isTall ? 60 : 150);
    const count = random.integer(1, 3);
    const isAShared = random.next() < 0.2;
    const isBShared = random.next() < 0.2;
    const a = given.floats(m * k * (isAShared ? 1 : count));
    const b = given.floats(k * n * (isBShared ? 1 : count));
    const bias = given.flag() ? given.floats(n * count) : 0;
    const out = given.output(m * n * count);
    const aStrides = !isTall && random.next() < 0.6 ? [4 * k, 4] : [4, 4 * m];
    const bStrides = random.next() < 0.6 ? [4 * n, 4] : [4, 4 * k];
    const steps = [isAShared ? 0 : 4 * m * k, isBShared ? 0 : 4 * k * n];
    const relu = given.flag() ? 1 : 0;
    return [out, a, b, bias, given.scratch(32 * k), m, k, n, ...aStrides, ...bStrides, relu, count, ...steps];
  },

  maskAndSum(given) {
    const [replicas, rows, columns] = [
      given.random.integer(1, 4),
      given.random.integer(1, 110),
      given.size(),
    ];
    const size = replicas * rows * columns;
    const relu = given.flag();
    const [dy, y] = [given.floats(size), relu ? given.floats(size) : 0];
    const dz = relu ? given.output(size) : dy;
    return [dz, given.output(replicas * columns), dy, y, replicas, rows, columns];
  },

  squaredNorms(given) {
    const [replicas, size] = [given.random.integer(1, 9), given.random.integer(1, 3000)];
    return [given.output(2 * replicas), given.floats(replicas * size), replicas, size];
  },

  squaredNormsOfAll(given) {
    const { replicas, sizes, tensors } = tensorsFor(given);
    const isEach = given.flag();
    const rows = sizes.map((size) => [given.floats(replicas * size), size]);
    const out = given.output(2 * replicas * (isEach ? tensors : 1));
    return [out, tableFor(given, rows), given.scratch(8 * replicas), tensors, replicas, Number(isEach)];
  },

  noisyDescent(given, wasm) {
    const { replicas, sizes, tensors } = tensorsFor(given);
    const rows = sizes.map((size, i) => {
      const count = replicas * size;
      return [given.output(count), given.floats(count), given.floats(count), size, 100 * i];
    });
    const { before, after } = stepFor(given, wasm, tensors, replicas);
    return [tableFor(given, rows), ...before, given.floats(replicas), ...after];
  },

  noisyAdam(given, wasm) {
    const { replicas, sizes, tensors } = tensorsFor(given);
    const rows = sizes.map((size, i) => {
      const count = replicas * size;
      const outputs = [given.output(count), given.output(count), given.output(count)];
      const inputs = [1, 2, 3, 4].map(() => given.floats(count));
      return [...outputs, ...inputs, size, 100 * i];
    });
    const { before, after } = stepFor(given, wasm, tensors, replicas);
    return [tableFor(given, rows), ...before, given.floats(7 * replicas), ...after];
  },

  denseStack(given) {
    const { replicas, B, widths, layers, x, xStep } = stackFor(given);
    const rows = layers.map(([k, n]) => [
      given.floats(replicas * k * n),
      given.floats(replicas * n),
      given.output(replicas * B * n),
      k,
      n,
    ]);
    const panel = given.scratch(32 * Math.max(...widths));
    return [x, tableFor(given, rows), panel, layers.length, replicas, B, xStep];
  },

  denseStackGradient(given) {
    const { replicas, B, widths, layers, x, xStep } = stackFor(given);
    const rows = layers.map(([k, n]) => [
      given.output(replicas * k * n),
      given.output(replicas * n),
      given.floats(replicas * k * n),
      given.floats(replicas * B * n),
      k,
      n,
    ]);
    const dx = given.flag() ? given.output(replicas * B * widths[0]!) : 0;
    const dy = given.floats(replicas * B * widths.at(-1)!);
    const [panel, activities] = [32 * Math.max(B, ...widths), 4 * B * Math.max(...widths)];
    const scratch = given.scratch(panel + 2 * activities);
    return [dx, dy, x, tableFor(given, rows), scratch, layers.length, replicas, B, xStep, panel, activities];
  },

  embedBags(given) {
    const { table, ids, weights, shape, replicas, bags, width } = bagsFor(given, given.random.integer(1, 20));
    return [given.output(replicas * bags * width), table(), ids, weights, replicas, bags, ...shape];
  },

  embedBagsGradient(given) {
    const { table, ids, weights, shape, replicas, bags, width } = bagsFor(given, given.random.integer(1, 20));
    return [table(), given.floats(replicas * bags * width), ids, weights, replicas, bags, ...shape];
  },

  memoryHop(given) {
    const { random } = given;
    const [queries, sentences] = [random.integer(1, 5), random.integer(1, 30)];
    const { table, ids, weights, shape, replicas, width } = bagsFor(given, queries * sentences);
    const [out, attention] = [
      given.output(replicas * queries * width),
      given.output(replicas * queries * sentences),
    ];
    const linear = given.floats(replicas, () => (random.next() < 0.3 ? 1 : 0));
    const query = given.floats(replicas * queries * width);
    const inputs = [out, attention, query, table(), table(), ids, weights, linear, given.scratch(4 * width)];
    return [...inputs, replicas, queries, sentences, ...shape];
  },

  memoryHopGradient(given) {
    const { random } = given;
    const [queries, sentences] = [random.integer(1, 5), random.integer(1, 30)];
    const { table, ids, weights, shape, replicas, width } = bagsFor(given, queries * sentences);
    const outputs = [given.output(replicas * queries * width), table(), table()];
    const attention = given.floats(replicas * queries * sentences);
    const [dOut, query] = [
      given.floats(replicas * queries * width),
      given.floats(replicas * queries * width),
    ];
    const linear = given.floats(replicas, () => (random.next() < 0.3 ? 1 : 0));
    const inputs = [dOut, attention, query, table(), table(), ids, weights, linear];
    const scratch = given.scratch(4 * (2 * width + sentences));
    return [...outputs, ...inputs, scratch, replicas, queries, sentences, ...shape];
  },

  machineStep(given, wasm) {
    const { inputs, N, M, R, last } = machineFor(given, wasm);
    const outputs = [N * R * M, N * M * M, N, N * R, N].map((count) => given.output(count));
    return [...outputs, ...inputs, ...last];
  },

  machineStepGradient(given, wasm) {
    const { inputs, logits, N, M, R, last } = machineFor(given, wasm);
    const outputs = [N * logits, N * R * M, N * M * M].map((count) => given.output(count));
    const gradients = [N * R * M, N * M * M, N, N * R, N].map((count) => given.floats(count));
    const limits = given.floats(N, () => Math.abs(given.float()));
    return [...outputs, ...gradients, ...inputs, limits, ...last];
  },

  lstmCell(given, wasm) {
    const [rows, units] = [given.random.integer(1, 9), Math.max(4, given.size())];
    const [gates, cell] = [given.floats(4 * rows * units), given.floats(rows * units)];
    const outputs = [given.output(rows * units), given.output(rows * units)];
    return [...outputs, gates, cell, workspaceFor(given, wasm), rows, units];
  },

  lstmCellGradient(given, wasm) {
    const [rows, units] = [given.random.integer(1, 9), Math.max(4, given.size())];
    const size = rows * units;
    const inputs = [given.floats(4 * size), given.floats(size), given.floats(size), given.floats(size)];
    return [given.output(4 * size), given.output(size), ...inputs, workspaceFor(given, wasm), rows, units];
  },

  convolutionalGru(given, wasm) {
    const { R, n, B, m, image, weights, floats, output, scratch, hold } = gruFor(given, wasm);
    const outputs = [output(image), output(2 * image), output(image)];
    const inputs = [image, ...weights].map(floats);
    return [...outputs, ...inputs, hold, scratch, workspaceFor(given, wasm), R, n, B, m];
  },

  convolutionalGruGradient(given, wasm) {
    const { R, n, B, m, image, weights, floats, output, scratch, hold } = gruFor(given, wasm);
    const outputs = [image, ...weights].map(output);
    const inputs = [floats(image), floats(image), floats(weights[0]!)];
    const opened = given.floats(2 * image, () => Math.min(1, Math.max(0, given.float())));
    return [...outputs, ...inputs, opened, floats(image), hold, scratch, R, n, B, m];
  },

  programSelections(given, wasm) {
    const { weights, examples, last, lists, sizes } = programmerFor(given, wasm);
    return [given.output(sizes.choices), given.output(sizes.tape), ...weights(), ...examples, ...last, lists];
  },

  programSelectionsGradient(given, wasm) {
    const { weights, examples, last, lists, sizes } = programmerFor(given, wasm);
    const chances = () => given.floats(sizes.choices, () => given.random.next());
    const inputs = [given.floats(sizes.choices), chances(), given.floats(sizes.tape)];
    const learnable = given.flag() ? 1 : 0;
    return [...weights(), ...inputs, ...weights(), ...examples, ...last, learnable, lists];
  },

  programLosses(given, wasm) {
    const { random } = given;
    const [R, B, T, M] = [random.integer(1, 2), random.integer(1, 6), random.integer(1, 5), given.size(110)];
    const G = random.integer(1, 3);
    const [numeric, text, positions] = [random.integer(1, 5), random.integer(0, 2), random.integer(1, 9)];
    const choices = R * B * (T * (text > 0 ? 10 : 9) + T * (numeric + text) + 4 + 10 * text);
    const exampleFloats = 12 + positions + (numeric + 1 + text) * M;
    const examples = examplesFor(given, G * B, exampleFloats, (field) => {
      if (field === 0) return random.integer(0, M);
      if (field === 1) return random.integer(0, numeric);
      if (field === 2) return random.integer(0, text);
      if (field === 5) return random.integer(-1, numeric + text - 1);
      if (field === 3 || (field >= exampleFloats - M - text * M && field < exampleFloats - text * M))
        return random.integer(0, 1);
      return field >= exampleFloats - text * M ? random.integer(-1, 9) : given.float();
    });
    const outputs = [given.output(R), given.output(choices)];
    const lists = given.integers(R, () => random.integer(0, G - 1));
    const inputs = [
      given.floats(choices, () => random.next()),
      examples,
      lists,
      given.floats(R),
      given.floats(R),
    ];
    const scratch = given.scratch(wasm.programLossesScratchBytes!(T, M, numeric, text) as unknown as number);
    const last = [workspaceFor(given, wasm), R, B, T, M, numeric, text, positions, given.flag() ? 1 : 0];
    return [...outputs, ...inputs, scratch, ...last, G];
  },

  setSpread(given) {
    const [replicas, sets, size] = [given.random.integer(1, 10), given.random.integer(1, 6), given.size()];
    const x = given.floats(replicas * sets * size);
    return [given.output(replicas), x, given.scratch(4 * size), replicas, sets, size];
  },

  setSpreadGradient(given) {
    const [replicas, sets, size] = [given.random.integer(1, 3), given.random.integer(1, 6), given.size()];
    const count = replicas * sets * size;
    return [given.output(count), given.floats(replicas), given.floats(count), replicas, sets, size];
  },

  sum(given) {
    const count = given.random.integer(1, 63);
    const [a, b] = [given.floats(count), given.floats(count)];
    return [given.flag() ? a : given.output(count), a, b, count];
  },

  tanh(given) {
    const count = given.random.integer(1, 63);
    const x = given.floats(count);
    return [given.flag() ? x : given.output(count), x, count];
  },

  pickAndSum(given) {
    const [rows, columns] = [given.size(40), given.size(40)];
    const [count, group] = [given.size(), given.random.integer(1, 5)];
    const indices = given.integers(count * group, () => given.random.integer(0, columns));
    return [given.output(rows * count), given.floats(rows * columns), indices, rows, columns, count, group];
  },

  copyRows(given) {
    const { random } = given;
    const [rows, bytes] = [random.integer(0, 20), given.flag() ? random.integer(0, 600) : 4 * given.size()];
    const [toStride, fromStride] = [bytes + random.integer(0, 40), random.pick([0, bytes, bytes + 4])];
    const to = given.output(Math.ceil((rows * toStride + bytes) / 4));
    const from = given.floats(Math.ceil((rows * fromStride + bytes) / 4));
    return [to, from, rows, bytes, toStride, fromStride];
  },
};

function seedsFor(given: Case, replicas: number): number {
  return given.integers(2 * replicas, () => given.random.integer(-(2 ** 31), 2 ** 31 - 1));
}

/** Some tensors [replicas, size] of a network. */
function tensorsFor(given: Case) {
  const [replicas, tensors] = [given.random.integer(1, 6), given.random.integer(1, 4)];
  const sizes = Array.from({ length: tensors }, () =>
    given.flag() ? given.size() : given.random.integer(1, 1500),
  );
  return { replicas, sizes, tensors };
}

/** Rows of words in memory. */
function tableFor(given: Case, rows: readonly (readonly number[])[]): number {
  const words = rows.flat();
  let next = 0;
  return given.integers(words.length, () => words[next++]!);
}

/** What the steps of all optimisers take before and behind their own numbers. */
function stepFor(given: Case, wasm: Exports, tensors: number, replicas: number) {
  const isEach = given.flag();
  const scales = given.flag() ? given.floats(replicas * (isEach ? tensors : 1)) : 0;
  const seeds = seedsFor(given, replicas);
  const deviations = given.flag() ? given.floats(replicas, () => (given.flag() ? 0 : given.float())) : 0;
  const factors = given.flag() ? given.floats(replicas) : 0;
  return {
    before: [scales, seeds, deviations],
    after: [factors, workspaceFor(given, wasm), tensors, replicas, isEach ? 4 * replicas : 0],
  };
}

/** Fully connected layers, and what goes into them. */
function stackFor(given: Case) {
  const { random } = given;
  const [replicas, B] = [random.integer(1, 3), random.integer(1, 40)];
  const widths = Array.from({ length: random.integer(2, 5) }, () => given.size(70));
  const layers = widths.slice(1).map((n, i) => [widths[i]!, n] as const);
  const isShared = given.flag();
  const x = given.floats((isShared ? 1 : replicas) * B * widths[0]!);
  return { replicas, B, widths, layers, x, xStep: isShared ? 0 : 4 * B * widths[0]! };
}

function drawing(...[given, wasm]: Parameters<MakeCase>): readonly number[] {
  const [replicas, size] = [
    given.random.integer(1, 4),
    given.flag() ? given.size() : given.random.integer(1, 2500),
  ];
  const out = given.output(replicas * size);
  return [out, seedsFor(given, replicas), replicas, size, workspaceFor(given, wasm)];
}

/** Bags of words, and tables for their embeddings; `shape` is what every kernel on them takes last. */
function bagsFor(given: Case, bags: number) {
  const { random } = given;
  const [replicas, slots, width, words] = [
    random.integer(1, 3),
    random.integer(1, 7),
    given.size(70),
    given.size(30),
  ];
  const areShared = given.flag();
  // Sentences are filled from the front, and memories too, but for a few gaps.
  const ids = given.integers((areShared ? 1 : replicas) * bags * slots, () =>
    random.next() < 0.1 ? 0 : random.integer(0, words - 1),
  );
  const weights = given.floats(slots * width);
  const table = () => given.floats(replicas * words * width);
  const shape = [slots, width, 4 * words * width, areShared ? 0 : 4 * bags * slots];
  return { table, ids, weights, shape, replicas, bags, width };
}

/** A random-access machine; `last` is what both of its kernels take last. */
function machineFor(given: Case, wasm: Exports) {
  const { random } = given;
  const [N, M, R] = [random.integer(1, 37), random.integer(3, 11), random.integer(1, 5)];
  const repetitions = random.integer(1, 2);
  const modules = 14 * repetitions;
  const logits = modules * (2 * R + modules - 1) + R * (R + modules);
  const inputs = [
    ...[given.floats(N * logits), given.floats(N * R * M, probability), given.floats(N * M * M, probability)],
    given.integers(N * M, () => random.integer(-1, M - 1)),
  ];
  const scratch = given.scratch(wasm.machineScratchBytes!(M, R, repetitions) as unknown as number);
  const last = [scratch, workspaceFor(given, wasm), 1e-6, N, M, R, repetitions];
  return { inputs, logits, N, M, R, last };

  function probability() {
    return random.next() < 0.9 ? random.next() : given.float();
  }
}

/**
 * Parameters of a Neural Programmer, or room for their gradients, and questions for it, some of which are asked more than once;
 * `last` begins with scratch and workspace.
 */
function programmerFor(given: Case, wasm: Exports) {
  const { random } = given;
  const lists = random.integer(1, 3);
  const [R, B, T] = [random.integer(1, 2), random.integer(1, 7), random.integer(2, 5)];
  const [C, Q] = [random.integer(1, 5), random.integer(1, 9)];
  const isTwoWay = given.flag();
  const own = given.size(40);
  const d = isTwoWay ? 2 * own : own;
  const V = C + random.integer(0, 20);
  const S = C > 1 ? 2 * d : d;
  const stride = 12 + Q + random.integer(0, 20);
  const counts = [V * d, d * own, own * own, d * own, own * own, 9 * d, d * S, d * S, d * d, d * d, d * d];
  const weights = () =>
    counts.map((count, i) => ((i === 3 || i === 4) && !isTwoWay ? 0 : given.floats(R * count)));
  const draw = (field: number) => {
    if (field === 1) return random.integer(0, C);
    if (field === 8) return random.integer(0, 2);
    if (field >= 9 && field <= 11) return random.integer(-1, Q - 1);
    return field >= 12 && field < 12 + Q ? random.integer(-1, V - 1) : given.float();
  };
  const asked: number[] = [];
  const different = stride * random.integer(1, B);
  const questions = examplesFor(given, lists * B, stride, (field) => {
    const again = field === 1 || (field >= 8 && field < 12 + Q) ? asked.at(-different) : undefined;
    asked.push(again ?? draw(field));
    return asked.at(-1)!;
  });
  const examples = [questions, given.integers(R, () => random.integer(0, lists - 1))];
  const scratch = given.scratch(wasm.programSelectionsScratchBytes!(B, T, V, d, C, Q) as unknown as number);
  const sizesOfAll = [R, B, T, V, d, C, Q, random.integer(0, V - C), stride];
  const last = [scratch, workspaceFor(given, wasm), ...sizesOfAll];
  const choices = R * B * (T * (9 + C) + 4);
  const tape = R * (B * ((Q + T) * d + T * S) + (9 + C) * d);
  return { weights, examples, last, lists, sizes: { choices, tape } };
}

/** Examples for a Neural Programmer, field by field. */
function examplesFor(given: Case, count: number, stride: number, field: (place: number) => number): number {
  let at = 0;
  return given.floats(count * stride, () => field(at++ % stride));
}

/** A convolutional gated recurrent unit of m maps: numbers of its images, and of its kernels and biases. */
function gruFor(given: Case, wasm: Exports) {
  const { random } = given;
  // More sequences than one thread takes, or more than one piece of positions.
  const [n, B] = given.flag()
    ? [random.integer(1, 11), random.integer(1, 7)]
    : [random.integer(1, 6), random.integer(8, 20)];
  const [R, m] = [random.integer(1, 2), given.size(26)];
  const own = Array.from({ length: R }, () => random.integer(0, n));
  let at = 0;
  const hold = given.floats(R * n, () => (at % n < own[Math.floor(at++ / n)]! ? 0 : 1));
  const scratch = given.scratch(wasm.convolutionalGruScratchBytes!(n, B, m) as unknown as number);
  const floats = (count: number) => given.floats(count);
  const output = (count: number) => given.output(count);
  const weights = [R * 27 * m * m, R * 3 * m];
  return { R, n, B, m, image: R * n * B * 4 * m, weights, floats, output, scratch, hold };
}
