// Convolutions of images of W columns with 3 x 3 filters by Winograd's way, as in ../assembly/winograd.ts, where it is told how.
#pragma once

#include "narrow-product.h"
#include "parallel.h"

namespace {

constexpr Count W = 4;
constexpr Count TAPS = 3;

/** Outputs of a piece along either axis, and products that they take: the values of polynomials at so many points. */
constexpr Count PIECE = 4;
constexpr int POINTS = 6;
constexpr int ALL_POINTS = POINTS * POINTS;

/** The points are 0, A, -A, B, -B and infinity. All these numbers but the last three are exact. */
constexpr float A = 0.75f, B = 1.5f;
constexpr float AA = A * A, BB = B * B, AABB = AA * BB, SUM = AA + BB;
constexpr float AT_0 = 1 / AABB, AT_A = 1 / (2 * AA * (AA - BB)), AT_B = 1 / (2 * BB * (BB - AA));

/** Values at the points of what stands for 6 numbers of an image. */
INLINE void valuesOfInput(Floats (&v)[POINTS], const Floats (&d)[POINTS]) {
  const Floats even1 = d[4] - BB * d[2], odd1 = A * (d[3] - BB * d[1]);
  const Floats even2 = d[4] - AA * d[2], odd2 = B * (d[3] - AA * d[1]);
  v[0] = (AABB * d[0] + d[4]) - SUM * d[2];
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  v[5] = (AABB * d[1] + d[5]) - SUM * d[3];
}

/** Its transpose. */
INLINE void inputOfValues(Floats (&d)[POINTS], const Floats (&v)[POINTS]) {
  const Floats even1 = v[1] + v[2], odd1 = A * (v[1] - v[2]);
  const Floats even2 = v[3] + v[4], odd2 = B * (v[3] - v[4]);
  d[0] = AABB * v[0];
  d[1] = AABB * v[5] - (BB * odd1 + AA * odd2);
  d[2] = -(SUM * v[0]) - (BB * even1 + AA * even2);
  d[3] = (odd1 + odd2) - SUM * v[5];
  d[4] = v[0] + (even1 + even2);
  d[5] = v[5];
}

/** The 4 outputs from the products at the points. */
INLINE void outputOfValues(Floats (&y)[PIECE], const Floats (&v)[POINTS]) {
  const Floats even1 = v[1] + v[2], odd1 = A * (v[1] - v[2]);
  const Floats even2 = v[3] + v[4], odd2 = B * (v[3] - v[4]);
  y[0] = v[0] + (even1 + even2);
  y[1] = odd1 + odd2;
  y[2] = AA * even1 + BB * even2;
  y[3] = (AA * odd1 + BB * odd2) + v[5];
}

/** Its transpose. */
INLINE void valuesOfOutput(Floats (&v)[POINTS], const Floats (&y)[PIECE]) {
  const Floats even1 = y[0] + AA * y[2], odd1 = A * (y[1] + AA * y[3]);
  const Floats even2 = y[0] + BB * y[2], odd2 = B * (y[1] + BB * y[3]);
  v[0] = y[0];
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  v[5] = y[3];
}

INLINE void valuesOfFilter(Floats (&u)[POINTS], const Floats (&g)[TAPS]) {
  const Floats even1 = g[0] + AA * g[2], odd1 = A * g[1];
  const Floats even2 = g[0] + BB * g[2], odd2 = B * g[1];
  u[0] = AT_0 * g[0];
  u[1] = AT_A * (even1 + odd1);
  u[2] = AT_A * (even1 - odd1);
  u[3] = AT_B * (even2 + odd2);
  u[4] = AT_B * (even2 - odd2);
  u[5] = g[2];
}

/** Its transpose. */
INLINE void filterOfValues(Floats (&g)[TAPS], const Floats (&u)[POINTS]) {
  const Floats even1 = AT_A * (u[1] + u[2]), odd1 = AT_A * (u[1] - u[2]);
  const Floats even2 = AT_B * (u[3] + u[4]), odd2 = AT_B * (u[3] - u[4]);
  g[0] = AT_0 * u[0] + (even1 + even2);
  g[1] = A * odd1 + B * odd2;
  g[2] = (AA * even1 + BB * even2) + u[5];
}

/** Some `sequences`, from `first` on, of images of all: [positions, all, W, maps]. */
struct ImageShape {
  Count positions, all, first, sequences;

