// The modules of src/experiments/kth-element/modules.ts on distributions over 0 .. M-1, and their gradients, as in
// ../../assembly/random-access-machine/modules.ts. An argument that begins with d is a gradient; A and B are a module's inputs.
#pragma once

#include "../heap.h"

namespace {
namespace modules {

/** out[j] = sum over i of A[i] content[i][j] */
INLINE void read(Floats* out, const Floats* content, const Floats* A, Count M) {
  mix(out, A, content, M, M);
}

/** dA is set, dContent added to. */
INLINE void readGradient(Floats* dA, Floats* dContent, const Floats* d, const Floats* content, const Floats* A, Count M) {
  mixGradient(dA, dContent, d, A, content, M, M);
}

INLINE void write(Floats* out, const Floats* content, const Floats* A, const Floats* B, Count M) {
  for (Count i = 0; i < M; i++) {
    const Floats kept = 1.0f - A[i];
    for (Count j = 0; j < M; j++) out[j] = content[j] * kept + A[i] * B[j];
    out += M;
    content += M;
  }
}

/** dA and dB are set, dContent becomes that before the write. The module's output is B itself. */
INLINE void writeGradient(
    Floats* dA, Floats* dB, Floats* dContent, const Floats* d, const Floats* content, const Floats* A, const Floats* B,
    Count M) {
  for (Count j = 0; j < M; j++) dB[j] = d[j];
  for (Count i = 0; i < M; i++) {
    const Floats kept = 1.0f - A[i];
    Floats sum = splat(0.0f);
    for (Count j = 0; j < M; j++) {
      const Floats slope = dContent[j];
      sum = sum + slope * (B[j] - content[j]);
      dB[j] = dB[j] + slope * A[i];
      dContent[j] = slope * kept;
    }
    dA[i] = sum;
    dContent += M;
    content += M;
  }
}

INLINE void constant(Floats* out, int value, Count M) {
  for (Count j = 0; j < M; j++) out[j] = splat(0.0f);
  out[value] = splat(1.0f);
}

/** out[c] = x[(c + shift) mod M], 0 <= shift < M */
INLINE void rotate(Floats* out, const Floats* x, Count shift, Count M) {
  for (Count c = 0; c < M - shift; c++) out[c] = x[c + shift];
  for (Count c = M - shift; c < M; c++) out[c] = x[c + shift - M];
}

/** out[c] = sum over a of x[a] y[(c - a) mod M] */
INLINE void add(Floats* out, const Floats* x, const Floats* y, Count M) {
  for (Count c = 0; c < M; c++) {
    Floats sum = splat(0.0f);
    for (Count a = 0; a <= c; a++) sum = sum + x[a] * y[c - a];
    for (Count a = c + 1; a < M; a++) sum = sum + x[a] * y[M + c - a];
    out[c] = sum;
  }
}

/** out[c] = sum over b of x[b] y[(b + c) mod M] */
INLINE void correlate(Floats* out, const Floats* x, const Floats* y, Count M) {
  for (Count c = 0; c < M; c++) {
    Floats sum = splat(0.0f);
    for (Count b = 0; b < M - c; b++) sum = sum + x[b] * y[b + c];
    for (Count b = M - c; b < M; b++) sum = sum + x[b] * y[b + c - M];
    out[c] = sum;
  }
}

/** P(x <= y) */
INLINE Floats probability(const Floats* x, const Floats* y, Count M) {
  Floats cumulated = splat(0.0f);
  Floats sum = splat(0.0f);
  for (Count j = 0; j < M; j++) {
    cumulated = cumulated + x[j];
    sum = sum + cumulated * y[j];
  }
  return sum;
}

INLINE void probabilityGradient(Floats* dx, Floats* dy, const Floats* x, const Floats* y, Floats d, Count M) {
  Floats cumulated = splat(0.0f);
  for (Count j = 0; j < M; j++) {
    cumulated = cumulated + x[j];
    dy[j] = d * cumulated;
  }
  cumulated = splat(0.0f);
  for (Count j = M - 1; j >= 0; j--) {
    cumulated = cumulated + y[j];
    dx[j] = d * cumulated;
  }
}

INLINE Floats dot(const Floats* x, const Floats* y, Count M) {
  Floats sum = splat(0.0f);
  for (Count j = 0; j < M; j++) sum = sum + x[j] * y[j];
  return sum;
}

INLINE void scaled(Floats* out, const Floats* x, Floats factor, Count M) {
  for (Count j = 0; j < M; j++) out[j] = factor * x[j];
}

/** 1 with probability p, else 0. */
INLINE void truth(Floats* out, Floats p, Count M) {
  for (Count j = 0; j < M; j++) out[j] = splat(0.0f);
  out[0] = 1.0f - p;
  out[1] = p;
}

INLINE Floats truthGradient(const Floats* d) { return d[1] - d[0]; }

/** One entry of the smaller or larger of two numbers: sums go on from entry to entry. */
struct Extreme {
  Floats sumX = splat(0.0f);
  Floats sumY = splat(0.0f);

  INLINE Floats next(Floats x, Floats y) {
    // The term that would be counted twice is left out of the second sum.
    sumY = sumY + y;
    const Floats entry = x * sumY + y * sumX;
    sumX = sumX + x;
    return entry;
  }
};

/** out[c] = x[c] (sum of y from c up) + y[c] (sum of x from c up) - x[c] y[c] */
INLINE void minimum(Floats* out, const Floats* x, const Floats* y, Count M) {
  Extreme sums;
  for (Count c = M - 1; c >= 0; c--) out[c] = sums.next(x[c], y[c]);
}

/** As `minimum`, with sums from c down. */
INLINE void maximum(Floats* out, const Floats* x, const Floats* y, Count M) {
  Extreme sums;
  for (Count c = 0; c < M; c++) out[c] = sums.next(x[c], y[c]);
}

/** dx[c] = d[c] (sum of y above c) + (sum of d y up to c) */
INLINE void minimumGradient(Floats* dx, const Floats* d, const Floats* y, Count M) {
  Floats below = splat(0.0f);
  for (Count c = 0; c < M; c++) {
    below = below + d[c] * y[c];
    dx[c] = below;
  }
  Floats above = splat(0.0f);
  for (Count c = M - 1; c >= 0; c--) {
    dx[c] = dx[c] + d[c] * above;
    above = above + y[c];
  }
}

/** dx[c] = d[c] (sum of y below c) + (sum of d y from c up) */
INLINE void maximumGradient(Floats* dx, const Floats* d, const Floats* y, Count M) {
  Floats above = splat(0.0f);
  for (Count c = M - 1; c >= 0; c--) {
    above = above + d[c] * y[c];
    dx[c] = above;
  }
  Floats below = splat(0.0f);
  for (Count c = 0; c < M; c++) {
    dx[c] = dx[c] + d[c] * below;
    below = below + y[c];
  }
}

}  // namespace modules
}  // namespace
