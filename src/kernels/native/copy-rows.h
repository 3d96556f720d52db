// As in ../assembly/copy-rows.ts.
#pragma once

#include "heap.h"

namespace {

/** Copies `rows` rows of `bytes` bytes each, which begin `toStride` and `fromStride` bytes apart. */
void copyRows(Heap& heap, Address to, Address from, Count rows, Bytes bytes, Bytes toStride, Bytes fromStride) {
  const std::size_t length = (std::uint32_t)bytes;
  std::uint8_t* out = heap.pieces("to", to, length, Steps{rows, toStride});
  const std::uint8_t* in = heap.pieces("from", from, length, Steps{rows, fromStride});
  if (heap.refused()) return;
  for (Count r = 0; r < rows; r++) {
    std::memmove(out, in, length);
    out += (std::uint32_t)toStride;
    in += (std::uint32_t)fromStride;
  }
}

}  // namespace
