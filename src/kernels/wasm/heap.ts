import * as tf from '@tensorflow/tfjs';

/** The part of a WebAssembly.Memory that matters here. */
export interface WasmMemory {
  /** Another one after each growth, which leaves the old one with a length of 0. */
  readonly buffer: ArrayBuffer;
}

/** The parts of TensorFlow.js's `BackendWasm` that kernels outside its package need (version 4.22.0). */
interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WasmMemory };
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
  incRef(dataId: object): void;
}

/** The memory of TensorFlow.js's wasm backend, for kernels that work on its tensors in place. */
export class WasmHeap {
  readonly #backend: WasmBackend;
  #scratch = 0;
  #scratchBytes = 0;
  /** Data of tensors that nobody needs after the kernel that takes their place. */
  #spent = new Set<object>();

  constructor(backend: tf.KernelBackend) {
    this.#backend = backend as unknown as WasmBackend;
  }

  /** The WebAssembly.Memory itself. */
  get memory(): WasmMemory {
    return this.#backend.wasm.asm.memory;
  }

  /** A new tensor, not initialised. */
  output(shape: readonly number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    return this.#backend.makeOutput([...shape], dtype);
  }

  /** A tensor for what becomes of another one, entry by entry: in its place where that is spent, else a new one. */
  successor(tensor: tf.TensorInfo): tf.TensorInfo {
    return this.#spent.delete(tensor.dataId) ? this.alias(tensor) : this.output(tensor.shape, tensor.dtype);
  }

  /** Says which tensors are spent from now on. */
  spend(tensors: readonly tf.TensorInfo[]): void {
    this.#spent = new Set(tensors.map(({ dataId }) => dataId));
  }

  /** All of the heap; allocate before, since growing detaches it. */
  bytes(): Uint8Array {
    return this.#backend.wasm.HEAPU8;
  }

  /** The numbers of an int32 tensor, in place. */
  int32(tensor: tf.TensorInfo): Int32Array {
    // The address first: taking it can fetch the tensor from another backend, and let the heap grow.
    const address = this.address(tensor);
    return new Int32Array(this.bytes().buffer, address, tf.util.sizeFromShape(tensor.shape));
  }

  /** The numbers of a tensor of any type, in place. */
  numbers(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array {
    this.address(tensor);
    return this.#backend.typedArrayFromHeap(tensor);
  }

  /** The bytes of a tensor, in place. */
  bytesOf(tensor: tf.TensorInfo): Uint8Array {
    const address = this.address(tensor);
    return this.bytes().subarray(address, address + byteLength(tensor));
  }

  /** Copies a tensor's numbers into the memory of another of equal type and size. */
  copy(to: tf.TensorInfo, from: tf.TensorInfo): void {
    const [target, source] = [this.address(to), this.address(from)];
    this.bytes().copyWithin(target, source, source + byteLength(from));
  }

  /** The same data as another output. */
  alias({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    this.#backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  address({ dataId }: tf.TensorInfo): number {
    return this.#backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** Memory that stays reserved as long as the backend lives. */
  reserve(bytes: number): number {
    // Emscripten returns a signed 32-bit integer; the heap can be larger than 2 GiB.
    const address = this.#backend.wasm._malloc(bytes) >>> 0;
    if (address === 0) throw new Error(`The WebAssembly heap has no room for ${bytes} bytes more.`);
    return address;
  }

  /** Gives back what was reserved. */
  free(address: number): void {
    this.#backend.wasm._free(address);
  }

  /** Working memory until the next call: reused, and grown when it is too small. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const larger = this.reserve(2 * bytes);
      if (this.#scratch !== 0) this.free(this.#scratch);
      this.#scratch = larger;
      this.#scratchBytes = 2 * bytes;
    }
    return this.#scratch;
  }
}

/** Bytes of a tensor's numbers. */
export function byteLength({
  shape,
  dtype,
}: {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}): number {
  return tf.util.sizeFromShape([...shape]) * tf.util.bytesPerElement(dtype);
}
