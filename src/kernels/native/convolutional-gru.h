// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, as in
// ../assembly/convolutional-gru.ts, where it is told what they are. There a convolution multiplies a copy of every patch. Here it
// reads the image itself: a patch, [W, 3, m], is a few runs of m numbers, which lie equally far apart for every position.
#pragma once

#include "elementary.h"
#include "matrix-product.h"
#include "per-replica.h"

namespace {

constexpr Count W = 4;
constexpr Count TAPS = 3;
constexpr float CUT_SCALE = 1.2f;
constexpr float CUT_SHIFT = 0.1f;

/** Adjacent columns of a column: the first, and the one behind the last. */
constexpr Count firstBeside(Count column) { return column > 0 ? column - 1 : 0; }
constexpr Count behindBeside(Count column) { return column + 2 < W ? column + 2 : W; }

/** One replica's sizes: positions that are not held, sequences, and maps. */
struct GruShape {
  Count own, B, m;

  /** Rows of an image as a matrix, and numbers in one of them. */
  INLINE Count rows() const { return own * B; }
  INLINE std::ptrdiff_t width() const { return (std::ptrdiff_t)W * m; }
  INLINE std::ptrdiff_t numbers() const { return rows() * width(); }
  INLINE std::ptrdiff_t places() const { return (std::ptrdiff_t)rows() * W; }
};

/** An image [own, B, W, m] between two positions of zeros. */
struct Padded {
  float* at;
  GruShape shape;

  Padded(float* scratch, const GruShape& shape) : at(scratch), shape(shape) {
    const std::ptrdiff_t position = shape.B * shape.width();
    std::memset(at, 0, position * 4);
    std::memset(at + position + shape.numbers(), 0, position * 4);
  }

  static double floats(Count n, Count B, Count m) { return (n + 2.0) * B * W * m; }

  /** The image itself. */
  INLINE float* image() const { return at + shape.B * shape.width(); }

  /** Where, from the first position before a patch on, its run for a column and tap begins; in bytes. */
  INLINE std::ptrdiff_t offset(Count column, Count tap) const {
    return 4 * (tap * shape.B * shape.width() + (std::ptrdiff_t)column * shape.m);
  }
};

/** Columns of an image, or of an output: from one to the one behind the last. */
struct Columns {
  Count from, behind;
};

/** The runs of a patch that lie in some columns. */
struct Runs {
  std::ptrdiff_t offsets[W * TAPS];
  int count = 0;

  INLINE Runs(const Padded& image, Columns columns) {
    for (Count w = columns.from; w < columns.behind; w++)
      for (Count tap = 0; tap < TAPS; tap++) offsets[count++] = image.offset(w, tap);
  }
};

/** A convolution: out [rows, W, outputs] from the patches of an image and a band matrix with its bias. */
struct Convolution {
  float* out;
  const Padded& image;
  const float *matrix, *bias;
  Count outputs;
  float* panel;

  /** What some columns of the image add to columns of the output, which begin with their bias or, `Continue`, go on. */
  void add(Columns to, Columns of, Finish finish) const {
    const Count m = image.shape.m;
    const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
    const std::ptrdiff_t right = to.from * (std::ptrdiff_t)outputs;
    const Runs runs(image, of);
    const LeftMatrix patches = {{(const std::uint8_t*)image.at, image.shape.width() * 4, 4}, runs.count, runs.offsets, m};
    const float* block = matrix + (std::ptrdiff_t)of.from * TAPS * m * row + right;
    const Target target = {(std::uint8_t*)(out + right), row * 4, bias + right, finish};
    const Count n = (to.behind - to.from) * outputs;
    multiply(target, patches, {(const std::uint8_t*)block, row * 4, 4}, image.shape.rows(), n, panel);
  }

