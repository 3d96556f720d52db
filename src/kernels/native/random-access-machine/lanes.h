// Between tensors, an example after the other, and lanes, an example in each. Past the last example, lanes repeat it.
#pragma once

#include "../vectors.h"

namespace {

/** The examples in the lanes: from `first` on, of `count` in all. */
struct Examples {
  Count first, count;

  INLINE std::ptrdiff_t inLane(int lane) const { return first + lane < count ? first + lane : count - 1; }
};

/** `to`, `size` vectors, from x [N, size]. */
void gather(Floats* to, const float* x, const Examples& examples, Count size) {
  const float* rows[LANES];
  for (int lane = 0; lane < LANES; lane++) rows[lane] = x + examples.inLane(lane) * size;
  Count i = 0;
  for (; i + 4 <= size; i += 4) {
    Floats fours[4];
    for (int k = 0; k < 4; k++) fours[k] = loadFours(rows + k, i);
    transposeFours(fours);
    for (int k = 0; k < 4; k++) to[i + k] = fours[k];
  }
  for (; i < size; i++) {
    Floats one;
    for (int lane = 0; lane < LANES; lane++) one[lane] = rows[lane][i];
    to[i] = one;
  }
}

/** The reverse. */
void scatter(float* x, const Floats* from, const Examples& examples, Count size) {
  float* rows[LANES];
  for (int lane = 0; lane < LANES; lane++) rows[lane] = x + examples.inLane(lane) * size;
  Count i = 0;
  for (; i + 4 <= size; i += 4) {
    Floats fours[4] = {from[i], from[i + 1], from[i + 2], from[i + 3]};
    transposeFours(fours);
    for (int k = 0; k < 4; k++) storeFours(rows + k, i, fours[k]);
  }
  for (; i < size; i++)
    for (int lane = 0; lane < LANES; lane++) rows[lane][i] = from[i][lane];
}

INLINE Floats gatherOne(const float* x, const Examples& examples) {
  Floats lanes;
  gather(&lanes, x, examples, 1);
  return lanes;
}

}  // namespace
