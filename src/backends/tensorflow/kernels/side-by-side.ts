import * as tf from '@tensorflow/tfjs';
import type { Calls, Value } from './calls.js';

/** Tensors that differ in their second axis only, by their places in the list. */
interface Group {
  readonly members: readonly number[];
  /** Sizes of the members' second axes. */
  readonly sizes: readonly number[];
  /** The axes that follow. */
  readonly rest: readonly number[];
}

/**
 * Tensors [R, ...] as one, [R, P], so that one operation does for all what would be one each. Tensors that differ in their
 * second axis only lie next to each other: they are put together without being reshaped one by one.
 */
export class SideBySide {
  readonly #groups: readonly Group[];
  /** The list's places in the order in which the tensors lie. */
  readonly order: readonly number[];

  constructor(private readonly shapes: readonly (readonly number[])[]) {
    const groups = new Map<string, number[]>();
    for (const [i, shape] of shapes.entries()) {
      const rest = shape.slice(2).join();
      groups.set(rest, [...(groups.get(rest) ?? []), i]);
    }
    this.#groups = [...groups.values()].map((members) => ({
      members,
      sizes: members.map((i) => shapes[i]![1] ?? 1),
      rest: shapes[members[0]!]!.slice(2),
    }));
    this.order = this.#groups.flatMap(({ members }) => members);
  }

  /** [R, P] */
  join(calls: Calls, tensors: readonly Value[]): Value {
    return calls.tidy(() => {
      const parts = this.#groups.map((group) => {
        const { members, sizes, rest } = group;
        const own = members.map((i, m) => calls.reshape(tensors[i]!, [this.R, sizes[m]!, ...rest]));
        return calls.reshape(calls.concat(own, 1), [this.R, widthOf(group)]);
      });
      return calls.concat(parts, 1);
    });
  }

  /** The tensors again, in the list's order. */
  part(calls: Calls, all: Value): Value[] {
    return calls.tidy(() => {
      const tensors: Value[] = [];
      for (const [g, part] of calls.split(all, this.#groups.map(widthOf), 1).entries()) {
        const { members, sizes, rest } = this.#groups[g]!;
        const shaped = calls.reshape(part, [this.R, sum(sizes), ...rest]);
        for (const [m, own] of calls.split(shaped, sizes, 1).entries())
          tensors[members[m]!] = calls.reshape(own, this.shapes[members[m]!]!);
      }
      return tensors;
    });
  }

  private get R(): number {
    return this.shapes[0]![0]!;
  }
}

/** Numbers of each replica in all of a group. */
function widthOf({ sizes, rest }: Group): number {
  return sum(sizes) * tf.util.sizeFromShape([...rest]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
