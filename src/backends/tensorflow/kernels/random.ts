import { type Calls, kernel, type Value } from './calls.js';

/** TensorFlow's own generator, on the device. */
export function registerRandom(): void {
  kernel('StatelessRandomNormalPerReplica', (calls, { seeds }, { size }) => [normals(calls, seeds, size)]);
  kernel('StatelessRandomUniformPerReplica', (calls, { seeds }, { size }) => [
    perReplica(calls, 'StatelessRandomUniform', seeds, size),
  ]);
}

/** Normals [R, size] of `seeds` int32 [R, 2]. */
export function normals(calls: Calls, seeds: Value, size: number): Value {
  return perReplica(calls, 'StatelessRandomNormal', seeds, size);
}

/** The generator takes one seed: it is called once per replica. Seeds are taken apart and rows put together on the device. */
function perReplica(calls: Calls, operation: string, seeds: Value, size: number): Value {
  return calls.tidy(() => {
    const rows = calls.unstack(seeds).map((seed) => calls.call(operation, [calls.integers([1, size]), seed]));
    return calls.concat(rows, 0);
  });
}