  /**
   * Two columns of the output side by side where both depend on the same columns of the image: their numbers fill vectors
   * better than one column's. Each sum goes through the image's columns in order.
   */
  void run() const {
    add({0, 2}, {0, 2}, Finish::Store);
    add({1, 2}, {2, 3}, Finish::Continue);
    add({2, 3}, {1, 2}, Finish::Store);
    add({3, 4}, {2, 2}, Finish::Store);
    add({2, 4}, {2, 4}, Finish::Continue);
  }
};

void convolve(float* out, const Padded& image, const float* matrix, const float* bias, Count outputs, float* panel) {
  Convolution{out, image, matrix, bias, outputs, panel}.run();
}

/** out [columns] = sums of the columns of x [rows, columns]. */
void columnSums(float* out, const float* x, Count rows, Count columns) {
  MaskAndSum{nullptr, out, x, nullptr, rows, columns}.run();
}

/** Gradient of `convolve` with respect to its matrix, zero where that is; a vector behind `dOut` can be read. */
void matrixGradient(float* dMatrix, const Padded& image, const float* dOut, Count outputs) {
  const GruShape& shape = image.shape;
  const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
  std::memset(dMatrix, 0, shape.width() * TAPS * row * 4);
  if (shape.rows() == 0) return;
  const std::ptrdiff_t whole = 0;
  for (Count w = 0; w < W; w++) {
    // A column of the image reaches the adjacent columns of the output, which lie side by side.
    const std::ptrdiff_t right = firstBeside(w) * (std::ptrdiff_t)outputs;
    const Panel reached = {dOut + right, row, (behindBeside(w) - firstBeside(w)) * outputs};
    for (Count tap = 0; tap < TAPS; tap++) {
      const Matrix patch = {(const std::uint8_t*)image.at + image.offset(w, tap), 4, shape.width() * 4};
      float* to = dMatrix + ((std::ptrdiff_t)w * TAPS + tap) * shape.m * row + right;
      multiplyWide({(std::uint8_t*)to, row * 4, nullptr, Finish::Store}, {patch, 1, &whole, shape.rows()}, reached, shape.m);
    }
  }
}

/** Adds to dImage [own, B, W, m] the gradient of `convolve` with respect to its image. */
struct ImageGradient {
  float* dImage;
  GruShape shape;
  const float *dOut, *matrix;
  Count outputs;
  float *dPatches, *panel;

  /** Room for a column's panel, in bytes. */
  static double panelBytes(Count m) { return widePanelBytes(product(TAPS, 2, m), product(TAPS, m)); }

  /** Positions [from, from + count) of a column's patches, the taps from one to the one behind the last. */
  void patches(Count w, Count from, Count count, Count firstTap, Count behindTap) const {
    if (count <= 0) return;
    const std::ptrdiff_t whole = 0;
    const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
    const Count across = TAPS * shape.m;
    const int width = (across + LANES - 1) / LANES * LANES;
    const Count k = (behindBeside(w) - firstBeside(w)) * outputs;
    const float* left = dOut + (std::ptrdiff_t)from * shape.B * row + firstBeside(w) * outputs;
    float* to = dPatches + (std::ptrdiff_t)from * shape.B * across + firstTap * shape.m;
    multiplyWide(
        {(std::uint8_t*)to, across * 4, nullptr, Finish::Store}, {{(const std::uint8_t*)left, row * 4, 4}, 1, &whole, k},
        {panel + firstTap * shape.m, width, (behindTap - firstTap) * shape.m}, count * shape.B);
  }

  /** A column of the patches depends on the adjacent columns of the output. */
  void column(Count w) const {
    const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
    const Count across = TAPS * shape.m;
    const int width = (across + LANES - 1) / LANES * LANES;
    const Count k = (behindBeside(w) - firstBeside(w)) * outputs;
    const float* block = matrix + (std::ptrdiff_t)w * across * row + firstBeside(w) * outputs;
    packPanel(panel, width, {(const std::uint8_t*)block, 4, row * 4}, k, across);
    const Count last = shape.own - 1;
    // The first position has none before it, the last none behind it.
    patches(w, 0, 1, 1, last > 0 ? TAPS : 2);
    patches(w, 1, last - 1, 0, TAPS);
    if (last > 0) patches(w, last, 1, 0, 2);
    // A position gets the first tap of the patch behind it, the second of its own, the third of the one before it.
    const std::ptrdiff_t position = (std::ptrdiff_t)shape.B * across;
    for (Count q = 0; q < shape.own; q++) {
      const float* at = dPatches + q * position;
      float* image = dImage + q * shape.B * shape.width() + (std::ptrdiff_t)w * shape.m;
      for (Count i = 0; i < shape.B; i++) {
        eachVector(shape.m, [&](auto span) {
          Floats sum = span.load(image);
          if (q < last) sum = sum + span.load(at + position);
          sum = sum + span.load(at + shape.m);
          if (q > 0) sum = sum + span.load(at - position + 2 * shape.m);
          span.store(image, sum);
        });
        at += across;
        image += shape.width();
      }
    }
  }

