/**
 * What something was made from: its name, and its arguments under theirs. A saved model holds its optimiser in these words,
 * so that loading can make it again.
 */
export interface Config {
  /** Of the function that made it, such as `annealed`. */
  readonly name: string;
  readonly [argument: string]: ConfigValue | undefined;
}

/** What an argument may be: what JSON can hold, and infinities. */
export type ConfigValue =
  | boolean
  | number
  | string
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue | undefined };

/** Something that may say what it was made from. Without that it works all the same, and cannot be saved. */
export interface Configured {
  /** What it was made from. */
  readonly config?: Config | undefined;
}

/** The config of something made of parts: undefined where one of them has none. */
export function whole(
  name: string,
  parts: { readonly [part: string]: ConfigValue | undefined },
): Config | undefined {
  return Object.values(parts).includes(undefined) ? undefined : { name, ...parts };
}
