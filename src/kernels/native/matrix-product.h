// Product of two float32 matrices, in tiles that are kept in registers.
//
// Each output is one sum over k in order, multiplication and addition rounded one after the other, as in
// ../assembly/matrix-product.ts: so a result depends on nothing but its row and column.
#pragma once

#include "heap.h"

namespace {

/** Registers for a tile: with those for a row of b, a factor and its product they are the 32, or the 16, that there are. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int TILE_REGISTERS = 24;
constexpr int MOST_VECTORS = 4;
constexpr int MOST_ROWS = 8;
#else
constexpr int TILE_REGISTERS = 12;
constexpr int MOST_VECTORS = 2;
constexpr int MOST_ROWS = 6;
#endif

/** Rows of a tile that is so many vectors wide. */
constexpr int tileRows(int vectors) {
  const int rows = TILE_REGISTERS / vectors;
  return rows < MOST_ROWS ? rows : MOST_ROWS;
}

/** A matrix whose rows and columns are so many bytes apart; of a transposed one the strides are swapped. */
struct Matrix {
  const std::uint8_t* at;
  std::ptrdiff_t row, column;

  INLINE const float* entry(std::ptrdiff_t i, std::ptrdiff_t j) const {
    return (const float*)(at + i * row + j * column);
  }

  /** The rows from one on. */
  INLINE Matrix from(std::ptrdiff_t i) const { return {at + i * row, row, column}; }
};

/** The left matrix, which has so many columns. */
struct LeftMatrix {
  Matrix matrix;
  Count columns;
};

/** What becomes of a sum: it is stored, or first cut off at 0, or added to what is there; or it begins with that. */
enum class Finish { Store, Relu, Add, Continue };

/** Where a product goes, rows `row` bytes apart; `bias` [n] may be null. */
struct Target {
  std::uint8_t* at;
  std::ptrdiff_t row;
  const float* bias;
  Finish finish;
};

/** Some columns of the right matrix, row after row: `columns` of `width`, the rest 0. */
struct Panel {
  const float* at;
  std::ptrdiff_t width;
  int columns;
};

template <typename Vector>
INLINE void finishVector(float* out, int columns, Vector sum, Finish finish) {
  // A NaN stays, so that a diverged replica remains visible.
  if (finish == Finish::Relu) sum = sum < 0.0f ? splat<Vector>(0.0f) : sum;
  if (finish == Finish::Add) sum = loadFirst<Vector>(out, columns) + sum;
  storeFirst(out, sum, columns);
}

/** `ROWS` rows of `a` from `row` on, times a panel of `VECTORS` vectors. */
template <int ROWS, int VECTORS, typename Vector>
void multiplyTile(const Target& target, const LeftMatrix& a, const Panel& panel, Count row) {
  constexpr int lanes = sizeof(Vector) / 4;
  Vector sums[ROWS][VECTORS];
#pragma GCC unroll 16
  for (int v = 0; v < VECTORS; v++) {
    const float* bias = target.bias + v * lanes;
    const Vector start =
        target.bias != nullptr ? loadFirst<Vector>(bias, panel.columns - v * lanes) : splat<Vector>(0.0f);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) sums[r][v] = start;
  }
  if (target.finish == Finish::Continue) {
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const float* so = (const float*)(target.at + (row + r) * target.row);
#pragma GCC unroll 16
      for (int v = 0; v < VECTORS; v++) sums[r][v] = loadFirst<Vector>(so + v * lanes, panel.columns - v * lanes);
    }
  }
  const float* b = panel.at;
  const std::uint8_t* at = a.matrix.at + row * a.matrix.row;
  for (Count p = 0; p < a.columns; p++) {
    Vector factors[VECTORS];
#pragma GCC unroll 16
    for (int v = 0; v < VECTORS; v++) factors[v] = load<Vector>(b + v * lanes);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const Vector factor = splat<Vector>(*(const float*)(at + r * a.matrix.row));
#pragma GCC unroll 16
      for (int v = 0; v < VECTORS; v++) sums[r][v] = sums[r][v] + factor * factors[v];
    }
    b += panel.width;
    at += a.matrix.column;
  }
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) {
    float* out = (float*)(target.at + (row + r) * target.row);
#pragma GCC unroll 16
    for (int v = 0; v < VECTORS - 1; v++) finishVector(out + v * lanes, lanes, sums[r][v], target.finish);
    const int last = (VECTORS - 1) * lanes;
    finishVector(out + last, panel.columns - last, sums[r][VECTORS - 1], target.finish);
  }
}