  void run() const {
    if (shape.rows() == 0) return;
    for (Count w = 0; w < W; w++) column(w);
  }
};

/** sig'(x) = max(0, min(1, 1.2 sigmoid(x) - 0.1)) */
INLINE Floats cutSigmoid(Floats x) { return atMost(1.0f, atLeast(0.0f, sigmoid(x) * CUT_SCALE - CUT_SHIFT)); }

/** Derivative of the cut-off sigmoid from its value; exactly 0 where it is cut off. */
INLINE Floats slopeOfGate(Floats value) {
  const Floats sigmoid = (value + CUT_SHIFT) / CUT_SCALE;
  const Floats slope = sigmoid * (1.0f - sigmoid) * CUT_SCALE;
  return (value > 0.0f) & (value < 1.0f) ? slope : splat(0.0f);
}

INLINE Count ownPositions(const float* hold, Count n) {
  Count own = 0;
  while (own < n && hold[own] == 0) own++;
  return own;
}

/** Working memory of either pass, and what it is for. */
struct GruScratch {
  float *padded, *dOpened, *dProposal, *dPatches, *panel;

  GruScratch(Heap& heap, Count n, Count B, Count m) {
    const double image = product(n, B, W, m);
    const double narrow = panelBytes(2 * TAPS * m) / 4;
    const double wide = ImageGradient::panelBytes(m) / 4;
    const double patches = product(n, B, TAPS, m);
    const double panels = narrow > wide ? narrow : wide;
    padded = (float*)heap.scratch(4 * (Padded::floats(n, B, m) + 3 * image + patches + panels));
    if (heap.refused()) return;
    dOpened = padded + (std::ptrdiff_t)Padded::floats(n, B, m);
    dProposal = dOpened + (std::ptrdiff_t)(2 * image);
    dPatches = dProposal + (std::ptrdiff_t)image;
    panel = dPatches + (std::ptrdiff_t)patches;
  }
};

/**
 * @param next [R, n, B, W, m], the unit's output
 * @param opened its gates, update beside reset, [R, n B, W, 2, m]
 * @param proposal its candidate, [R, n B, W, m]
 * @param gates [R, 3 W m, 2 W m]
 * @param candidate [R, 3 W m, W m]
 * @param hold [R, n]: 1 from some position on, 0 before it
 */
void convolutionalGru(
    Heap& heap, Address next, Address opened, Address proposal, Address state, Address gates, Address gateBias,
    Address candidate, Address candidateBias, Address hold, Address, Address, Count R, Count n, Count B, Count m) {
  const double images = product(R, n, B, W, m);
  float* toNext = heap.output("next", next, images);
  float* toOpened = heap.output("opened", opened, 2 * images);
  float* toProposal = heap.output("proposal", proposal, images);
  const float* s = heap.floats("state", state, images);
  const float* gateMatrix = heap.floats("gates", gates, product(R, TAPS, W, m, 2, W, m));
  const float* gateBiases = heap.floats("gateBias", gateBias, product(R, 2, W, m));
  const float* candidateMatrix = heap.floats("candidate", candidate, product(R, TAPS, W, m, W, m));
  const float* candidateBiases = heap.floats("candidateBias", candidateBias, product(R, W, m));
  const float* held = heap.floats("hold", hold, product(R, n));
  const GruScratch scratch(heap, n, B, m);
  if (heap.refused()) return;
  for (Count r = 0; r < R; r++) {
    const GruShape shape = {ownPositions(held, n), B, m};
    const std::ptrdiff_t own = shape.numbers();
    const std::ptrdiff_t all = n * B * shape.width();
    const Padded padded(scratch.padded, shape);
    std::memcpy(padded.image(), s, own * 4);
    convolve(toOpened, padded, gateMatrix, gateBiases, 2 * m, scratch.panel);
    eachVector((Count)(2 * own), [&](auto at) { at.store(toOpened, cutSigmoid(at.load(toOpened))); });
    float* reset = padded.image();
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) { at.store(reset + i, at.load(toOpened + 2 * i + m) * at.load(s + i)); });
    convolve(toProposal, padded, candidateMatrix, candidateBiases, m, scratch.panel);
    eachVector((Count)own, [&](auto at) { at.store(toProposal, hyperbolicTangent(at.load(toProposal))); });
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) {
        const Floats p = at.load(toProposal + i);
        const Floats u = at.load(toOpened + 2 * i);
        at.store(toNext + i, u * at.load(s + i) + (1.0f - u) * p);
      });
    std::memcpy(toNext + own, s + own, (all - own) * 4);
    std::memset(toProposal + own, 0, (all - own) * 4);
    for (std::ptrdiff_t i = 2 * own; i < 2 * all; i++) toOpened[i] = 1;
    toNext += all;
    toOpened += 2 * all;
    toProposal += all;
    s += all;
    gateMatrix += 2 * TAPS * shape.width() * shape.width();
    gateBiases += 2 * shape.width();
    candidateMatrix += TAPS * shape.width() * shape.width();
    candidateBiases += shape.width();
    held += n;
  }
}

