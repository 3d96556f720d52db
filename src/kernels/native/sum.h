// As in ../assembly/sum.ts.
#pragma once

#include "heap.h"

namespace {

void sum(Heap& heap, Address out, Address a, Address b, Count count) {
  float* to = heap.output("out", out, count);
  const float* first = heap.floats("a", a, count);
  const float* second = heap.floats("b", b, count);
  if (heap.refused()) return;
  eachVector(count, [&](auto at) { at.store(to, at.load(first) + at.load(second)); });
}

}  // namespace