/** The same for a number of rows that is only known now, at most `ROWS`. */
template <int ROWS, int VECTORS, typename Vector>
INLINE void multiplyRows(const Target& target, const LeftMatrix& a, const Panel& panel, Count row, int rows) {
  if (rows == ROWS) {
    multiplyTile<ROWS, VECTORS, Vector>(target, a, panel, row);
  } else if constexpr (ROWS > 1) {
    multiplyRows<ROWS - 1, VECTORS, Vector>(target, a, panel, row, rows);
  }
}

/** All `m` rows of `a` times a panel; the rows are spread evenly over the tiles. */
template <int VECTORS, typename Vector = Floats>
void multiplyPanelOf(const Target& target, const LeftMatrix& a, const Panel& panel, Count m) {
  constexpr int ROWS = tileRows(VECTORS);
  Count tiles = (m + ROWS - 1) / ROWS;
  for (Count row = 0; row < m; tiles--) {
    const int rows = (m - row + tiles - 1) / tiles;
    multiplyRows<ROWS, VECTORS, Vector>(target, a, panel, row, rows);
    row += rows;
  }
}

template <int VECTORS = MOST_VECTORS>
INLINE void multiplyPanel(const Target& target, const LeftMatrix& a, const Panel& panel, Count m, int vectors) {
  if (vectors == VECTORS) {
    multiplyPanelOf<VECTORS>(target, a, panel, m);
  } else if constexpr (VECTORS > 1) {
    multiplyPanel<VECTORS - 1>(target, a, panel, m, vectors);
  }
}

/** Copies `columns` columns of b, of k rows, to rows of `width`; missing columns are 0. */
void packRows(float* panel, int width, const Matrix& b, Count k, int columns) {
  for (Count p = 0; p < k; p++) {
    const float* row = b.entry(p, 0);
    eachVector(columns, [&](auto at) { store(panel + at.first, at.load(row)); });
    panel += width;
  }
}

/** The same, entry by entry, from a row on and for some of the panel's columns. */
void packEntries(float* panel, int width, const Matrix& b, Count k, int columns, Count row, int first, int last) {
  for (Count p = row; p < k; p++)
    for (int j = first; j < last; j++) panel[(std::ptrdiff_t)p * width + j] = j < columns ? *b.entry(p, j) : 0;
}

/** The same for a matrix whose columns, not rows, lie in one piece: four rows by a vector of columns at a time. */
void packColumns(float* panel, int width, const Matrix& b, Count k, int columns) {
  int j = 0;
  for (; j + LANES <= columns; j += LANES) {
    const float* places[LANES];
    for (int i = 0; i < LANES; i++) places[i] = b.entry(0, j + i);
    Count p = 0;
    for (; p + 4 <= k; p += 4) {
      Floats x[4];
      for (int i = 0; i < 4; i++) x[i] = loadFours(places + i, p);
      transposeFours(x);
      for (int i = 0; i < 4; i++) store(panel + (std::ptrdiff_t)(p + i) * width + j, x[i]);
    }
    packEntries(panel, width, b, k, columns, p, j, j + LANES);
  }
  packEntries(panel, width, b, k, columns, 0, j, width);
}

void packPanel(float* panel, int width, const Matrix& b, Count k, int columns) {
  if (b.column == 4) {
    packRows(panel, width, b, k, columns);
  } else if (b.row == 4) {
    packColumns(panel, width, b, k, columns);
  } else {
    packEntries(panel, width, b, k, columns, 0, 0, width);
  }
}

/** Room that `eachPanel` needs, in bytes. */
INLINE double panelBytes(Count k) { return product(k, MOST_VECTORS * LANES, 4); }

/** Calls `use(panel, vectors, first)` for all columns of b [k, n], a panel of so many vectors from column `first` on. */
template <typename Use>
INLINE void eachPanel(float* scratch, const Matrix& b, Count k, Count n, Use use) {
  Count vectors = (n + LANES - 1) / LANES;
  Count panels = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
  for (Count first = 0; first < n; panels--) {
    const int own = (vectors + panels - 1) / panels;
    const int width = own * LANES;
    const int columns = n - first < width ? n - first : width;
    const Matrix part = {(const std::uint8_t*)b.entry(0, first), b.row, b.column};
    const bool isPanel = columns == width && b.column == 4 && b.row == width * 4;
    if (!isPanel) packPanel(scratch, width, part, k, columns);
    use(Panel{isPanel ? part.entry(0, 0) : scratch, width, columns}, own, first);
    vectors -= own;
    first += width;
  }
}

