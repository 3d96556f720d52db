import * as tf from '@tensorflow/tfjs';
import type { Recorder, Recording } from '../../../kernels/recorder.js';
import type { Binding, Functions } from '../binding.js';
import type { GnoiseBackend, Stored } from '../node-backend.js';
import { functionDefinition } from './function-definition.js';
import { type Operation, readOperations } from './operations.js';
import { Trace, type Traced } from './trace.js';

/** What a function returns, and the tensor whose numbers that is. */
interface Result {
  readonly stored: Stored;
  readonly traced: Traced;
}

/**
 * Records what a program does as a function of TensorFlow, and replays it by one call: calling operations one at a time takes
 * longer, and on a GPU much longer, than what small networks compute.
 */
export class TensorflowRecorder implements Recorder {
  /** Tensors change owners; no number is copied. */
  readonly secondsPerByte = 0;
  #operations: ReadonlyMap<string, Operation> | undefined;
  #functions = 0;

  constructor(
    private readonly backend: GnoiseBackend,
    private readonly binding: Binding & Functions,
  ) {}

  record<T>(run: () => T): { result: T; recording: Recording | null } {
    const trace = new Trace(this.backend.constants);
    this.backend.trace = trace;
    try {
      const result = run();
      const tensors = tf.tensor_util.getTensorsInContainer(result as tf.TensorContainer);
      return { result, recording: this.#recordingOf(trace, tensors) };
    } finally {
      this.backend.trace = null;
    }
  }

  overwrite(to: tf.Tensor, from: tf.Tensor): void {
    const [id] = this.backend.getInputTensorIds([from]);
    const [copy] = this.binding.executeOp('Identity', [], [id!], 1);
    this.#replace(this.backend.tensorMap.get(to.dataId), copy!.id);
  }

  move(to: tf.Tensor, from: tf.Tensor): void {
    const [old, given] = [to, from].map(({ dataId }) => this.backend.tensorMap.get(dataId)) as [
      Stored,
      Stored,
    ];
    // Where others hold it, too, they keep it.
    if (given.refCount > 1) this.overwrite(to, from);
    else {
      const { id, values } = given;
      Object.assign(given, NOTHING);
      this.#replace(old, id, values);
    }
  }

  forget({ dataId }: tf.Tensor): void {
    const stored = this.backend.tensorMap.get(dataId);
    if (stored.refCount === 1) this.#replace(stored, NOTHING.id);
  }

  #recordingOf(trace: Trace, tensors: readonly tf.Tensor[]): Recording | null {
    const results = this.#resultsOf(trace, tensors);
    if (!trace.isComplete || results.length === 0) return null;
    const name = this.#addFunction(trace, results);
    if (name === null) return null;
    const attributes = [{ name: 'config_proto', type: this.binding.TF_ATTR_STRING, value: AS_IT_STANDS }];
    const taken = trace.arguments.map(({ dataId }) => dataId);
    return {
      calls: trace.steps.length,
      bytes: 0,
      replay: () => {
        const inputs = taken.map((dataId) => this.#idOf(dataId));
        const outputs = this.binding.executeOp(name, attributes, inputs, results.length);
        results.forEach(({ stored }, i) => {
          this.#replace(stored, outputs[i]!.id);
        });
      },
      spoil: () => {
        for (const { stored } of results) this.#spoil(stored);
      },
      dispose: () => this.binding.removeFunction(name),
    };
  }

  /** @returns its name; null where a call is of a kind that cannot be written down: steps go on as ever, then. */
  #addFunction(trace: Trace, results: readonly Result[]): string | null {
    const name = `gnoise_${this.#functions++}`;
    const returned = results.map(({ traced }) => traced);
    try {
      this.#operations ??= readOperations(this.binding.operationList());
      this.binding.addFunction(functionDefinition(name, trace, returned, this.#operations, this.binding));
      return name;
    } catch {
      return null;
    }
  }

  /** Of tensors, those that the operations of a program made. */
  #resultsOf(trace: Trace, tensors: readonly tf.Tensor[]): Result[] {
    const all = new Set(tensors.map(({ dataId }) => this.backend.tensorMap.get(dataId)));
    return [...all].flatMap((stored) => {
      const traced = stored.values ? undefined : trace.find(stored.id);
      return traced?.source.kind === 'output' ? { stored, traced } : [];
    });
  }

  #idOf(dataId: object): number {
    const stored = this.backend.tensorMap.get(dataId);
    if (stored.values)
      this.#replace(stored, this.binding.createTensor(stored.shape, stored.dtype, stored.values));
    return stored.id;
  }

  #replace(stored: Stored, id: number, values: Stored['values'] = null): void {
    if (stored.id >= 0) this.binding.deleteTensor(stored.id);
    Object.assign(stored, { id, values });
  }

  #spoil(stored: Stored): void {
    const size = stored.shape.reduce((product, length) => product * length, 1);
    const spoilt = new Uint8Array(4 * size).fill(SPOILT).buffer;
    const values = stored.dtype === this.binding.TF_INT32 ? new Int32Array(spoilt) : new Float32Array(spoilt);
    this.#replace(stored, this.binding.createTensor(stored.shape, stored.dtype, values));
  }
}

/**
 * A serialised tensorflow.ConfigProto whose graph_options.rewrite_options turn off what gives other bits: TensorFlow would else
 * regroup sums and products (constant_folding 3, arithmetic_optimization 7, remapping 14), add up large tensors in another order
 * (memory_optimization 4) and lay out images anew (layout_optimizer 1).
 */
const AS_IT_STANDS = '\x52\x0c\x52\x0a\x08\x02\x18\x02\x20\x01\x38\x02\x70\x02';

/** What is stored of a tensor without numbers. */
const NOTHING = { id: -1, values: null };

/** Makes every float32 NaN. */
const SPOILT = 0xff;