  INLINE std::ptrdiff_t line(Count maps) const { return (std::ptrdiff_t)all * W * maps; }
  /** Where the sequences begin in a position. */
  INLINE std::ptrdiff_t at(Count position, Count maps) const {
    return position * line(maps) + (std::ptrdiff_t)first * W * maps;
  }

  /** Calls `body` as `eachVectorOfRows` does, for rows of maps. */
  template <typename Body>
  INLINE void eachVectorOfPlaces(Count maps, Body body) const {
    for (Count p = 0; p < positions; p++) eachVectorOfRows(at(p, 1), (std::ptrdiff_t)sequences * W, maps, body);
  }
};

/** Where a sequence's row of columns stands in each of some positions; positions that there are not are zeros. */
template <int COUNT>
struct Lines {
  const float* at[COUNT];
  std::ptrdiff_t step[COUNT];

  Lines(const float* image, const ImageShape& shape, Count maps, Count first, const float* zeros) {
    for (int i = 0; i < COUNT; i++) {
      const Count position = first + i;
      const bool exists = position >= 0 && position < shape.positions;
      at[i] = exists ? image + shape.at(position, maps) : zeros;
      step[i] = exists ? (std::ptrdiff_t)W * maps : 0;
    }
  }

  /** Numbers of a column in the position `i` of those. */
  template <typename Span>
  INLINE Floats load(Span inRow, int i, std::ptrdiff_t column) const { return inRow.load(at[i] + column, step[i]); }
};

/** Numbers from one point's array to the next: an odd number of cache lines, lest the points share a few sets of the cache. */
INLINE std::ptrdiff_t spread(double count) { return (std::ptrdiff_t)(count / 32) * 32 + 48; }

/** A convolution from m maps to `outputs` maps; arrays of values are [points (position), points (width), ...]. */
struct Convolution {
  ImageShape shape;
  Count m, outputs;
  /** W max(m, outputs) zeros. */
  const float* zeros;

  /** From one point's values to the next one's. */
  INLINE std::ptrdiff_t inputValues() const { return spread(product(shape.sequences, m)); }
  INLINE std::ptrdiff_t outputValues() const { return spread(product(shape.sequences, outputs)); }
  INLINE std::ptrdiff_t filterValues() const { return (std::ptrdiff_t)m * outputs; }

  /** values [..., m, outputs] of filters [outputs / m, TAPS (width), TAPS (position), m, m] */
  void filters(float* values, const float* kernels) const {
    for (Count part = 0; part * m < outputs; part++)
      partOfFilters(values + part * m, outputs, kernels + part * TAPS * TAPS * tap());
  }

  /** The same with the last two axes swapped, values [..., outputs, m]; `taps` is room for a part's taps, turned. */
  void turnedFilters(float* values, float* taps, const float* kernels) const {
    for (Count part = 0; part * m < outputs; part++) {
      for (int i = 0; i < TAPS * TAPS; i++) {
        const float* own = kernels + (part * TAPS * TAPS + i) * tap();
        packPanel(taps + i * tap(), m, {(const std::uint8_t*)own, 4, m * 4}, m, m);
      }
      partOfFilters(values + part * tap(), m, taps);
    }
  }

