import type * as tf from '@tensorflow/tfjs';
import { replaceKernel } from '../registry.js';
import { FLOAT, type Tools } from './declaration.js';
import { type ProductRun, planProduct } from './product-plan.js';

/** Columns of b that `matrixProducts` packs at a time. */
const PANEL = 8;

/** Working memory of products whose inner size is k. */
export function panelBytes(k: number): number {
  return PANEL * k * FLOAT;
}

interface ProductShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** a is stored [k, m]. */
  readonly transposeA?: boolean;
  /** b is stored [n, k]. */
  readonly transposeB?: boolean;
  readonly relu?: boolean;
}

/** What `matrixProducts` takes behind its addresses; steps are counted in matrices. */
export function productNumbers(
  { m, k, n, transposeA = false, transposeB = false, relu = false }: ProductShape,
  { count, aStep, bStep }: Pick<ProductRun, 'count' | 'aStep' | 'bStep'>,
): number[] {
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  const strides = [aRow, aColumn, bRow, bColumn].map((stride) => stride * FLOAT);
  return [m, k, n, ...strides, Number(relu), count, aStep * m * k * FLOAT, bStep * k * n * FLOAT];
}

/** Puts `matrixProducts` in the place of the stock `matMul`. */
export function replaceMatrixProduct({ heap, functions }: Tools): void {
  replaceKernel('wasm', 'BatchMatMul', () => ({ inputs, attrs }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (a.dtype !== 'float32' || b.dtype !== 'float32')
      throw new Error(`matMul on the wasm backend needs float32 tensors, got ${a.dtype} and ${b.dtype}`);
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const { shape, m, k, n, runs } = planProduct(a.shape, b.shape, transposeA, transposeB);
    const out = heap.output(shape);
    const panel = heap.scratch(panelBytes(k));
    const [fromA, fromB] = [heap.address(a), heap.address(b)];
    let to = heap.address(out);
    for (const run of runs) {
      const [atA, atB] = [fromA + run.a * m * k * FLOAT, fromB + run.b * k * n * FLOAT];
      const numbers = productNumbers({ m, k, n, transposeA, transposeB }, run);
      functions.matrixProducts(to, atA, atB, 0, panel, ...numbers);
      to += run.count * m * n * FLOAT;
    }
    return out;
  });
}
