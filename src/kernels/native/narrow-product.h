// Products with as many columns as half a vector has lanes, or one and a half, without empty lanes: those of 8 and of
// 24 maps where a vector has 16.
#pragma once

#include "matrix-product.h"

namespace {

constexpr int HALF = LANES / 2;

/**
 * Twice `TWOS` rows of `a` from `row` on, times a panel of a vector and a half. Two rows have a vector of sums each,
 * and one that they share.
 */
template <int TWOS>
void multiplyTwos(const Target& target, const LeftMatrix& a, const Panel& panel, Count row) {
  float* out[2 * TWOS];
  Floats sums[2 * TWOS] = {}, shared[TWOS] = {};
#pragma GCC unroll 16
  for (int r = 0; r < 2 * TWOS; r++) out[r] = (float*)(target.at + (row + r) * target.row);
  if (target.finish == Finish::Continue) {
#pragma GCC unroll 16
    for (int r = 0; r < 2 * TWOS; r++) sums[r] = load(out[r]);
#pragma GCC unroll 16
    for (int i = 0; i < TWOS; i++) shared[i] = loadHalves(out[2 * i] + LANES, out[2 * i + 1] + LANES);
  }
  const Ints lanes = countFrom(0);
  const float* b = panel.at;
  const std::uint8_t* at = a.matrix.at + row * a.matrix.row;
  for (Count p = 0; p < a.columns; p++) {
    const Floats whole = load(b);
    const Floats half = loadHalves(b + LANES, b + LANES);
#pragma GCC unroll 16
    for (int i = 0; i < TWOS; i++) {
      const Floats first = splat(*(const float*)(at + 2 * i * a.matrix.row));
      const Floats second = splat(*(const float*)(at + (2 * i + 1) * a.matrix.row));
      sums[2 * i] = sums[2 * i] + first * whole;
      sums[2 * i + 1] = sums[2 * i + 1] + second * whole;
      shared[i] = shared[i] + (lanes < HALF ? first : second) * half;
    }
    b += panel.width;
    at += a.matrix.column;
  }
#pragma GCC unroll 16
  for (int i = 0; i < TWOS; i++) {
    store(out[2 * i], sums[2 * i]);
    store(out[2 * i + 1], sums[2 * i + 1]);
    storeHalves(out[2 * i] + LANES, out[2 * i + 1] + LANES, shared[i]);
  }
}

/** `a` [m, k] times such a panel; the sums are stored, or begin with what is there. */
void multiplyInTwos(const Target& target, const LeftMatrix& a, const Panel& panel, Count m) {
  constexpr int TWOS = tileRows(1) / 2;
  Count row = 0;
  for (; row + 2 * TWOS <= m; row += 2 * TWOS) multiplyTwos<TWOS>(target, a, panel, row);
  const Target rest = {target.at + row * target.row, target.row, nullptr, target.finish};
  const Matrix left = {a.matrix.at + row * a.matrix.row, a.matrix.row, a.matrix.column};
  multiplyPanel(rest, {left, a.columns}, panel, m - row, 2);
}

/** The same for a panel of any width, of which `multiplyWide` says what lies behind its columns. */
INLINE void multiplyNarrow(const Target& target, const LeftMatrix& a, const Panel& panel, Count m) {
  if (panel.columns == HALF) {
    multiplyPanelOf<1, Half>(target, a, panel, m);
  } else if (panel.columns == LANES + HALF) {
    multiplyInTwos(target, a, panel, m);
  } else {
    multiplyWide(target, a, panel, m);
  }
}

}  // namespace
