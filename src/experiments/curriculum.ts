/** What came out wrong since the last look, among all that counts for a curriculum's level. */
export interface Counted {
  readonly wrong: number;
  readonly all: number;
}

/** Every replica's counts from the sums of a monitor [R, 2]: wrong, all. */
export function countsOf(sums: Float32Array): Counted[] {
  return Array.from({ length: sums.length / 2 }, (_, r) => ({ wrong: sums[2 * r]!, all: sums[2 * r + 1]! }));
}

/** The share that was wrong; null where nothing was counted. */
export function errorOf({ wrong, all }: Counted): number | null {
  return all > 0 ? wrong / all : null;
}
