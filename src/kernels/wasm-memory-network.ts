import type * as tf from '@tensorflow/tfjs';
import { EMBED_BAGS, EMBED_BAGS_GRADIENT, MEMORY_HOP, MEMORY_HOP_GRADIENT } from './kernel-names.js';
import type { WasmHeap } from './wasm-heap.js';

/** What src/kernels/assembly/memory-network.ts exports. */
export interface MemoryNetworkModule {
  embedBags(
    out: number,
    table: number,
    ids: number,
    weights: number,
    replicas: number,
    bags: number,
    slots: number,
    width: number,
    tableBytes: number,
    idBytes: number,
  ): void;
  embedBagsGradient(
    dTable: number,
    dOut: number,
    ids: number,
    weights: number,
    replicas: number,
    bags: number,
    slots: number,
    width: number,
    tableBytes: number,
    idBytes: number,
  ): void;
  memoryHop(
    out: number,
    attention: number,
    query: number,
    input: number,
    output: number,
    ids: number,
    weights: number,
    linear: number,
    scratch: number,
    replicas: number,
    queries: number,
    sentences: number,
    slots: number,
    width: number,
    tableBytes: number,
    idBytes: number,
  ): void;
  memoryHopGradient(
    dQuery: number,
    dInput: number,
    dOutput: number,
    dOut: number,
    attention: number,
    query: number,
    input: number,
    output: number,
    ids: number,
    weights: number,
    linear: number,
    scratch: number,
    replicas: number,
    queries: number,
    sentences: number,
    slots: number,
    width: number,
    tableBytes: number,
    idBytes: number,
  ): void;
}

const BYTES = 4;

/** Registers the kernels of src/kernels/memory-network.ts for the wasm backend. */
export function registerMemoryNetwork(module: MemoryNetworkModule, heap: WasmHeap): void {
  registerEmbedBags(module, heap);
  registerMemoryHop(module, heap);
}

function registerEmbedBags(module: MemoryNetworkModule, heap: WasmHeap): void {
  heap.register(EMBED_BAGS, ({ inputs }) => {
    const { table, ids, weights } = inputs as { [name: string]: tf.TensorInfo };
    const [replicas, words, width] = table!.shape as [number, number, number];
    const [, bags, slots] = ids!.shape as [number, number, number];
    const out = heap.output([replicas, bags, width]);
    const [to, from, bag, weight] = addresses(heap, out, table, ids, weights);
    const tableBytes = words * width * BYTES;
    module.embedBags(to, from, bag, weight, replicas, bags, slots, width, tableBytes, stride(ids!));
    return out;
  });

  heap.register(EMBED_BAGS_GRADIENT, ({ inputs, attrs }) => {
    const { dy, ids, weights } = inputs as { [name: string]: tf.TensorInfo };
    const words = attrs.words as number;
    const [replicas, bags, width] = dy!.shape as [number, number, number];
    const slots = ids!.shape[2]!;
    const out = heap.output([replicas, words, width]);
    const [to, from, bag, weight] = addresses(heap, out, dy, ids, weights);
    const tableBytes = words * width * BYTES;
    module.embedBagsGradient(to, from, bag, weight, replicas, bags, slots, width, tableBytes, stride(ids!));
    return out;
  });
}

function registerMemoryHop(module: MemoryNetworkModule, heap: WasmHeap): void {
  heap.register(MEMORY_HOP, ({ inputs }) => {
    const { query, input, output, ids, weights, linear } = inputs as { [name: string]: tf.TensorInfo };
    const [replicas, queries, width] = query!.shape as [number, number, number];
    const [, , sentences, slots] = ids!.shape as [number, number, number, number];
    const out = heap.output([replicas, queries, width]);
    const attention = heap.output([replicas, queries, sentences]);
    const scratch = heap.scratch(width * BYTES);
    const [o, p, u, a, c, i, w, l] = addresses(
      heap,
      out,
      attention,
      query,
      input,
      output,
      ids,
      weights,
      linear,
    );
    const tableBytes = input!.shape[1]! * width * BYTES;
    module.memoryHop(
      o,
      p,
      u,
      a,
      c,
      i,
      w,
      l,
      scratch,
      replicas,
      queries,
      sentences,
      slots,
      width,
      tableBytes,
      stride(ids!),
    );
    return [out, attention];
  });

  heap.register(MEMORY_HOP_GRADIENT, ({ inputs }) => {
    const { dy, attention, query, input, output, ids, weights, linear } = inputs as {
      [name: string]: tf.TensorInfo;
    };
    const [replicas, queries, width] = query!.shape as [number, number, number];
    const [, , sentences, slots] = ids!.shape as [number, number, number, number];
    const results = [heap.output(query!.shape), heap.output(input!.shape), heap.output(output!.shape)];
    const scratch = heap.scratch((2 * width + sentences) * BYTES);
    const [du, da, dc] = addresses(heap, ...results);
    const [d, p, u, a, c, i, w, l] = addresses(
      heap,
      dy,
      attention,
      query,
      input,
      output,
      ids,
      weights,
      linear,
    );
    const tableBytes = input!.shape[1]! * width * BYTES;
    module.memoryHopGradient(
      du,
      da,
      dc,
      d,
      p,
      u,
      a,
      c,
      i,
      w,
      l,
      scratch,
      replicas,
      queries,
      sentences,
      slots,
      width,
      tableBytes,
      stride(ids!),
    );
    return results;
  });
}

/** Bytes from one replica's ids to the next's; 0 where all replicas share them. */
function stride({ shape }: tf.TensorInfo): number {
  const [replicas, ...rest] = shape as [number, ...number[]];
  return replicas === 1 ? 0 : rest.reduce((product, size) => product * size, BYTES);
}

function addresses<T extends readonly (tf.TensorInfo | undefined)[]>(
  heap: WasmHeap,
  ...tensors: T
): { [K in keyof T]: number } {
  return tensors.map((tensor) => heap.address(tensor!)) as { [K in keyof T]: number };
}
