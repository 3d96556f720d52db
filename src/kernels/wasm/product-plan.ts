import * as tf from '@tensorflow/tfjs';

/** How a batched matrix product runs: [m, k] times [k, n], in runs that follow each other in the result. */
export interface ProductPlan {
  readonly shape: number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly runs: readonly ProductRun[];
}

/** Products whose matrices of a lie equally far apart, and those of b as well; counted in matrices. */
export interface ProductRun {
  readonly count: number;
  readonly a: number;
  readonly b: number;
  readonly aStep: number;
  readonly bStep: number;
}

/**
 * Shapes as `tf.matMul` defines them: the last two axes are matrices, the axes before them broadcast.
 * @throws Error when the inner sizes differ or the batch axes do not fit.
 */
export function planProduct(
  a: readonly number[],
  b: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): ProductPlan {
  const [aRows, aColumns] = a.slice(-2) as [number, number];
  const [bRows, bColumns] = b.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    throw new Error(
      `matMul: inner sizes ${k} and ${inner} differ, of shapes [${a}] and [${b}] with transposeA ${transposeA} and ` +
        `transposeB ${transposeB}`,
    );
  }
  const outerA = a.slice(0, -2);
  const outerB = b.slice(0, -2);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  return {
    shape: [...outer, m, n],
    m,
    k,
    n,
    runs: runsOf(outerA, outerB, outer),
  };
}

/** The products of batches of the shapes `outerA` and `outerB`, which broadcast to `outer`, in the fewest runs. */
function runsOf(
  outerA: readonly number[],
  outerB: readonly number[],
  outer: readonly number[],
): ProductRun[] {
  const count = sizeOf(outer);
  // Not broadcast at all, or one matrix for everything: nearly always.
  const [aStep, bStep] = [outerA, outerB].map((own) =>
    sizeOf(own) === count ? 1 : sizeOf(own) === 1 ? 0 : undefined,
  );
  if (aStep !== undefined && bStep !== undefined) return [{ count, a: 0, b: 0, aStep, bStep }];
  const [a, b] = [broadcastIndices(outerA, outer), broadcastIndices(outerB, outer)];
  const runs: ProductRun[] = [];
  for (let first = 0; first < a.length; first += runs.at(-1)!.count) {
    const aStep = (a[first + 1] ?? a[first]!) - a[first]!;
    const bStep = (b[first + 1] ?? b[first]!) - b[first]!;
    let end = first + 1;
    while (end < a.length && a[end]! - a[end - 1]! === aStep && b[end]! - b[end - 1]! === bStep) end += 1;
    runs.push({ count: end - first, a: a[first]!, b: b[first]!, aStep, bStep });
  }
  return runs;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** For every entry of an array of shape `to`, in order, which entry of an array of shape `from` is broadcast to it. */
function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  let indices = Int32Array.of(0);
  for (let axis = 0; axis < to.length; axis++) {
    const size = from[axis - to.length + from.length] ?? 1;
    const expanded = new Int32Array(indices.length * to[axis]!);
    for (let i = 0; i < expanded.length; i++) {
      const outer = Math.floor(i / to[axis]!);
      expanded[i] = indices[outer]! * size + (size === 1 ? 0 : i % to[axis]!);
    }
    indices = expanded;
  }
  return indices;
}
