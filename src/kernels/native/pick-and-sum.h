// As in ../assembly/pick-and-sum.ts.
#pragma once

#include "heap.h"

namespace {

/** `sums` [count] of one row. `GROUP` is the group's size where the compiler knows it, else 0. */
template <Count GROUP>
void pickAndSumRow(float* sums, const float* row, const std::int32_t* index, Count columns, Count count, Count group) {
  const Count size = GROUP > 0 ? GROUP : group;
  for (Count i = 0; i < count; i++) {
    // A sum that begins with 0 is never -0: to add 0 is to add nothing, and needs no jump.
    float sum = 0;
    for (Count g = 0; g < size; g++, index++) {
      const float number = row[*index < columns ? *index : 0];
      sum += *index < columns ? number : 0.0f;
    }
    sums[i] = sum;
  }
}

/**
 * out[r, i] = sum of x[r, j] over the `group` indices j of entry i.
 * @param x [rows, columns]
 * @param indices int32 [count, group]; an index of `columns` stands for a zero
 * @param out [rows, count]
 */
void pickAndSum(
    Heap& heap, Address out, Address x, Address indices, Count rows, Count columns, Count count, Count group) {
  float* sums = heap.output("out", out, product(rows, count));
  const float* row = heap.floats("x", x, product(rows, columns));
  const std::int32_t* chosen = heap.integers("indices", indices, product(count, group));
  heap.checkIndices("indices", chosen, product(count, group), columns + 1.0);
  heap.keepFromOutputs("indices", chosen, product(count, group));
  if (heap.refused()) return;
  if (columns == 0) std::memset(sums, 0, (std::size_t)product(rows, count) * 4);
  const auto one = group == 1 ? pickAndSumRow<1> : group == 4 ? pickAndSumRow<4> : pickAndSumRow<0>;
  for (Count r = 0; r < rows && columns > 0; r++) {
    one(sums, row, chosen, columns, count, group);
    sums += count;
    row += columns;
  }
}

}  // namespace
