/** Copies `rows` rows of `bytes` bytes each, which begin `toStride` and `fromStride` bytes apart. */
export function copyRows(
  to: usize,
  from: usize,
  rows: i32,
  bytes: usize,
  toStride: usize,
  fromStride: usize,
): void {
  for (let r = 0; r < rows; r++) {
    // V8 leaves WebAssembly for memory.copy, which costs more than a short row itself.
    if (bytes > SHORT) memory.copy(to, from, bytes);
    else copyShort(to, from, bytes);
    to += toStride;
    from += fromStride;
  }
}

const SHORT: usize = 128;

// @ts-ignore: decorator
@inline
function copyShort(to: usize, from: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at + 4 <= bytes; at += 4) store<i32>(to + at, load<i32>(from + at));
  for (; at < bytes; at++) store<u8>(to + at, load<u8>(from + at));
}