/** The part of a target that begins at a column. */
INLINE Target columnsFrom(const Target& target, Count first) {
  const float* bias = target.bias == nullptr ? nullptr : target.bias + first;
  return {target.at + (std::ptrdiff_t)first * 4, target.row, bias, target.finish};
}

/** target [m, n] = a [m, k] times b [k, n]. */
void multiply(const Target& target, const LeftMatrix& a, const Matrix& b, Count m, Count n, float* scratch) {
  eachPanel(scratch, b, a.columns, n, [&](const Panel& panel, int vectors, Count first) {
    multiplyPanel(columnsFrom(target, first), a, panel, m, vectors);
  });
}

/**
 * `a` [m, k] times a panel of any width. What lies behind its columns, up to a whole vector, can be read and may be any
 * numbers.
 */
void multiplyWide(const Target& target, const LeftMatrix& a, const Panel& wide, Count m) {
  Count vectors = (wide.columns + LANES - 1) / LANES;
  Count panels = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
  for (Count first = 0; first < wide.columns; panels--) {
    const int own = (vectors + panels - 1) / panels;
    const int rest = wide.columns - first;
    const Panel part = {wide.at + first, wide.width, rest < own * LANES ? rest : own * LANES};
    multiplyPanel(columnsFrom(target, first), a, part, m, own);
    vectors -= own;
    first += own * LANES;
  }
}

/** Rows of the left matrix that are copied at a time: a multiple of a tile's, and in cache beside a panel. */
constexpr Count LEFT_ROWS = 48;

/** Room for a copy of them, in bytes. */
INLINE double leftBytes(Count k) { return product(k, LEFT_ROWS, 4); }

/** Whether a matrix is better copied: its columns, not rows, lie in one piece, and on pages of their own. */
INLINE bool isSpread(const Matrix& a) { return a.row == 4 && a.column >= 2048; }

/** The same for such a left matrix: tiles that read it where it is would wait for every number. */
void multiplySpread(
    const Target& target, const Matrix& a, const Matrix& b, Count m, Count k, Count n, float* scratch) {
  float* left = scratch + (std::ptrdiff_t)k * MOST_VECTORS * LANES;
  eachPanel(scratch, b, k, n, [&](const Panel& panel, int vectors, Count first) {
    for (Count row = 0; row < m; row += LEFT_ROWS) {
      const Count rows = m - row < LEFT_ROWS ? m - row : LEFT_ROWS;
      for (Count p = 0; p < k; p++)
        eachVector(rows, [&](auto at) { at.store(left + (std::ptrdiff_t)p * LEFT_ROWS, at.load(a.entry(row, p))); });
      const Target part = {target.at + row * target.row, target.row, target.bias, target.finish};
      const LeftMatrix copy = {{(const std::uint8_t*)left, 4, LEFT_ROWS * 4}, k};
      multiplyPanel(columnsFrom(part, first), copy, panel, rows, vectors);
    }
  });
}

/** Columns behind the last whole vector that are too few for one of their own. */
constexpr int FEW = LANES / 4;

INLINE Matrix transposed(const Matrix& matrix) { return {matrix.at, matrix.column, matrix.row}; }

/** Where the sums of column c begin, for some rows. */
void startColumn(float* sums, const Target& target, Count c, Count rows) {
  const float bias = target.bias == nullptr ? 0 : target.bias[c];
  const std::uint8_t* out = target.at + (std::ptrdiff_t)c * 4;
  for (Count i = 0; i < rows; i++)
    sums[i] = target.finish == Finish::Continue ? *(const float*)(out + i * target.row) : bias;
}

/** Puts the sums of column c where they belong. */
void finishColumn(const Target& target, const float* sums, Count c, Count rows) {
  const Finish finish = target.finish;
  std::uint8_t* out = target.at + (std::ptrdiff_t)c * 4;
  for (Count i = 0; i < rows; i++, out += target.row) {
    const float sum = finish == Finish::Relu && sums[i] < 0 ? 0 : sums[i];
    *(float*)out = finish == Finish::Add ? *(float*)out + sum : sum;
  }
}

