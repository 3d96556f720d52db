import * as tf from '@tensorflow/tfjs';

/** What TensorFlow.js hands to a kernel. */
export interface KernelArguments {
  readonly inputs: { readonly [name: string]: tf.TensorInfo };
  readonly attrs: { readonly [name: string]: unknown };
}

/** The parts of TensorFlow.js's `BackendWasm` that kernels outside its package need (version 4.22.0). */
interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory: object };
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  incRef(dataId: object): void;
}

/** The memory of TensorFlow.js's wasm backend, for kernels that work on its tensors in place. */
export class WasmHeap {
  readonly #backend: WasmBackend;
  #scratch = 0;
  #scratchBytes = 0;

  constructor(backend: tf.KernelBackend) {
    this.#backend = backend as unknown as WasmBackend;
  }

  /** The WebAssembly.Memory itself. */
  get memory(): object {
    return this.#backend.wasm.asm.memory;
  }

  /** Puts a kernel in the registry, in place of the stock one if there is one. */
  register(kernelName: string, kernel: (args: KernelArguments) => tf.TensorInfo | tf.TensorInfo[]): void {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernel as unknown as tf.KernelFunc });
  }

  /** The same, for kernels that must leave tensors of text, which are not in the heap, to the stock one. */
  replace(kernelName: string, kernel: (args: KernelArguments) => tf.TensorInfo | tf.TensorInfo[]): void {
    const stock = tf.getKernel(kernelName, 'wasm')?.kernelFunc;
    if (!stock) throw new Error(`The wasm backend has no kernel ${kernelName} to fall back to.`);
    this.register(kernelName, (args) => {
      const isText = Object.values(args.inputs).some(({ dtype }) => dtype === 'string');
      return isText ? stock(args as unknown as Parameters<tf.KernelFunc>[0]) : kernel(args);
    });
  }

  /** A new tensor, not initialised. */
  output(shape: readonly number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    return this.#backend.makeOutput([...shape], dtype);
  }

  /** All of the heap; allocate before, since growing detaches it. */
  bytes(): Uint8Array {
    return this.#backend.wasm.HEAPU8;
  }

  /** The numbers of an int32 tensor, in place. */
  int32(tensor: tf.TensorInfo): Int32Array {
    return new Int32Array(this.bytes().buffer, this.address(tensor), tf.util.sizeFromShape(tensor.shape));
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

  /** Working memory until the next call: reused, and grown when it is too small. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      if (this.#scratch !== 0) this.#backend.wasm._free(this.#scratch);
      this.#scratchBytes = 2 * bytes;
      this.#scratch = this.reserve(this.#scratchBytes);
    }
    return this.#scratch;
  }
}
