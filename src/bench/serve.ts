import { createInterface } from 'node:readline';

/** What a contestant is asked for, a JSON line on its standard input each; it answers `{}` when it is done. */
export type Request =
  /** Get a population ready and warm; comes first, and once. */
  | { readonly prepare: { readonly replicas: number; readonly noise: boolean } }
  /** Train so many steps, to the end of the last one. */
  | { readonly steps: number };

/** Trains a population by so many steps. */
export type Advance = (steps: number) => Promise<void> | void;

/** Makes this process a contestant until its standard input ends. */
export async function serve(
  prepare: (replicas: number, noise: boolean) => Promise<Advance> | Advance,
): Promise<void> {
  let advance: Advance | undefined;
  for await (const line of createInterface(process.stdin)) {
    const request = JSON.parse(line) as Request;
    if ('prepare' in request) {
      advance = await prepare(request.prepare.replicas, request.prepare.noise);
      await advance(1);
    } else await advance!(request.steps);
    process.stdout.write('{}\n');
  }
  process.exit(0);
}
