// As in ../assembly/per-replica.ts.
#pragma once

#include "heap.h"

namespace {

/** One replica's arrays of `maskAndSum`; without `y` nothing is masked. */
struct MaskAndSum {
  float* dz;
  float* db;
  const float *dy, *y;
  Count rows, columns;

  /** A vector of a row's columns, masked. */
  template <typename Span>
  INLINE Floats masked(Span at, std::ptrdiff_t row) const {
    Floats gradient = at.load(dy + row);
    if (y != nullptr) {
      gradient = at.load(y + row) > 0.0f ? gradient : splat(0.0f);
      at.store(dz + row, gradient);
    }
    return gradient;
  }

  /** `VECTORS` vectors of columns from `first` on, and `rest` columns behind them; sums stay in registers over all rows. */
  template <int VECTORS>
  INLINE void run(Count first, Count rest) const {
    const PartOfVector part = {first + VECTORS * LANES, rest};
    Floats sums[VECTORS + 1] = {};
    for (Count i = 0; i < rows; i++) {
      const std::ptrdiff_t row = (std::ptrdiff_t)i * columns;
      for (int v = 0; v < VECTORS; v++) sums[v] = sums[v] + masked(WholeVector{first + v * LANES}, row);
      if (rest > 0) sums[VECTORS] = sums[VECTORS] + masked(part, row);
    }
    for (int v = 0; v < VECTORS; v++) store(db + first + v * LANES, sums[v]);
    if (rest > 0) part.store(db, sums[VECTORS]);
  }

  INLINE void run() const {
    Count first = 0;
    for (; first + 4 * LANES <= columns; first += 4 * LANES) run<4>(first, 0);
    const Count vectors = (columns - first) / LANES;
    const Count rest = (columns - first) % LANES;
    if (vectors == 3) run<3>(first, rest);
    if (vectors == 2) run<2>(first, rest);
    if (vectors == 1) run<1>(first, rest);
    if (vectors == 0 && rest > 0) run<0>(first, rest);
  }
};

/** out [columns] = sums of the columns of x [rows, columns]. */
void columnSums(float* out, const float* x, double rows, Count columns) {
  MaskAndSum{nullptr, out, x, nullptr, (Count)rows, columns}.run();
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
  MaskAndSum one = {toZ, sums, gradients, values, rows, columns};
  for (Count r = 0; r < replicas; r++) {
    one.run();
    if (masks) {
      one.dz += replica;
      one.y += replica;
    }
    one.dy += replica;
    one.db += columns;
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
INLINE void squaredNormsOf(float* out, float* scaled, const float* x, Count size) {
  FourDoubles sums[ROWS] = {};
  Count i = 0;
  for (; i + 4 <= size; i += 4)
    for (int r = 0; r < ROWS; r++) sums[r] = addSquares(sums[r], load<Four>(x + (std::ptrdiff_t)r * size + i));
  for (int r = 0; r < ROWS; r++) {
    Four rest = {};
    for (Count j = i; j < size; j++) rest[j - i] = x[(std::ptrdiff_t)r * size + j];
    const FourDoubles lanes = addSquares(sums[r], rest);
    const double sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    out[r] = (float)sum;
    scaled[r] = (float)(sum * 0x1p-128);
  }
}

/**
 * out[0][r] = sum of squares of row r of `x` [replicas, size]; in double precision, so that long rows lose nothing.
 * out[1][r] = 2^-128 times that, for sums that float32 cannot hold.
 */
void squaredNorms(Heap& heap, Address out, Address x, Count replicas, Count size) {
  float* norms = heap.output("out", out, product(2, replicas));
  const float* rows = heap.floats("x", x, product(replicas, size));
  if (heap.refused()) return;
  float* scaled = norms + replicas;
  Count r = 0;
  for (; r + 4 <= replicas; r += 4) squaredNormsOf<4>(norms + r, scaled + r, rows + (std::ptrdiff_t)r * size, size);
  for (; r < replicas; r++) squaredNormsOf<1>(norms + r, scaled + r, rows + (std::ptrdiff_t)r * size, size);
}

}  // namespace
