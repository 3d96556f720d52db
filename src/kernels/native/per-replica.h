// As in ../assembly/per-replica.ts.
#pragma once

#include "heap.h"

namespace {

/** What `maskAndSum` does for one replica and up to a vector of columns; sums stay in a register over all rows. */
template <typename Span>
INLINE void maskAndSumColumns(
    Span at, float* dz, float* db, const float* dy, const float* y, Count rows, Count columns) {
  Floats sum = splat(0.0f);
  for (Count i = 0; i < rows; i++) {
    const std::ptrdiff_t row = (std::ptrdiff_t)i * columns;
    Floats gradient = at.load(dy + row);
    if (y != nullptr) {
      gradient = at.load(y + row) > 0.0f ? gradient : splat(0.0f);
      at.store(dz + row, gradient);
    }
    sum = sum + gradient;
  }
  at.store(db, sum);
}

/**
 * Backward pass of y = relu(z), z = x w + b, for [replicas, rows, columns]: `dz` = `dy` where `y` > 0, else 0, and `db`
 * [replicas, columns] the sums of dz over the rows.
 * @param y pass 0 when there is no relu; then `dz` is not written and `db` sums dy.
 */
void maskAndSum(
    Heap& heap, Address dz, Address db, Address dy, Address y, Count replicas, Count rows, Count columns) {
  const bool masks = y != Address{};
  const double size = product(replicas, rows, columns);
  float* toZ = masks ? heap.output("dz", dz, size) : nullptr;
  float* sums = heap.output("db", db, product(replicas, columns));
  const float* gradients = heap.floats("dy", dy, size);
  const float* values = masks ? heap.floats("y", y, size) : nullptr;
  if (heap.refused()) return;
  const std::ptrdiff_t replica = (std::ptrdiff_t)rows * columns;
  for (Count r = 0; r < replicas; r++) {
    eachVector(columns, [&](auto at) { maskAndSumColumns(at, toZ, sums, gradients, values, rows, columns); });
    if (masks) {
      toZ += replica;
      values += replica;
    }
    gradients += replica;
    sums += columns;
  }
}

typedef VECTOR(double, 32) FourDoubles;

/** Adds the squares of four numbers, lane by lane. */
INLINE FourDoubles addSquares(FourDoubles sums, Four x) {
  const FourDoubles wide = __builtin_convertvector(x, FourDoubles);
  return sums + wide * wide;
}

/** Sums of squares of `ROWS` rows at once: each is one long chain of additions, and several hide each other's latency. */
template <int ROWS>
INLINE void squaredNormsOf(float* out, const float* x, Count size) {
  FourDoubles sums[ROWS] = {};
  Count i = 0;
  for (; i + 4 <= size; i += 4)
    for (int r = 0; r < ROWS; r++) sums[r] = addSquares(sums[r], load<Four>(x + (std::ptrdiff_t)r * size + i));
  for (int r = 0; r < ROWS; r++) {
    Four rest = {};
    for (Count j = i; j < size; j++) rest[j - i] = x[(std::ptrdiff_t)r * size + j];
    const FourDoubles sum = addSquares(sums[r], rest);
    out[r] = (float)((sum[0] + sum[2]) + (sum[1] + sum[3]));
  }
}

/** out[r] = sum of squares of row r of `x` [replicas, size]; in double precision, so that long rows lose nothing. */
void squaredNorms(Heap& heap, Address out, Address x, Count replicas, Count size) {
  float* norms = heap.output("out", out, replicas);
  const float* rows = heap.floats("x", x, product(replicas, size));
  if (heap.refused()) return;
  Count r = 0;
  for (; r + 4 <= replicas; r += 4) squaredNormsOf<4>(norms + r, rows + (std::ptrdiff_t)r * size, size);
  for (; r < replicas; r++) squaredNormsOf<1>(norms + r, rows + (std::ptrdiff_t)r * size, size);
}

}  // namespace
