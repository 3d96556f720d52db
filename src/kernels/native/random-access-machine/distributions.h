// Distributions, an example in each lane: how they are chosen from logits, mixed, kept to a sum of 1, and what limits their
// gradients. As in ../../assembly/random-access-machine/distributions.ts.
#pragma once

#include "../elementary.h"

namespace {

/**
 * Logits to probabilities, in place; returns the entropy, log(sum of e^z) - (sum of z e^z) / (sum of e^z), with z the
 * logits less the largest.
 */
INLINE Floats softmax(Floats* z, Count count) {
  Floats largest = z[0];
  for (Count i = 1; i < count; i++) largest = maximum(largest, z[i]);
  Floats sum = splat(0.0f);
  Floats weighted = splat(0.0f);
  for (Count i = 0; i < count; i++) {
    const Floats x = z[i] - largest;
    const Floats e = exponential(x);
    z[i] = e;
    sum = sum + e;
    weighted = weighted + e * x;
  }
  const Floats scale = 1.0f / sum;
  for (Count i = 0; i < count; i++) z[i] = z[i] * scale;
  return safeLogarithm(sum) - weighted * scale;
}

/** `d`, in place: p (d - sum of p d) with d less dEntropy log p, the gradient of the entropy but for a constant. */
INLINE void softmaxGradient(Floats* d, const Floats* p, Count count, Floats dEntropy) {
  Floats mean = splat(0.0f);
  for (Count i = 0; i < count; i++) {
    const Floats gradient = d[i] - dEntropy * safeLogarithm(p[i]);
    d[i] = gradient;
    mean = mean + p[i] * gradient;
  }
  for (Count i = 0; i < count; i++) d[i] = p[i] * (d[i] - mean);
}

/** `COLUMNS` columns of `mix`; their sums are independent chains, which hide each other's latency. */
template <int COLUMNS>
INLINE void mixColumns(Floats* out, const Floats* p, const Floats* values, Count count, Count M) {
  Floats sums[COLUMNS] = {};
  for (Count v = 0; v < count; v++)
    for (int j = 0; j < COLUMNS; j++) sums[j] = sums[j] + p[v] * values[(std::ptrdiff_t)v * M + j];
  for (int j = 0; j < COLUMNS; j++) out[j] = sums[j];
}

/** out[j] = sum over v of p[v] values[v][j], for the first `count` rows of values, M wide. */
INLINE void mix(Floats* out, const Floats* p, const Floats* values, Count count, Count M) {
  Count j = 0;
  for (; j + 8 <= M; j += 8) mixColumns<8>(out + j, p, values + j, count, M);
  for (; j + 4 <= M; j += 4) mixColumns<4>(out + j, p, values + j, count, M);
  for (; j < M; j++) mixColumns<1>(out + j, p, values + j, count, M);
}

/** Gradient of `mix`: dp[v] = sum over j of d[j] values[v][j], and dValues[v][j] += p[v] d[j]. */
INLINE void mixGradient(
    Floats* dp, Floats* dValues, const Floats* d, const Floats* p, const Floats* values, Count count, Count M) {
  for (Count v = 0; v < count; v++) {
    Floats sum = splat(0.0f);
    for (Count j = 0; j < M; j++) {
      sum = sum + d[j] * values[j];
      dValues[j] = dValues[j] + p[v] * d[j];
    }
    dp[v] = sum;
    values += M;
    dValues += M;
  }
}

/** Divides by the sum. */
INLINE void renormalise(Floats* x, Count M) {
  Floats sum = splat(0.0f);
  for (Count j = 0; j < M; j++) sum = sum + x[j];
  for (Count j = 0; j < M; j++) x[j] = x[j] / sum;
}

/** Limits every entry to [-limit, limit]. */
INLINE void clip(Floats* x, Count count, Floats limit) {
  const Floats low = negated(limit);
  for (Count i = 0; i < count; i++) x[i] = minimum(maximum(x[i], low), limit);
}

}  // namespace
