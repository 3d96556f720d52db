import type { HostStream } from '../../../random/streams.js';

/** Random choices, all from one stream. */
export class Dice {
  constructor(private readonly random: HostStream) {}

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  /** One of the options, all alike. */
  pick<T>(options: readonly T[]): T {
    if (options.length === 0) throw new Error('There is nothing to pick from.');
    return options[this.random.integer(options.length)]!;
  }

  /** One of the options that are not `taboo`. */
  pickOther<T>(options: readonly T[], ...taboo: readonly (T | undefined)[]): T {
    return this.pick(options.filter((option) => !taboo.includes(option)));
  }

  /** One of the options, each with a probability in proportion to its weight. */
  weighted<T>(options: readonly (readonly [T, number])[]): T {
    const total = options.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.random.uniform() * total;
    for (const [option, weight] of options) {
      left -= weight;
      if (left < 0) return option;
    }
    return options.at(-1)![0];
  }

  /** The options in random order. */
  shuffle<T>(options: readonly T[]): T[] {
    return Array.from(this.random.permutation(options.length), (i) => options[i]!);
  }
}
