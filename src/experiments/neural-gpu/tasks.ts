import type { HostStream } from '../../random/streams.js';

/** Symbols, also the classes of the output. The paper has these four. [NGPU section 2] */
export const PAD = 0;
export const ZERO = 1;
export const ONE = 2;
export const OPERATOR = 3;
export const SYMBOLS = 4;

export const taskNames = ['addition', 'multiplication', 'copy', 'reverse', 'duplicate', 'sort'] as const;
export type TaskName = (typeof taskNames)[number];

/** Symbols at the positions of one sequence; input and target are equally long. */
export interface Example {
  readonly input: readonly number[];
  readonly target: readonly number[];
}

/** An algorithm on bits. Numbers are written with their least significant bit first. */
export interface Task {
  /** Positions of a sequence of `size`: digits of each operand, or bits to be copied, reversed, ... */
  length(size: number): number;
  /** A random sequence of exactly this size; operands may have leading zeros. */
  draw(stream: HostStream, size: number): Example;
}

/** The algorithms of NGPU section 2 and 3. */
export const tasks: { readonly [name in TaskName]: Task } = {
  addition: arithmetic((x, y) => x + y),
  multiplication: arithmetic((x, y) => x * y),
  copy: rearrangement((bits) => bits),
  reverse: rearrangement((bits) => [...bits].reverse()),
  sort: rearrangement((bits) => [...bits].sort()),
  duplicate: {
    length: (size) => 2 * size,
    draw(stream, size) {
      const symbols = drawBits(stream, size);
      return { input: padded(symbols, 2 * size), target: [...symbols, ...symbols] };
    },
  },
};

function arithmetic(operation: (x: bigint, y: bigint) => bigint): Task {
  const length = (size: number) => 2 * size + 1;
  return {
    length,
    draw(stream, size) {
      const [x, y] = [drawBits(stream, size), drawBits(stream, size)];
      const result = symbolsOf(operation(numberOf(x), numberOf(y)));
      return { input: [...x, OPERATOR, ...y], target: padded(result, length(size)) };
    },
  };
}

function rearrangement(result: (symbols: readonly number[]) => readonly number[]): Task {
  return {
    length: (size) => size,
    draw(stream, size) {
      const input = drawBits(stream, size);
      return { input, target: result(input) };
    },
  };
}

/** `count` random bits as symbols, 32 to a word of the stream. */
function drawBits(stream: HostStream, count: number): number[] {
  let word = 0;
  return Array.from({ length: count }, (_, i) => {
    word = i % 32 === 0 ? stream.word() : word >>> 1;
    return word & 1 ? ONE : ZERO;
  });
}

/** The number that bits stand for, the least significant first. */
export function numberOf(symbols: readonly number[]): bigint {
  const digits = [...symbols].reverse().map((symbol) => (symbol === ONE ? '1' : '0'));
  return BigInt(`0b${digits.join('')}`);
}

/** A number's bits without high zeros; 0 is the single bit 0. */
export function symbolsOf(number: bigint): number[] {
  return [...number.toString(2)].reverse().map((digit) => (digit === '1' ? ONE : ZERO));
}

function padded(symbols: readonly number[], length: number): number[] {
  return [...symbols, ...new Array<number>(length - symbols.length).fill(PAD)];
}
