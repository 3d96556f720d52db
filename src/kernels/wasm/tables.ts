import type { WasmHeap } from './heap.js';

/**
 * Writes a table of words to the heap, for kernels that take many tensors at once. Call it when all outputs have been
 * made: the heap may grow with them.
 * @param behind bytes of working memory that the kernel needs besides.
 * @returns addresses of the table, and of the memory behind it.
 */
export function writeTable(
  heap: WasmHeap,
  words: readonly number[],
  behind = 0,
): { table: number; scratch: number } {
  const bytes = Math.ceil((4 * words.length) / 64) * 64;
  const table = heap.scratch(bytes + behind);
  new Uint32Array(heap.bytes().buffer, table, words.length).set(words);
  return { table, scratch: table + bytes };
}
