// Elementary functions, after the Cephes library: within 2 units in the last place. As in ../assembly/elementary.ts,
// operation by operation.
#pragma once

#include "vectors.h"

namespace {

/** e^x for x <= 0; below -87 it gives e^-87, which is 0 for all that is done here. */
INLINE Floats exponential(Floats x) {
  x = atLeast(-87, x);
  const Floats power = nearest(x * 1.44269504088896341f);
  x = x - power * 0.693359375f;
  x = x + power * 2.1219444e-4f;
  Floats y = splat(1.98756915e-4f);
  y = y * x + 1.3981999507e-3f;
  y = y * x + 8.3334519073e-3f;
  y = y * x + 4.1665795894e-2f;
  y = y * x + 1.6666665459e-1f;
  y = y * x + 5.0000001201e-1f;
  y = y * (x * x) + (x + 1.0f);
  return timesPowerOfTwo(y, power);
}

/** Natural logarithm of x >= 1e-37. */
INLINE Floats logarithm(Floats x) {
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)).
  const Ints rootHalf = splat(0x3f3504f3);
  const Ints bits = (Ints)x - rootHalf;
  const Floats exponent = __builtin_convertvector(bits >> 23, Floats);
  x = (Floats)((bits & 0x7fffff) + rootHalf) - 1.0f;
  const Floats square = x * x;
  Floats y = splat(7.0376836292e-2f);
  y = y * x + -1.151461031e-1f;
  y = y * x + 1.167699874e-1f;
  y = y * x + -1.2420140846e-1f;
  y = y * x + 1.4249322787e-1f;
  y = y * x + -1.6668057665e-1f;
  y = y * x + 2.0000714765e-1f;
  y = y * x + -2.4999993993e-1f;
  y = y * x + 3.3333331174e-1f;
  y = y * x * square;
  y = y + exponent * -2.1219444e-4f;
  y = y - square * 0.5f;
  return x + y + exponent * 0.693359375f;
}

/** Natural logarithm; of less than 1e-37 it is that of 1e-37, of NaN it is NaN. */
INLINE Floats safeLogarithm(Floats x) {
  const Floats value = logarithm(atLeast(1e-37f, x));
  return x == x ? value : x;
}

/** 1 / (1 + e^-x) */
INLINE Floats sigmoid(Floats x) {
  const Floats e = exponential(negated(absolute(x)));
  const Floats numerator = x >= 0.0f ? splat(1.0f) : e;
  return numerator / (1.0f + e);
}

INLINE Floats hyperbolicTangent(Floats x) {
  const Floats e = exponential(absolute(x) * -2.0f);
  return withSignOf((1.0f - e) / (1.0f + e), x);
}

}  // namespace
