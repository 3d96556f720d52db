import * as tf from '@tensorflow/tfjs';
import type { KernelFunctions } from '../functions.js';
import { replaceKernel, type StockArguments, type StockKernel } from '../registry.js';
import type { Tools } from './declaration.js';
import type { WasmHeap } from './heap.js';

/**
 * Kernels that only copy: slices, splits and concatenations. The stock ones take the whole input out of the heap for every
 * slice, and so for every part of a split: a split into n parts copies n + 1 times what it must.
 */
export function replaceCopies({ heap, functions }: Tools): void {
  const copies = new Copies(functions, heap);
  replace('Slice', ({ inputs, attrs }) => {
    const { begin, size } = attrs as { begin: number | number[]; size: number | number[] };
    const x = inputs.x!;
    const part = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
    checkPart(x.shape, ...part);
    return copies.slice(x, ...part);
  });
  replace('SplitV', ({ inputs, attrs }) => {
    const x = inputs.x!;
    const axis = axisOf(attrs, x);
    const sizes = tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits as number[] | number, axis);
    if (sizes.some((size) => size < 0)) throw new RangeError(`split: a part of [${sizes}] is negative.`);
    return copies.split(x, axis, sizes, (size) => x.shape.with(axis, size));
  });
  replace('Unpack', ({ inputs, attrs }) => {
    const x = inputs.value!;
    const axis = axisOf(attrs, x);
    const sizes = new Array<number>(x.shape[axis]!).fill(1);
    return copies.split(x, axis, sizes, () => x.shape.toSpliced(axis, 1));
  });
  replace('Concat', ({ inputs, attrs }) => {
    const all = Object.values(inputs);
    const axis = axisOf(attrs, all[0]!);
    const shapes = all.map(({ shape }) => shape);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    return copies.join(all, axis, tf.backend_util.computeOutShape(shapes, axis));
  });
  replace('Pack', ({ inputs, attrs }) => {
    const all = Object.values(inputs);
    const { shape } = all[0]!;
    for (const x of all) tf.util.assertShapesMatch(shape, x.shape, 'stack: ');
    const axis = axisOf(attrs, { ...all[0]!, shape: [...shape, 1] });
    return copies.join(all, axis, shape.toSpliced(axis, 0, all.length));
  });
}

/** Leaves to the stock kernel tensors of text, which are not in the heap, and those of several types. */
function replace(name: string, kernel: StockKernel): void {
  replaceKernel('wasm', name, (stock) => (args) => {
    const inputs = Object.values(args.inputs);
    const { dtype } = inputs[0]!;
    const isCopy = dtype !== 'string' && inputs.every((x) => x.dtype === dtype);
    return isCopy ? kernel(args) : stock(args);
  });
}

/** TensorFlow.js does not see to it on this backend. */
function checkPart(shape: readonly number[], begin: readonly number[], size: readonly number[]): void {
  const isInside = shape.every((all, i) => begin[i]! >= 0 && size[i]! >= 0 && begin[i]! + size[i]! <= all);
  if (begin.length !== shape.length || size.length !== shape.length || !isInside)
    throw new RangeError(`slice: begin [${begin}] and size [${size}] are not within shape [${shape}].`);
}

/** Copies within the heap. */
class Copies {
  constructor(
    private readonly functions: KernelFunctions,
    private readonly heap: WasmHeap,
  ) {}

  slice(x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo {
    const out = this.heap.output(size, x.dtype);
    if (tf.util.sizeFromShape([...size]) === 0) return out;
    const { heap, functions } = this;
    const bytes = tf.util.bytesPerElement(x.dtype);
    // From `inner` on, everything is taken: what lies there is one piece, together with the axis before it.
    let inner = x.shape.length;
    while (inner > 0 && size[inner - 1] === x.shape[inner - 1]) inner -= 1;
    const rowAxis = Math.max(0, inner - 1);
    const rowBytes = sizeFrom(size, rowAxis) * bytes;
    const stepOf = (axis: number) => sizeFrom(x.shape, axis + 1) * bytes;
    const start = heap.address(x) + begin.reduce((at, from, axis) => at + from * stepOf(axis), 0);
    if (rowAxis === 0) {
      functions.copyRows(heap.address(out), start, 1, rowBytes, 0, 0);
      return out;
    }
    // Rows along the axis before them in one call; the axes before that one by one.
    const rows = size[rowAxis - 1]!;
    let to = heap.address(out);
    for (const at of offsets(size.slice(0, rowAxis - 1), stepOf)) {
      functions.copyRows(to, start + at, rows, rowBytes, rowBytes, stepOf(rowAxis - 1));
      to += rows * rowBytes;
    }
    return out;
  }

  /** @param shapeOf shape of a part that takes so many places of the axis. */
  split(
    x: tf.TensorInfo,
    axis: number,
    sizes: readonly number[],
    shapeOf: (size: number) => number[],
  ): tf.TensorInfo[] {
    const outs = sizes.map((size) => this.heap.output(shapeOf(size), x.dtype));
    const place = sizeFrom(x.shape, axis + 1) * tf.util.bytesPerElement(x.dtype);
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axis));
    let from = this.heap.address(x);
    for (const [i, size] of sizes.entries()) {
      const bytes = size * place;
      this.functions.copyRows(this.heap.address(outs[i]!), from, rows, bytes, bytes, x.shape[axis]! * place);
      from += bytes;
    }
    return outs;
  }

  /** Tensors side by side along an axis of the result. */
  join(all: readonly tf.TensorInfo[], axis: number, shape: number[]): tf.TensorInfo {
    const [first] = all;
    const out = this.heap.output(shape, first!.dtype);
    const rows = tf.util.sizeFromShape(shape.slice(0, axis));
    const bytes = tf.util.bytesPerElement(first!.dtype);
    const width = sizeFrom(shape, axis) * bytes;
    let to = this.heap.address(out);
    for (const x of all) {
      const own = rows === 0 ? 0 : (tf.util.sizeFromShape(x.shape) / rows) * bytes;
      this.functions.copyRows(to, this.heap.address(x), rows, own, width, own);
      to += own;
    }
    return out;
  }
}

function axisOf(attrs: StockArguments['attrs'], { shape }: tf.TensorInfo): number {
  return tf.util.parseAxisParam(attrs.axis as number, shape)[0]!;
}

/** Entries of the axes from `axis` on, for one place of those before. */
function sizeFrom(shape: readonly number[], axis: number): number {
  return tf.util.sizeFromShape(shape.slice(axis));
}

/** Where every combination of places of some axes begins, the last axis fastest. */
function* offsets(sizes: readonly number[], stepOf: (axis: number) => number, axis = 0): Generator<number> {
  if (axis === sizes.length) {
    yield 0;
    return;
  }
  for (let i = 0; i < sizes[axis]!; i++)
    for (const inner of offsets(sizes, stepOf, axis + 1)) yield i * stepOf(axis) + inner;
}
