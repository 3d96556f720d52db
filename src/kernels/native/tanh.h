// As in ../assembly/tanh.ts, operation by operation.
#pragma once

#include "heap.h"

namespace {

/** e^x - 1 as musl has it, for -0.52 < x < 20. */
INLINE Floats exponentialLessOne(Floats x) {
  const Words size = (Words)x & 0x7fffffff;
  const Ints isPower = (Ints)size > 0x3eb17218, isOneFactor = (Ints)size < 0x3f851592;
  // x = n log 2 + rest - error
  const Floats factors = __builtin_convertvector(__builtin_convertvector(x * 1.4426950216f + 0.5f, Ints), Floats);
  Floats n = isOneFactor ? withSignOf(splat(1.0f), x) : factors;
  n = isPower ? n : splat(0.0f);
  const Floats high = x - n * 6.9313812256e-01f, low = n * 9.0580006145e-06f;
  const Floats rest = high - low;
  const Floats error = high - rest - low;
  const Floats half = rest * 0.5f;
  const Floats square = rest * half;
  const Floats r = square * (square * 1.5807170421e-3f + -3.3333212137e-2f) + 1.0f;
  const Floats t = 3.0f - r * half;
  const Floats e = square * ((r - t) / (6.0f - rest * t));
  const Floats excess = rest * (e - error) - error - square;
  const Floats own = rest - excess;
  const Words bits = (Words)__builtin_convertvector(n, Ints) << 23;
  const Floats power = (Floats)(bits + 0x3f800000u), inverse = (Floats)(0x3f800000u - bits);
  const Floats larger = n < 23.0f ? own + (1.0f - inverse) : rest - (excess + inverse) + 1.0f;
  Floats y = larger * power;
  y = n == 1.0f ? (rest < -0.25f ? (excess - (rest + 0.5f)) * -2.0f : own * 2.0f + 1.0f) : y;
  y = n == -1.0f ? own * 0.5f - 0.5f : y;
  y = n == 0.0f ? rest - (rest * e - square) : y;
  return (Ints)size < 0x33000000 ? x : y;
}

INLINE Floats muslTangent(Floats x) {
  const Floats size = absolute(x);
  const Ints bits = (Ints)size;
  const Ints isLarge = bits > 0x3f0c9f54, isSmall = bits <= 0x3e82c578;
  const Floats t = exponentialLessOne(isSmall ? size * -2.0f : size * 2.0f);
  const Floats share = (isLarge ? splat(-2.0f) : isSmall ? negated(t) : t) / (t + 2.0f);
  Floats y = isLarge ? share + 1.0f : share;
  y = bits < 0x00800000 ? size : y;
  y = bits > 0x41200000 ? splat(0.0f) / size + 1.0f : y;
  return withSignOf(y, x);
}

void tanh(Heap& heap, Address out, Address x, Count count) {
  float* to = heap.output("out", out, count);
  const float* from = heap.floats("x", x, count);
  if (heap.refused()) return;
  eachVector(count, [&](auto at) { at.store(to, muslTangent(at.load(from))); });
}

}  // namespace
