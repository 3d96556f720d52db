/** Grey images with a class each, on the host. */
export interface Images {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** [count, rows * columns], row by row, 0 = background to 255 = ink. */
  readonly pixels: Uint8Array;
  /** [count], the class 0-9 of every image. */
  readonly labels: Uint8Array;
}

/** A training set and the held-out test set that belongs to it. */
export interface ImageSet {
  readonly train: Images;
  readonly test: Images;
}