  /** The transpose of `filters`, for one of its `outputs / m` parts. */
  void filterGradient(float* kernels, const float* values, Count part) const {
    float* kernel = kernels + part * TAPS * TAPS * tap();
    const float* of = values + part * m;
    eachVectorOfRows(m, m, [&](auto at, auto inRow) INLINE_BODY {
      Floats across[TAPS][POINTS];
      for (int q = 0; q < POINTS; q++) {
        Floats u[POINTS], g[TAPS];
        for (int p = 0; p < POINTS; p++) u[p] = inRow.load(of + (p * POINTS + q) * filterValues(), outputs);
        filterOfValues(g, u);
        for (int p = 0; p < TAPS; p++) across[p][q] = g[p];
      }
      for (int p = 0; p < TAPS; p++) {
        Floats g[TAPS];
        filterOfValues(g, across[p]);
        for (int w = 0; w < TAPS; w++) at.store(kernel + (w * TAPS + p) * tap(), g[w]);
      }
    });
  }

  /** values [..., sequences, m] of what the piece from position `first` on needs of an image */
  void input(float* values, const float* image, Count first) const {
    const Lines<POINTS> lines(image, shape, m, first - 1, zeros);
    eachVectorOfRows(shape.sequences, m, [&](auto at, auto inRow) INLINE_BODY {
      Floats along[POINTS][W];
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) {
        Floats d[POINTS], v[POINTS];
#pragma GCC unroll 6
        for (int i = 0; i < POINTS; i++) d[i] = lines.load(inRow, i, w * m);
        valuesOfInput(v, d);
#pragma GCC unroll 6
        for (int p = 0; p < POINTS; p++) along[p][w] = v[p];
      }
#pragma GCC unroll 6
      for (int p = 0; p < POINTS; p++) {
        const Floats none = splat(0.0f);
        const Floats d[POINTS] = {none, along[p][0], along[p][1], along[p][2], along[p][3], none};
        Floats v[POINTS];
        valuesOfInput(v, d);
#pragma GCC unroll 6
        for (int q = 0; q < POINTS; q++) at.store(values + (p * POINTS + q) * inputValues(), v[q]);
      }
    });
  }

  /** Adds the transpose of `input` to an image. */
  void addInputGradient(float* image, const float* values, Count first) const {
    const Count begin = first > 0 ? -1 : 0;
    const Count left = shape.positions - first;
    const Count end = left < PIECE + 1 ? left : PIECE + 1;
    float* piece = image + shape.at(first, m);
    eachVectorOfRows(shape.sequences, m, [&](auto at, auto inRow) INLINE_BODY {
      Floats along[W][POINTS];
#pragma GCC unroll 6
      for (int p = 0; p < POINTS; p++) {
        Floats v[POINTS], d[POINTS];
#pragma GCC unroll 6
        for (int q = 0; q < POINTS; q++) v[q] = at.load(values + (p * POINTS + q) * inputValues());
        inputOfValues(d, v);
#pragma GCC unroll 4
        for (int w = 0; w < W; w++) along[w][p] = d[w + 1];
      }
      for (int w = 0; w < W; w++) {
        Floats d[POINTS];
        inputOfValues(d, along[w]);
        for (Count i = begin; i < end; i++) {
          float* to = piece + i * shape.line(m) + w * m;
          inRow.store(to, W * m, inRow.load(to, W * m) + d[i + 1]);
        }
      }
    });
  }

  /** A piece's outputs from their values [..., sequences, outputs]: `finish` of them and their bias. */
  template <typename Finish>
  INLINE void output(float* image, const float* values, const float* bias, Count first, Finish finish) const {
    const Count left = shape.positions - first;
    const Count count = left < PIECE ? left : PIECE;
    float* piece = image + shape.at(first, outputs);
    eachVectorOfRows(shape.sequences, outputs, [&](auto at, auto inRow) INLINE_BODY {
      Floats along[W][POINTS];
#pragma GCC unroll 6
      for (int p = 0; p < POINTS; p++) {
        Floats v[POINTS], y[PIECE];
#pragma GCC unroll 6
        for (int q = 0; q < POINTS; q++) v[q] = at.load(values + (p * POINTS + q) * outputValues());
        outputOfValues(y, v);
#pragma GCC unroll 4
        for (int w = 0; w < W; w++) along[w][p] = y[w];
      }
      const Floats start = inRow.load(bias, 0);
      for (int w = 0; w < W; w++) {
        Floats y[PIECE];
        outputOfValues(y, along[w]);
        for (Count i = 0; i < count; i++)
          inRow.store(piece + i * shape.line(outputs) + w * outputs, W * outputs, finish(y[i] + start));
      }
    });
  }

