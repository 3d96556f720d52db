// As in ../assembly/pick-and-sum.ts.
#pragma once

#include "heap.h"

namespace {

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
  for (Count r = 0; r < rows; r++) {
    const std::int32_t* index = chosen;
    for (Count i = 0; i < count; i++) {
      float sum = 0;
      for (Count g = 0; g < group; g++, index++)
        if (*index < columns) sum += row[*index];
      *sums++ = sum;
    }
    row += columns;
  }
}

}  // namespace
