import { type Case, type MakeCase, workspaceFor } from './same-bits.test-helper.js';

/** For each kernel, arguments of a call drawn at random. */
export const CASES: { readonly [kernel: string]: MakeCase } = {
  statelessNormals: drawing,
  statelessUniforms: drawing,

  addStatelessNormals(given, wasm) {
    const [replicas, size] = [given.random.integer(1, 4), given.flag() ? given.size() : given.random.integer(1, 2500)];
    const x = given.floats(replicas * size);
    const out = given.flag() ? x : given.output(replicas * size);
    const deviations = given.floats(replicas, () => (given.flag() ? 0 : given.float()));
    const firstBlock = given.random.pick([0, 1, 1000, 2 ** 32 - 3]);
    return [out, x, seedsFor(given, replicas), deviations, replicas, size, firstBlock, workspaceFor(given, wasm)];
  },

  matrixProducts(given) {
    const { random } = given;
    const [m, k, n] = [given.size(), random.next() < 0.1 ? 0 : given.size(), given.size()];
    const count = random.integer(1, 3);
    const isAShared = random.next() < 0.2;
    const isBShared = random.next() < 0.2;
    const a = given.floats(m * k * (isAShared ? 1 : count));
    const b = given.floats(k * n * (isBShared ? 1 : count));
    const bias = given.flag() ? given.floats(n * count) : 0;
    const out = given.output(m * n * count);
    const aStrides = random.next() < 0.6 ? [4 * k, 4] : [4, 4 * m];
    const bStrides = random.next() < 0.6 ? [4 * n, 4] : [4, 4 * k];
    const steps = [isAShared ? 0 : 4 * m * k, isBShared ? 0 : 4 * k * n];
    const relu = given.flag() ? 1 : 0;
    return [out, a, b, bias, given.scratch(32 * k), m, k, n, ...aStrides, ...bStrides, relu, count, ...steps];
  },

  maskAndSum(given) {
    const [replicas, rows, columns] = [given.random.integer(1, 4), given.random.integer(1, 110), given.size()];
    const size = replicas * rows * columns;
    const relu = given.flag();
    const [dy, y] = [given.floats(size), relu ? given.floats(size) : 0];
    const dz = relu ? given.output(size) : dy;
    return [dz, given.output(replicas * columns), dy, y, replicas, rows, columns];
  },

  squaredNorms(given) {
    const [replicas, size] = [given.random.integer(1, 9), given.random.integer(1, 3000)];
    return [given.output(replicas), given.floats(replicas * size), replicas, size];
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

function drawing(...[given, wasm]: Parameters<MakeCase>): readonly number[] {
  const [replicas, size] = [given.random.integer(1, 4), given.flag() ? given.size() : given.random.integer(1, 2500)];
  const out = given.output(replicas * size);
  return [out, seedsFor(given, replicas), replicas, size, workspaceFor(given, wasm)];
}
