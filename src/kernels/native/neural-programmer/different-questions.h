// The different questions of a batch. A few words make few questions, so that most of a batch are asked several times; equal ones
// have equal selections, to the bit, and only their gradients differ.
#pragma once

#include "example.h"

namespace {

/** The first of each, as examples without tables, and which of them every example asks. */
class DifferentQuestions : Programmer {
 public:
  const Count B;
  Count count = 0;

  /** @param scratch `scratchFloats` numbers. */
  DifferentQuestions(const float* batch, Count B, Count Q, Count stride, float* scratch)
      : B(B), size(WORD + Q), all(scratch), places((Count*)(scratch + B * size)) {
    for (Count b = 0; b < B; b++, batch += stride) {
      Count place = 0;
      while (place < count && !isSame(batch, all + place * size)) place++;
      if (place == count) std::memcpy(all + count++ * size, batch, size * 4);
      places[b] = place;
    }
  }

  static double scratchFloats(Count B, Count Q) { return B * (WORD + 1.0 * Q + 1); }

  const float* examples() const { return all; }
  Count stride() const { return (Count)size; }

  /** Whether reading them once saves more than copying what comes of it takes. */
  bool areFew() const { return count <= B - B / 4; }

  /** Copies what came of them, `blocks` arrays of `width` numbers for each, to all examples that ask them. */
  void spread(float*& to, const float*& from, std::ptrdiff_t blocks, std::ptrdiff_t width) const {
    for (std::ptrdiff_t i = 0; i < blocks; i++, from += count * width) {
      for (Count b = 0; b < B; b++, to += width) {
        const float* own = from + places[b] * width;
        eachVector((int)width, [&](auto at) { at.store(to, at.load(own)); });
      }
    }
  }

 private:
  const std::ptrdiff_t size;
  float* all;
  Count* places;

  /** Compares what selections depend on: the columns that there are, words, and where numbers stand. */
  bool isSame(const float* a, const float* b) const {
    const std::uint32_t *x = (const std::uint32_t*)a, *y = (const std::uint32_t*)b;
    if (x[NUMERIC_COLUMNS] != y[NUMERIC_COLUMNS]) return false;
    for (std::ptrdiff_t i = NUMBER_COUNT; i < size; i++)
      if (x[i] != y[i]) return false;
    return true;
  }
};

}  // namespace
