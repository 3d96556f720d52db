import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { integerModule } from './integers.js';
import { MODULES, type ModuleName } from './layout.js';
import { Arithmetic, read, write } from './modules.js';

const M = 7;
const pure = MODULES.filter((name) => name !== 'READ' && name !== 'WRITE');
let arithmetic: Arithmetic;

beforeAll(async () => {
  await tf.setBackend('cpu');
  arithmetic = new Arithmetic(M);
});
afterAll(() => arithmetic.dispose());

describe.each(pure)('%s', (name) => {
  it('equals the integer module for all pairs of one-hot inputs', () => {
    const pairs = Array.from({ length: M * M }, (_, i) => [Math.floor(i / M), i % M] as const);
    const oneHot = (values: number[]) => tf.oneHot(tf.tensor1d(values, 'int32'), M).toFloat() as tf.Tensor2D;
    const output = arithmetic.apply(name, oneHot(pairs.map(([a]) => a)), oneHot(pairs.map(([, b]) => b)));
    const expected = oneHot(pairs.map(([a, b]) => integerModule(name, a, b, M)));
    expect(output.arraySync()).toEqual(expected.arraySync());
  });

  it('equals the sum over all pairs for random distributions, and sums to 1', () => {
    const [A, B] = [distributions(20, 1), distributions(20, 2)];
    const output = arithmetic.apply(name, A, B).arraySync();
    const [a, b] = [A.arraySync(), B.arraySync()];
    for (const [n, row] of output.entries()) {
      const expected = sumOverPairs(name, a[n]!, b[n]!);
      for (const [c, p] of row.entries()) expect(Math.abs(p - expected[c]!)).toBeLessThan(1e-6);
      expect(Math.abs(row.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6);
    }
  });
});

describe('READ and WRITE', () => {
  it('read the mixture of cells that the address is a distribution over', () => {
    const [memory, A] = [memories(5, 3), distributions(5, 4)];
    const cells = memory.arraySync();
    const expected = A.arraySync().map((address, n) => mixture(address, cells[n]!));
    expectClose(read(memory, A).arraySync(), expected);
  });

  it('write each cell with its probability of being the address', () => {
    const [memory, A, B] = [memories(5, 5), distributions(5, 6), distributions(5, 7)];
    const [cells, values] = [memory.arraySync(), B.arraySync()];
    const expected = A.arraySync().map((address, n) =>
      address.map((p, i) => cells[n]![i]!.map((old, j) => (1 - p) * old + p * values[n]![j]!)),
    );
    write(memory, A, B)
      .arraySync()
      .forEach((rows, n) => {
        expectClose(rows, expected[n]!);
        for (const row of rows) expect(Math.abs(row.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6);
      });
  });
});

function sumOverPairs(name: (typeof pure)[number], A: number[], B: number[]): number[] {
  const out = new Array<number>(M).fill(0);
  for (const [a, p] of A.entries())
    for (const [b, q] of B.entries()) out[integerModule(name as ModuleName & typeof name, a, b, M)]! += p * q;
  return out;
}

function mixture(weights: number[], rows: number[][]): number[] {
  return rows[0]!.map((_, j) => weights.reduce((sum, p, i) => sum + p * rows[i]![j]!, 0));
}

/** [count, M] */
function distributions(count: number, seed: number): tf.Tensor2D {
  const stream = new HostStream(seed, 'task');
  return tf.softmax(
    tf.tensor2d(
      Array.from({ length: count * M }, () => 2 * stream.normal()),
      [count, M],
    ),
  );
}

/** [count, M, M] */
function memories(count: number, seed: number): tf.Tensor3D {
  return distributions(count * M, seed).reshape([count, M, M]);
}

function expectClose(actual: number[][], expected: number[][]): void {
  for (const [i, row] of actual.entries())
    for (const [j, value] of row.entries()) expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(1e-6);
}
