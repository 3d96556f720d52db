// Inverted dropout. It keeps no mask, which would take as much memory as what is dropped: the gradient draws the same numbers again.
import { drawWords, wordsToUniforms } from './random';
import { loadLanes, storeLanes } from './vectors';
import { CHUNK, chunkOf } from './workspace';

/**
 * `out` = 0 where the uniform of the place, of the stream of seed r, is below rates[r], else `x` / (1 - rates[r]); both
 * [replicas, size]. A replica whose rate is 0 is copied.
 */
export function dropout(
  out: usize,
  x: usize,
  seeds: usize,
  rates: usize,
  replicas: i32,
  size: i32,
  workspace: usize,
): void {
  for (let r = 0; r < replicas; r++) {
    const rate = load<f32>(rates + (r << 2));
    for (let i = 0; i < size; i += CHUNK) {
      const count = min(CHUNK, size - i);
      if (rate == 0) {
        memory.copy(out, x, count << 2);
      } else {
        drawWords(workspace, seeds + (r << 3), i >> 2, count);
        wordsToUniforms(workspace, count);
        dropChunk(workspace, out, x, rate, count);
      }
      out += count << 2;
      x += count << 2;
    }
  }
}

function dropChunk(workspace: usize, out: usize, x: usize, rate: f32, count: i32): void {
  const rates = f32x4.splat(rate);
  const scales = f32x4.splat(1 / (1 - rate));
  let from = chunkOf(workspace);
  for (let rest = count; rest > 0; rest -= 4) {
    const factors = v128.andnot(scales, f32x4.lt(v128.load(from), rates));
    // Not simply 0: what is dropped keeps its sign, and a NaN or infinity remains visible.
    storeLanes(out, f32x4.mul(loadLanes(x, rest), factors), rest);
    out += 16;
    x += 16;
    from += 16;
  }
}
