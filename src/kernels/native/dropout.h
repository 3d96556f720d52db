// As in ../assembly/dropout.ts.
#pragma once

#include "random.h"

namespace {

void dropout(Heap& heap, Address out, Address x, Address seeds, Address rates, Count replicas, Count size, Address) {
  float* to = heap.output("out", out, product(replicas, size));
  const float* from = heap.floats("x", x, product(replicas, size));
  const std::int32_t* seed = heap.integers("seeds", seeds, product(2, replicas));
  const float* rate = heap.floats("rates", rates, replicas);
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    if (rate[r] == 0) {
      std::memmove(to, from, (std::size_t)size * 4);
    } else {
      const Floats own = splat(rate[r]), scale = splat(1.0f / (1.0f - rate[r]));
      draw<Uniforms>(Stream(seed), 0, size, [&](auto at, Floats uniforms) {
        at.store(to, at.load(from) * (uniforms < own ? splat(0.0f) : scale));
      });
    }
    seed += 2;
    to += size;
    from += size;
  }
}

}  // namespace
