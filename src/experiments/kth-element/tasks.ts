import type { HostStream } from '../../random/streams.js';
import type { TaskName } from './settings.js';

/** A memory tape to start from, and what its answer cells must hold in the end. */
export interface Example {
  /** [M] */
  readonly memory: Int32Array;
  /** Answer cells by address; all other cells may hold anything. */
  readonly answer: ReadonlyMap<number, number>;
}

/** An algorithmic task of NRAM section 4.2; layouts are those of its execution traces, pointers are absolute. */
export interface Task {
  /** Cells needed at difficulty n. */
  cells(n: number): number;
  /** A random example of difficulty n on a tape of `M` cells. */
  draw(stream: HostStream, n: number, M: number): Example;
}

export const tasks: { readonly [name in TaskName]: Task } = {
  /** head, k, out, then nodes [next, value] at random places; out gets the value k hops from head. */
  ListK: {
    cells: (n) => LIST_START + 2 * n,
    draw(stream, n, M) {
      const memory = new Int32Array(M);
      const slots = stream.permutation(Math.floor((M - LIST_START) / 2)).subarray(0, n);
      const nodes = Array.from(slots, (slot) => LIST_START + 2 * slot);
      const k = stream.integer(n);
      memory[0] = nodes[0]!;
      memory[1] = k;
      for (const [i, node] of nodes.entries()) {
        memory[node] = nodes[i + 1] ?? 0;
        memory[node + 1] = stream.integer(M);
      }
      return { memory, answer: new Map([[2, memory[nodes[k]! + 1]!]]) };
    },
  },

  /** k, A, 0; cell 0 gets what cell k holds. */
  Access: {
    cells: (n) => n + 2,
    draw(stream, n, M) {
      const memory = tape(M, 1, drawArray(stream, n, M));
      memory[0] = 1 + stream.integer(n);
      return { memory, answer: new Map([[0, memory[memory[0]]!]]) };
    },
  },

  /** A, 0; every element is raised by one. The largest integer is left out, so that no element becomes 0. */
  Increment: {
    cells: (n) => n + 1,
    draw(stream, n, M) {
      const array = drawArray(stream, n, M - 1);
      return {
        memory: tape(M, 0, array),
        answer: cellsFrom(
          0,
          array.map((a) => a + 1),
        ),
      };
    },
  },

  /** p, A; A again from p on, where p is the cell after A. */
  Copy: {
    cells: (n) => 2 * n + 1,
    draw: (stream, n, M) => copying(drawArray(stream, n, M), M, (array) => array),
  },

  /** As Copy, in reverse order. */
  Reverse: {
    cells: (n) => 2 * n + 1,
    draw: (stream, n, M) => copying(drawArray(stream, n, M), M, (array) => array.toReversed()),
  },

  /** p, q, A, 0; what cells p and q hold changes places. */
  Swap: {
    cells: (n) => n + 3,
    draw(stream, n, M) {
      const memory = tape(M, 2, drawArray(stream, n, M));
      const [p, q] = stream.permutation(n);
      memory[0] = 2 + p!;
      memory[1] = 2 + (q ?? p!);
      const swapped = Array.from(memory.subarray(2, 2 + n));
      swapped[p!] = memory[memory[1]]!;
      swapped[q ?? p!] = memory[memory[0]]!;
      return { memory, answer: cellsFrom(2, swapped) };
    },
  },
};

/** First cell of the list nodes. */
const LIST_START = 3;

/** n integers from 1 to M - 1: 0 would be the end of the array. */
function drawArray(stream: HostStream, n: number, M: number): number[] {
  return Array.from({ length: n }, () => 1 + stream.integer(M - 1));
}

function tape(M: number, start: number, array: readonly number[]): Int32Array {
  const memory = new Int32Array(M);
  memory.set(array, start);
  return memory;
}

function copying(array: number[], M: number, arrange: (array: number[]) => number[]): Example {
  const memory = tape(M, 1, array);
  memory[0] = array.length + 1;
  return { memory, answer: cellsFrom(memory[0], arrange(array)) };
}

function cellsFrom(start: number, values: readonly number[]): Map<number, number> {
  return new Map(values.map((value, i) => [start + i, value]));
}
