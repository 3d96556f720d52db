import { loadLanes, storeLanes } from './vectors';

/** `out` = `a` + `b`, all of `count` numbers. */
export function sum(out: usize, a: usize, b: usize, count: i32): void {
  const end = out + (<usize>(count & ~3) << 2);
  for (; out < end; out += 16, a += 16, b += 16) v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
  const rest = count & 3;
  if (rest > 0) storeLanes(out, f32x4.add(loadLanes(a, rest), loadLanes(b, rest)), rest);
}
