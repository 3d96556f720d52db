// Vectors in scratch, four examples wide: a vector of n numbers takes 16 n bytes, a matrix lies row by row.

/** The vector at index i. */
// @ts-ignore: decorator
@inline
export function at(vector: usize, i: i32): usize {
  return vector + (<usize>i << 4);
}

// @ts-ignore: decorator
@inline
export function get(vector: usize, i: i32): v128 {
  return v128.load(at(vector, i));
}

// @ts-ignore: decorator
@inline
export function put(vector: usize, i: i32, value: v128): void {
  v128.store(at(vector, i), value);
}

/** vector[i] += value */
// @ts-ignore: decorator
@inline
export function accumulate(vector: usize, i: i32, value: v128): void {
  const address = at(vector, i);
  v128.store(address, f32x4.add(v128.load(address), value));
}

// Between tensors, an example after the other, and lanes. Past the last example, lanes repeat it.

/** `to`, `count` vectors, from examples n to n + 3 of `from` [N, count]. */
export function gather(to: usize, from: usize, n: i32, N: i32, count: i32): void {
  const size = <usize>count << 2;
  let at0 = from + size * n;
  let at1 = from + size * min(n + 1, N - 1);
  let at2 = from + size * min(n + 2, N - 1);
  let at3 = from + size * min(n + 3, N - 1);
  for (let i = 0; i < count; i++) {
    let lanes = v128.load32_zero(at0);
    lanes = v128.load_lane<f32>(at1, lanes, 1);
    lanes = v128.load_lane<f32>(at2, lanes, 2);
    lanes = v128.load_lane<f32>(at3, lanes, 3);
    v128.store(to, lanes);
    to += 16;
    at0 += 4;
    at1 += 4;
    at2 += 4;
    at3 += 4;
  }
}

/** The reverse of `gather`. */
export function scatter(to: usize, from: usize, n: i32, N: i32, count: i32): void {
  const size = <usize>count << 2;
  let at0 = to + size * n;
  let at1 = to + size * min(n + 1, N - 1);
  let at2 = to + size * min(n + 2, N - 1);
  let at3 = to + size * min(n + 3, N - 1);
  for (let i = 0; i < count; i++) {
    const lanes = v128.load(from);
    v128.store_lane<f32>(at0, lanes, 0);
    v128.store_lane<f32>(at1, lanes, 1);
    v128.store_lane<f32>(at2, lanes, 2);
    v128.store_lane<f32>(at3, lanes, 3);
    from += 16;
    at0 += 4;
    at1 += 4;
    at2 += 4;
    at3 += 4;
  }
}