/** Gradients with respect to state, kernels and biases, from `dy`, that with respect to the output [R, n, B, W, m]. */
void convolutionalGruGradient(
    Heap& heap, Address dState, Address dGates, Address dGateBias, Address dCandidate, Address dCandidateBias,
    Address dy, Address state, Address gates, Address candidate, Address opened, Address proposal, Address hold, Address,
    Count R, Count n, Count B, Count m) {
  const double images = product(R, n, B, W, m);
  float* toState = heap.output("dState", dState, images);
  float* toGates = heap.output("dGates", dGates, product(R, TAPS, W, m, 2, W, m));
  float* toGateBias = heap.output("dGateBias", dGateBias, product(R, 2, W, m));
  float* toCandidate = heap.output("dCandidate", dCandidate, product(R, TAPS, W, m, W, m));
  float* toCandidateBias = heap.output("dCandidateBias", dCandidateBias, product(R, W, m));
  const float* d = heap.floats("dy", dy, images);
  const float* s = heap.floats("state", state, images);
  const float* gateMatrix = heap.floats("gates", gates, product(R, TAPS, W, m, 2, W, m));
  const float* candidateMatrix = heap.floats("candidate", candidate, product(R, TAPS, W, m, W, m));
  const float* open = heap.floats("opened", opened, 2 * images);
  const float* proposed = heap.floats("proposal", proposal, images);
  const float* held = heap.floats("hold", hold, product(R, n));
  const GruScratch scratch(heap, n, B, m);
  if (heap.refused()) return;
  for (Count r = 0; r < R; r++) {
    const GruShape shape = {ownPositions(held, n), B, m};
    const std::ptrdiff_t own = shape.numbers();
    const std::ptrdiff_t all = n * B * shape.width();
    const Count rows = shape.rows();
    const Padded padded(scratch.padded, shape);
    float* image = padded.image();
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) {
        const Floats p = at.load(proposed + i);
        at.store(scratch.dProposal + i, at.load(d + i) * (1.0f - at.load(open + 2 * i)) * (1.0f - p * p));
        at.store(image + i, at.load(open + 2 * i + m) * at.load(s + i));
      });
    matrixGradient(toCandidate, padded, scratch.dProposal, m);
    columnSums(toCandidateBias, scratch.dProposal, rows, W * m);
    std::memset(toState, 0, own * 4);
    ImageGradient{toState, shape, scratch.dProposal, candidateMatrix, m, scratch.dPatches, scratch.panel}.run();
    // `toState` holds the gradient of r s, and then what is known so far of the state's.
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) {
        const Floats u = at.load(open + 2 * i);
        const Floats reset = at.load(open + 2 * i + m);
        const Floats value = at.load(s + i);
        const Floats gradient = at.load(d + i);
        const Floats through = at.load(toState + i);
        at.store(scratch.dOpened + 2 * i, gradient * (value - at.load(proposed + i)));
        at.store(scratch.dOpened + 2 * i + m, through * value);
        at.store(toState + i, gradient * u + through * reset);
      });
    eachVector((Count)(2 * own), [&](auto at) {
      at.store(scratch.dOpened, at.load(scratch.dOpened) * slopeOfGate(at.load(open)));
    });
    std::memcpy(image, s, own * 4);
    matrixGradient(toGates, padded, scratch.dOpened, 2 * m);
    columnSums(toGateBias, scratch.dOpened, rows, 2 * W * m);
    ImageGradient{toState, shape, scratch.dOpened, gateMatrix, 2 * m, scratch.dPatches, scratch.panel}.run();
    std::memcpy(toState + own, d + own, (all - own) * 4);
    toState += all;
    d += all;
    s += all;
    open += 2 * all;
    proposed += all;
    toGates += 2 * TAPS * shape.width() * shape.width();
    gateMatrix += 2 * TAPS * shape.width() * shape.width();
    toCandidate += TAPS * shape.width() * shape.width();
    candidateMatrix += TAPS * shape.width() * shape.width();
    toGateBias += 2 * shape.width();
    toCandidateBias += shape.width();
    held += n;
  }
}

}  // namespace
