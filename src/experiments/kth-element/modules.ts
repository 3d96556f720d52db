import * as tf from '@tensorflow/tfjs';
import type { ModuleName } from './layout.js';

// Integers are distributions over 0 .. M-1. Each module gives the distribution of m(a, b) for independent a ~ A, b ~ B.
// Sums over pairs are written as products with constant matrices: no gather, whose gradient the wasm backend lacks.

/** The closed forms of all modules that leave the memory alone, for M integers; owns constant matrices. */
export class Arithmetic {
  /** [M, M]: row a has its one in column a + 1 mod M. */
  private readonly successor: tf.Tensor2D;
  /** [M, M]: ones where row <= column, so X times it is cumulated from 0 up. */
  private readonly upTo: tf.Tensor2D;
  /** [M, M*M]: X times it is, as [M, M], the matrix X[(c - a) mod M] with rows a. */
  private readonly shifts: tf.Tensor2D;
  /** [M]: one-hot at 0, 1 and 2. */
  private readonly constants: readonly tf.Tensor1D[];

  constructor(private readonly M: number) {
    const integers = Array.from({ length: M }, (_, i) => i);
    const square = (entry: (row: number, column: number) => boolean) =>
      tf.tensor2d(
        integers.flatMap((row) => integers.map((column) => Number(entry(row, column)))),
        [M, M],
      );
    this.successor = square((a, c) => c === (a + 1) % M);
    this.upTo = square((a, c) => a <= c);
    this.shifts = tf.tensor2d(
      integers.flatMap((b) => integers.flatMap((a) => integers.map((c) => Number(b === (c - a + M) % M)))),
      [M, M * M],
    );
    this.constants = [0, 1, 2].map((value) => tf.tensor1d(integers.map((i) => Number(i === value))));
  }

  /**
   * Distribution of the module's output, [N, M].
   * @param A [N, M]
   * @param B [N, M]
   */
  apply(name: Exclude<ModuleName, 'READ' | 'WRITE'>, A: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor2D {
    switch (name) {
      case 'ZERO':
        return this.constant(0, A);
      case 'ONE':
        return this.constant(1, A);
      case 'TWO':
        return this.constant(2, A);
      case 'INC':
        return tf.matMul(A, this.successor);
      case 'DEC':
        return tf.matMul(A, this.successor, false, true);
      case 'ADD':
        return this.convolve(A, B, false);
      case 'SUB':
        return this.convolve(A, B, true);
      case 'LESS-THAN':
        // 1 - P(b <= a)
        return this.truth(tf.sub(1, this.probability(B, A)));
      case 'LESS-OR-EQUAL':
        return this.truth(this.probability(A, B));
      case 'EQUALITY':
        return this.truth(tf.sum(tf.mul(A, B), 1, true));
      case 'MIN':
        return this.extreme(A, B, true);
      case 'MAX':
        return this.extreme(A, B, false);
    }
  }

  dispose(): void {
    tf.dispose([this.successor, this.upTo, this.shifts, ...this.constants]);
  }

  private constant(value: number, like: tf.Tensor2D): tf.Tensor2D {
    return tf.broadcastTo(this.constants[value]!, like.shape) as tf.Tensor2D;
  }

  /** out[c] = sum_a A[a] B[(c - a) mod M]; reversed: out[c] = sum_a A[a] B[(a - c) mod M]. */
  private convolve(A: tf.Tensor2D, B: tf.Tensor2D, reversed: boolean): tf.Tensor2D {
    const shifted = tf.reshape(tf.matMul(B, this.shifts), [-1, this.M, this.M]);
    // Row a, column c of `shifted` is B[(c - a) mod M]: with rows and columns exchanged, B[(a - c) mod M].
    const product = reversed
      ? tf.matMul(tf.expandDims(A, 1), shifted, false, true)
      : tf.matMul(tf.expandDims(A, 1), shifted);
    return tf.squeeze(product, [1]);
  }

  /** P(a <= b), [N, 1]. */
  private probability(A: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor2D {
    return tf.sum(tf.mul(tf.matMul(A, this.upTo), B), 1, true);
  }

  /** 1 with probability `p` [N, 1], else 0. */
  private truth(p: tf.Tensor2D): tf.Tensor2D {
    const [zero, one] = this.constants;
    return tf.add(zero!, tf.mul(p, tf.sub(one!, zero!)));
  }

  /** A[c] S_B(c) + B[c] S_A(c) - A[c] B[c], where S_X sums X from c upwards for the minimum, downwards for the maximum. */
  private extreme(A: tf.Tensor2D, B: tf.Tensor2D, minimum: boolean): tf.Tensor2D {
    const sumsOfA = tf.matMul(A, this.upTo, false, minimum);
    const sumsOfB = tf.matMul(B, this.upTo, false, minimum);
    return tf.sub(tf.add(tf.mul(A, sumsOfB), tf.mul(B, sumsOfA)), tf.mul(A, B));
  }
}

/** READ: the content of the cell that A [N, M] points to, [N, M]. */
export function read(memory: tf.Tensor3D, A: tf.Tensor2D): tf.Tensor2D {
  return tf.squeeze(tf.matMul(tf.expandDims(A, 1), memory), [1]);
}

/** WRITE: the memory [N, M, M] with B [N, M] at the cell that A [N, M] points to. */
export function write(memory: tf.Tensor3D, A: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor3D {
  const address = tf.expandDims(A, 2);
  return tf.add(tf.mul(memory, tf.sub(1, address)), tf.mul(address, tf.expandDims(B, 1))) as tf.Tensor3D;
}
