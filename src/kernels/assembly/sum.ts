import { loadLanes, storeLanes } from './vectors';

/** `out` = `a` + `b`, all of `count` numbers. */
export function sum(out: usize, a: usize, b: usize, count: i32): void {
  for (let rest = count; rest > 0; rest -= 4) {
    storeLanes(out, f32x4.add(loadLanes(a, rest), loadLanes(b, rest)), rest);
    out += 16;
    a += 16;
    b += 16;
  }
}