  /** The transpose of `output`: values of gradients. */
  void outputGradient(float* values, const float* image, Count first) const {
    const Lines<PIECE> lines(image, shape, outputs, first, zeros);
    eachVectorOfRows(shape.sequences, outputs, [&](auto at, auto inRow) INLINE_BODY {
      Floats along[POINTS][W];
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) {
        Floats y[PIECE], v[POINTS];
#pragma GCC unroll 4
        for (int i = 0; i < PIECE; i++) y[i] = lines.load(inRow, i, w * outputs);
        valuesOfOutput(v, y);
#pragma GCC unroll 6
        for (int p = 0; p < POINTS; p++) along[p][w] = v[p];
      }
#pragma GCC unroll 6
      for (int p = 0; p < POINTS; p++) {
        Floats v[POINTS];
        valuesOfOutput(v, along[p]);
#pragma GCC unroll 6
        for (int q = 0; q < POINTS; q++) at.store(values + (p * POINTS + q) * outputValues(), v[q]);
      }
    });
  }

  /** The same of some of the sequences. */
  INLINE Convolution of(Share some) const {
    return {{shape.positions, shape.all, some.begin, some.size()}, m, outputs, zeros};
  }

  /** Calls `use(first)` for the pieces of an image. */
  template <typename Use>
  INLINE void eachPiece(Use use) const {
    if (shape.sequences == 0 || m == 0) return;
    for (Count first = 0; first < shape.positions; first += PIECE) use(first);
  }

 private:
  INLINE std::ptrdiff_t tap() const { return (std::ptrdiff_t)m * m; }

  /** Values of filters [TAPS, TAPS, m, m], m by m of them at each point, whose rows are `stride` apart. */
  void partOfFilters(float* values, Count stride, const float* kernel) const {
    eachVectorOfRows(m, m, [&](auto at, auto inRow) INLINE_BODY {
      Floats across[TAPS][POINTS];
      for (int p = 0; p < TAPS; p++) {
        Floats g[TAPS];
        for (int w = 0; w < TAPS; w++) g[w] = at.load(kernel + (w * TAPS + p) * tap());
        valuesOfFilter(across[p], g);
      }
      for (int q = 0; q < POINTS; q++) {
        const Floats g[TAPS] = {across[0][q], across[1][q], across[2][q]};
        Floats u[POINTS];
        valuesOfFilter(u, g);
        for (int p = 0; p < POINTS; p++) inRow.store(values + (p * POINTS + q) * filterValues(), stride, u[p]);
      }
    });
  }
};

/** An array for each point, so many numbers apart. */
template <typename Number>
struct AtPoints {
  Number* at;
  std::ptrdiff_t step;
};

/**
 * out [rows, columns] = x [rows, k], or the transpose of x [k, rows], times y [k, columns] at some points; a vector behind y
 * can be read.
 */
INLINE void multiplyValues(
    Share points, AtPoints<float> out, AtPoints<const float> x, bool transposed, AtPoints<const float> y, Count rows,
    Count k, Count columns, Finish finish) {
  const std::ptrdiff_t row = (std::ptrdiff_t)columns * 4;
  for (int point = points.begin; point < points.end; point++) {
    const std::uint8_t* left = (const std::uint8_t*)(x.at + point * x.step);
    const Matrix factors = transposed ? Matrix{left, 4, (std::ptrdiff_t)rows * 4} : Matrix{left, (std::ptrdiff_t)k * 4, 4};
    const Target target = {(std::uint8_t*)(out.at + point * out.step), row, nullptr, finish};
    multiplyNarrow(target, {factors, k}, {y.at + point * y.step, columns, columns}, rows);
  }
}

}  // namespace
