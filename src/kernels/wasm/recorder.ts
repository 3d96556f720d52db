import * as tf from '@tensorflow/tfjs';
import type { KernelFunctions } from '../functions.js';
import type { Recorder, Recording } from '../recorder.js';
import { replaceKernel } from '../registry.js';
import { byteLength, type WasmHeap } from './heap.js';

/** The parts of TensorFlow.js's `BackendWasm` through which everything goes that is recorded (version 4.22.0). */
interface RecordedBackend {
  readonly wasm: { cwrap(name: string, returns: string | null, takes: readonly string[]): StockFunction };
  readonly dataIdMap: { get(dataId: object): { readonly refCount: number } };
  /** Makes a tensor, and fills it where there are values. */
  move(
    dataId: object,
    values: unknown,
    shape: readonly number[],
    dtype: tf.DataType,
    references: number,
  ): void;
  /** Gives up a reference; frees the memory and returns true if it was the last. */
  disposeData(dataId: object, force?: boolean): boolean;
}

type StockFunction = (...args: unknown[]) => unknown;

/** What is being recorded. */
interface Session {
  readonly calls: (() => unknown)[];
  /** Tensors that calls fill; in others stands what the program wrote there once. */
  readonly filled: Map<object, tf.TensorInfo>;
  /** References that the program gave up, each as often as it did. */
  readonly released: Map<object, number>;
  /** Working memory, which must be nobody else's. */
  readonly reserved: number[];
  bytes: number;
}

/** Records what kernels do on the heap of the wasm backend: the calls of functions, ours and TensorFlow.js's own. */
export class WasmRecorder implements Recorder {
  /** [measured, roughly] */
  readonly secondsPerByte = 2e-10;
  #session: Session | null = null;

  private readonly backend: RecordedBackend;

  constructor(
    backend: tf.KernelBackend,
    private readonly heap: WasmHeap,
  ) {
    this.backend = backend as unknown as RecordedBackend;
  }

  /** The same functions, whose calls are recorded. */
  noting(functions: KernelFunctions): KernelFunctions {
    const entries = Object.entries(functions).map(([name, value]) => [
      name,
      typeof value === 'function' ? this.#noting(value) : value,
    ]);
    return Object.fromEntries(entries) as KernelFunctions;
  }

  /** Lets the stock kernels fetch their functions again, such as note their calls; and tells what only the host writes. */
  noteStockKernels(): void {
    const { wasm } = this.backend;
    const { cwrap } = wasm;
    wasm.cwrap = (...args) => this.#noting(cwrap(...args));
    for (const { setupFunc } of tf.getKernelsForBackend('wasm')) setupFunc?.(tf.findBackend('wasm'));
    wasm.cwrap = cwrap;
    for (const name of ['Fill', 'OnesLike', 'ZerosLike'])
      replaceKernel('wasm', name, (stock) => (args) => {
        const made = stock(args) as tf.TensorInfo;
        this.#session?.filled.delete(made.dataId);
        return made;
      });
    // The stock kernel copies number by number, also where nothing is to be changed.
    replaceKernel('wasm', 'Cast', (stock) => (args) => {
      const { x } = args.inputs as { x: tf.TensorInfo };
      const { dtype } = args.attrs as { dtype: tf.DataType };
      if (x.dtype === dtype) return this.heap.alias(x);
      const out = stock(args) as tf.TensorInfo;
      this.#session?.calls.push(() => this.heap.numbers(out).set(this.heap.numbers(x)));
      return out;
    });
  }

  record<T>(
    run: () => T,
    most: number,
    spent: readonly tf.Tensor[] = [],
  ): { result: T; recording: Recording | null } {
    const session: Session = { calls: [], filled: new Map(), released: new Map(), reserved: [], bytes: 0 };
    const stop = this.#watch(session, most);
    this.heap.spend(spent);
    let recording: Recording | null = null;
    try {
      const result = run();
      if (this.#session === session) recording = this.#recordingOf(session);
      return { result, recording };
    } finally {
      this.heap.spend([]);
      stop();
      if (!recording) this.#free(session);
    }
  }

  overwrite(to: tf.Tensor, from: tf.Tensor): void {
    this.heap.copy(to, from);
  }

  move(to: tf.Tensor, from: tf.Tensor): void {
    this.heap.copy(to, from);
  }

  /** Recorded calls know where it is. */
  forget(): void {}

  /** Makes the backend tell what it allocates, and keeps what it would free. */
  #watch(session: Session, most: number): () => void {
    const { backend, heap } = this;
    const isOn = () => this.#session === session;
    const count = (bytes: number) => {
      session.bytes += bytes;
      if (session.bytes <= most) return;
      this.#session = null;
      this.#release(session);
    };
    const [move, disposeData, scratch] = [backend.move, backend.disposeData, heap.scratch];
    backend.move = (dataId, values, shape, dtype, references) => {
      move.call(backend, dataId, values, shape, dtype, references);
      if (!isOn()) return;
      if (values === null || values === undefined)
        session.filled.set(dataId, { dataId, shape: [...shape], dtype });
      count(byteLength({ shape, dtype }));
    };
    backend.disposeData = (dataId, force) => {
      if (!isOn()) return disposeData.call(backend, dataId, force);
      const released = (session.released.get(dataId) ?? 0) + 1;
      session.released.set(dataId, released);
      return released >= backend.dataIdMap.get(dataId).refCount;
    };
    heap.scratch = (bytes) => {
      if (!isOn()) return scratch.call(heap, bytes);
      const address = heap.reserve(bytes);
      session.reserved.push(address);
      count(bytes);
      return address;
    };
    this.#session = session;
    return () => {
      Object.assign(backend, { move, disposeData });
      heap.scratch = scratch;
      this.#session = null;
    };
  }

  #recordingOf(session: Session): Recording {
    const { calls, filled } = session;
    return {
      calls: calls.length,
      bytes: session.bytes,
      replay() {
        for (const call of calls) call();
      },
      spoil: () => {
        for (const tensor of filled.values()) this.heap.bytesOf(tensor).fill(SPOILT);
      },
      dispose: () => this.#free(session),
    };
  }

  /** Gives up the references that the program gave up while it was recorded. */
  #release({ released }: Session): void {
    for (const [dataId, times] of released) for (let i = 0; i < times; i++) this.backend.disposeData(dataId);
    released.clear();
  }

  #free(session: Session): void {
    this.#release(session);
    for (const address of session.reserved.splice(0)) this.heap.free(address);
    session.calls.length = 0;
    session.filled.clear();
  }

  #noting<F extends (...args: never[]) => unknown>(run: F): F {
    const noted = (...args: never[]) => {
      this.#session?.calls.push(() => run(...args));
      return run(...args);
    };
    return noted as F;
  }
}

/** Makes every float32 NaN. */
const SPOILT = 0xff;
