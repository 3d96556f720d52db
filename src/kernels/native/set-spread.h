// As in ../assembly/set-spread.ts.
#pragma once

#include "heap.h"

namespace {

/** A replica's parameter sets, [sets, size]. */
struct ParameterSets {
  const float* x;
  Count sets, size;

  INLINE const float* row(Count i) const { return x + (std::ptrdiff_t)i * size; }

  template <typename Span>
  INLINE Floats mean(Span at) const {
    Floats sum = splat(0.0f);
    for (Count i = 0; i < sets; i++) sum = sum + at.load(row(i));
    return sum / splat((float)sets);
  }
};

/** Spreads of `ROWS` replicas at once: each is one long chain of additions, and several hide each other's latency. */
template <int ROWS>
void spreadsOf(float* out, const ParameterSets& first, float* means) {
  const Count sets = first.sets, size = first.size;
  ParameterSets all[ROWS];
  float sums[ROWS] = {};
  for (int r = 0; r < ROWS; r++) {
    all[r] = {first.x + (std::ptrdiff_t)r * sets * size, sets, size};
    float* own = means + (std::ptrdiff_t)r * size;
    eachVector(size, [&](auto at) { at.store(own, all[r].mean(at)); });
  }
  for (Count i = 0; i < sets; i++)
    for (Count j = 0; j < size; j++)
#pragma GCC unroll 8
      for (int r = 0; r < ROWS; r++) {
        const float distance = all[r].row(i)[j] - means[(std::ptrdiff_t)r * size + j];
        sums[r] += distance * distance;
      }
  for (int r = 0; r < ROWS; r++) out[r] = sums[r];
}

void setSpread(Heap& heap, Address out, Address x, Address, Count replicas, Count sets, Count size) {
  constexpr int AT_ONCE = 8;
  float* spreads = heap.output("out", out, replicas);
  const float* all = heap.floats("x", x, product(replicas, sets, size));
  float* means = (float*)heap.scratch(product(AT_ONCE, size, 4));
  if (heap.refused()) return;
  const std::ptrdiff_t own = (std::ptrdiff_t)sets * size;
  Count r = 0;
  for (; r + AT_ONCE <= replicas; r += AT_ONCE) spreadsOf<AT_ONCE>(spreads + r, {all + r * own, sets, size}, means);
  for (; r < replicas; r++) spreadsOf<1>(spreads + r, {all + r * own, sets, size}, means);
}

void setSpreadGradient(Heap& heap, Address dx, Address dy, Address x, Count replicas, Count sets, Count size) {
  const double count = product(replicas, sets, size);
  float* out = heap.output("dx", dx, count);
  const float* gradients = heap.floats("dy", dy, replicas);
  const float* all = heap.floats("x", x, count);
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    const ParameterSets own = {all, sets, size};
    const Floats gradient = splat(gradients[r]);
    const auto target = [&](Count i) { return out + (std::ptrdiff_t)i * size; };
    eachVector(size, [&](auto at) {
      const Floats mean = own.mean(at);
      Floats sum = splat(0.0f);
      for (Count i = 0; i < sets; i++) {
        const Floats pull = gradient * ((at.load(own.row(i)) - mean) * 2.0f);
        at.store(target(i), pull);
        sum = sum + pull;
      }
      const Floats back = negated(sum) / splat((float)sets);
      for (Count i = 0; i < sets; i++) at.store(target(i), at.load(target(i)) + back);
    });
    all += (std::ptrdiff_t)sets * size;
    out += (std::ptrdiff_t)sets * size;
  }
}

}  // namespace