/**
 * target [m, few] = a [m, k] times b [k, few], at most `FEW`: vectors run over rows. Where a's rows, not its columns, lie in one
 * piece, transposing them takes what it saves.
 */
void multiplyFew(const Target& target, const Matrix& a, const Matrix& b, Count m, Count k, Count few, float* scratch) {
  constexpr int MOST = MOST_VECTORS * LANES;
  float sums[FEW * MOST] = {};
  for (Count row = 0; row < m; row += MOST) {
    const Count rows = m - row < MOST ? m - row : MOST;
    const int vectors = (rows + LANES - 1) / LANES;
    const Matrix columns = {(const std::uint8_t*)a.entry(row, 0), a.column, a.row};
    const bool isPanel = a.row == 4 && rows == vectors * LANES;
    if (!isPanel) packPanel(scratch, vectors * LANES, columns, k, rows);
    const Panel panel = isPanel ? Panel{columns.entry(0, 0), a.column / 4, rows}
                                : Panel{scratch, vectors * LANES, rows};
    const Target part = {target.at + row * target.row, target.row, target.bias, target.finish};
    for (Count c = 0; c < few; c++) startColumn(sums + c * MOST, part, c, rows);
    multiplyPanel({(std::uint8_t*)sums, MOST * 4, nullptr, Finish::Continue}, {transposed(b), k}, panel, few, vectors);
    for (Count c = 0; c < few; c++) finishColumn(part, sums + c * MOST, c, rows);
  }
}

/** target [m, n] = a [m, k] times b [k, n], with room for `productBytes`. */
INLINE void multiplyMatrices(
    const Target& target, const Matrix& a, const Matrix& b, Count m, Count k, Count n, float* scratch) {
  const int few = n % LANES;
  if (a.row == 4 && m >= LANES && n > LANES && few > 0 && few <= FEW) {
    n -= few;
    const Matrix last = {(const std::uint8_t*)b.entry(0, n), b.row, b.column};
    multiplyFew(columnsFrom(target, n), a, last, m, k, few, scratch);
  }
  if (isSpread(a)) {
    multiplySpread(target, a, b, m, k, n, scratch);
  } else {
    multiply(target, {a, k}, b, m, n, scratch);
  }
}

/** Room that it needs, in bytes. */
INLINE double productBytes(Count k) { return panelBytes(k) + leftBytes(k); }

/**
 * `count` products: `out` [m, n] = `a` [m, k] times `b` [k, n], plus `bias` [n] if not 0, then relu if asked for. Product i
 * reads a + i * aStep and b + i * bStep; those of out and bias follow one another.
 * @param a row i, column j is at a + i * aRow + j * aColumn; strides are in bytes, so a transposed matrix is one whose
 *   strides are swapped.
 * @param b likewise.
 */
void matrixProducts(
    Heap& heap, Address out, Address a, Address b, Address bias, Address, Count m, Count k, Count n, Bytes aRow,
    Bytes aColumn, Bytes bRow, Bytes bColumn, Count relu, Count count, Bytes aStep, Bytes bStep) {
  float* to = heap.output("out", out, product(count, m, n));
  const std::uint8_t* left = heap.runs("a", a, 4, Steps{count, aStep}, Steps{m, aRow}, Steps{k, aColumn});
  const std::uint8_t* right = heap.runs("b", b, 4, Steps{count, bStep}, Steps{k, bRow}, Steps{n, bColumn});
  const float* biases = bias == Address{} ? nullptr : heap.floats("bias", bias, product(count, n));
  float* scratch = (float*)heap.scratch(productBytes(k));
  if (heap.refused()) return;
  const Finish finish = relu != 0 ? Finish::Relu : Finish::Store;
  const std::ptrdiff_t row = (std::ptrdiff_t)n * 4;
  for (Count i = 0; i < count; i++) {
    const Matrix ownLeft = {left + i * (std::ptrdiff_t)aStep, (std::ptrdiff_t)aRow, (std::ptrdiff_t)aColumn};
    const Matrix ownRight = {right + i * (std::ptrdiff_t)bStep, (std::ptrdiff_t)bRow, (std::ptrdiff_t)bColumn};
    const Target target = {(std::uint8_t*)to, row, biases, finish};
    multiplyMatrices(target, ownLeft, ownRight, m, k, n, scratch);
    to += (std::ptrdiff_t)m * n;
    if (biases != nullptr) biases += n;
  }
}

}  // namespace
