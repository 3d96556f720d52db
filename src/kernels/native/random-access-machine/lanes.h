// Between tensors, an example after the other, and lanes, an example in each. Past the last example, lanes repeat it.
#pragma once

#include "../vectors.h"

namespace {

/** The examples in the lanes: from `first` on, of `count` in all. */
struct Examples {
  Count first, count;

  INLINE std::ptrdiff_t inLane(int lane) const { return first + lane < count ? first + lane : count - 1; }
  /** Whether each lane has one of its own. */
  INLINE bool areAll() const { return first + LANES <= count; }
};

/** `to`, `size` vectors, from x [N, size]. */
INLINE void gather(Floats* to, const float* x, const Examples& examples, Count size) {
  Count i = 0;
  if (examples.areAll()) {
    const float* row = x + (std::ptrdiff_t)examples.first * size;
    for (; i + 4 <= size; i += 4) {
      Floats fours[4];
      for (int k = 0; k < 4; k++) fours[k] = loadFours(row + (std::ptrdiff_t)k * size + i, 4 * (std::ptrdiff_t)size);
      transposeFours(fours);
      for (int k = 0; k < 4; k++) to[i + k] = fours[k];
    }
  }
  for (int lane = 0; lane < LANES; lane++) {
    const float* row = x + examples.inLane(lane) * size;
    for (Count k = i; k < size; k++) ((float*)&to[k])[lane] = row[k];
  }
}

/** The reverse. */
INLINE void scatter(float* x, const Floats* from, const Examples& examples, Count size) {
  Count i = 0;
  if (examples.areAll()) {
    float* row = x + (std::ptrdiff_t)examples.first * size;
    for (; i + 4 <= size; i += 4) {
      Floats fours[4] = {from[i], from[i + 1], from[i + 2], from[i + 3]};
      transposeFours(fours);
      for (int k = 0; k < 4; k++) storeFours(row + (std::ptrdiff_t)k * size + i, 4 * (std::ptrdiff_t)size, fours[k]);
    }
  }
  for (int lane = 0; lane < LANES && examples.first + lane < examples.count; lane++) {
    float* row = x + examples.inLane(lane) * size;
    for (Count k = i; k < size; k++) row[k] = ((const float*)&from[k])[lane];
  }
}

INLINE Floats gatherOne(const float* x, const Examples& examples) {
  Floats lanes;
  gather(&lanes, x, examples, 1);
  return lanes;
}

}  // namespace
