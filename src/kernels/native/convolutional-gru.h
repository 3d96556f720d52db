// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, as in
// ../assembly/convolutional-gru.ts, where it is told what they are. There a convolution multiplies a copy of every patch. Here it
// reads the image itself: a patch, [W, 3, m], is a few runs of m numbers, which lie equally far apart for every position.
#pragma once

#include "elementary.h"
#include "matrix-product.h"

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

/** The runs of a patch that a column of the output depends on. */
struct Runs {
  std::ptrdiff_t offsets[W * TAPS];
  int count = 0;

  INLINE Runs(const Padded& image, Count column) {
    for (Count w = firstBeside(column); w < behindBeside(column); w++)
      for (Count tap = 0; tap < TAPS; tap++) offsets[count++] = image.offset(w, tap);
  }
};

/** out [rows, W, outputs] from the patches of an image and a band matrix with its bias. */
INLINE void convolve(float* out, const Padded& image, const float* matrix, const float* bias, Count outputs, float* panel) {
  const GruShape& shape = image.shape;
  const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
  for (Count w = 0; w < W; w++) {
    const Runs runs(image, w);
    const LeftMatrix patches = {
        {(const std::uint8_t*)image.at, shape.width() * 4, 4}, runs.count, runs.offsets, shape.m};
    const float* block = matrix + firstBeside(w) * TAPS * shape.m * row + w * outputs;
    const Target target = {(std::uint8_t*)(out + w * outputs), row * 4, bias + w * outputs, Finish::Store};
    multiply(target, patches, {(const std::uint8_t*)block, row * 4, 4}, shape.rows(), outputs, panel);
  }
}

/** out [columns] = sums of the columns of x [rows, columns]. */
INLINE void columnSums(float* out, const float* x, Count rows, Count columns) {
  eachVector(columns, [&](auto at) {
    Floats sum = splat(0.0f);
    for (Count i = 0; i < rows; i++) sum = sum + at.load(x + (std::ptrdiff_t)i * columns);
    at.store(out, sum);
  });
}

/** Gradient of `convolve` with respect to its matrix, zero where that is. */
INLINE void matrixGradient(float* dMatrix, const Padded& image, const float* dOut, Count outputs, float* panel) {
  const GruShape& shape = image.shape;
  const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
  std::memset(dMatrix, 0, shape.width() * TAPS * row * 4);
  if (shape.rows() == 0) return;
  const std::ptrdiff_t whole = 0;
  for (Count w = 0; w < W; w++) {
    const Runs runs(image, w);
    const Matrix right = {(const std::uint8_t*)(dOut + w * outputs), row * 4, 4};
    float* block = dMatrix + firstBeside(w) * TAPS * shape.m * row + w * outputs;
    eachPanel(panel, right, shape.rows(), outputs, [&](const Panel& part, int vectors, Count first) {
      for (int i = 0; i < runs.count; i++) {
        const Matrix patch = {(const std::uint8_t*)image.at + runs.offsets[i], 4, shape.width() * 4};
        float* to = block + (std::ptrdiff_t)i * shape.m * row;
        const Target target = {(std::uint8_t*)to, row * 4, nullptr, Finish::Store};
        multiplyPanel(columnsFrom(target, first), {patch, 1, &whole, shape.rows()}, part, shape.m, vectors);
      }
    });
  }
}

/** Adds to dImage [own, B, W, m] the gradient of `convolve` with respect to its image. */
INLINE void addImageGradient(
    float* dImage, const GruShape& shape, const float* dOut, const float* matrix, Count outputs, float* panel) {
  const std::ptrdiff_t row = (std::ptrdiff_t)W * outputs;
  const std::ptrdiff_t position = shape.B * shape.width();
  const std::ptrdiff_t whole = 0;
  // Each tap of a position's patch goes to that position or one of its neighbours, where there is one.
  for (Count tap = 0; tap < TAPS; tap++) {
    const Count from = tap == 0 ? 1 : 0;
    const Count to = tap == 2 ? 1 : 0;
    const Count positions = tap == 1 ? shape.own : shape.own - 1;
    if (positions <= 0) continue;
    for (Count w = 0; w < W; w++) {
      // A column of the patches reaches the adjacent columns of the output.
      const std::ptrdiff_t right = firstBeside(w) * (std::ptrdiff_t)outputs;
      const Count k = (behindBeside(w) - firstBeside(w)) * outputs;
      const float* left = dOut + from * shape.B * row + right;
      const float* block = matrix + ((std::ptrdiff_t)w * TAPS + tap) * shape.m * row + right;
      float* target = dImage + to * position + (std::ptrdiff_t)w * shape.m;
      multiply(
          {(std::uint8_t*)target, shape.width() * 4, nullptr, Finish::Add},
          {{(const std::uint8_t*)left, row * 4, 4}, 1, &whole, k}, {(const std::uint8_t*)block, 4, row * 4},
          positions * shape.B, shape.m, panel);
    }
  }
}

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
  float *padded, *dOpened, *dProposal, *panel;

  GruScratch(Heap& heap, Count n, Count B, Count m) {
    const double image = product(n, B, W, m);
    const double inner = product(n, B) > 2.0 * W * TAPS * m ? product(n, B) : 2.0 * W * TAPS * m;
    const double panels = inner * MOST_VECTORS * LANES;
    padded = (float*)heap.scratch(4 * (panels + Padded::floats(n, B, m) + 3 * image));
    if (heap.refused()) return;
    panel = padded;
    padded = panel + (std::ptrdiff_t)panels;
    dOpened = padded + (std::ptrdiff_t)Padded::floats(n, B, m);
    dProposal = dOpened + (std::ptrdiff_t)(2 * image);
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
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) {
        const Floats p = hyperbolicTangent(at.load(toProposal + i));
        const Floats u = at.load(toOpened + 2 * i);
        at.store(toProposal + i, p);
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
    matrixGradient(toCandidate, padded, scratch.dProposal, m, scratch.panel);
    columnSums(toCandidateBias, scratch.dProposal, rows, W * m);
    std::memset(toState, 0, own * 4);
    addImageGradient(toState, shape, scratch.dProposal, candidateMatrix, m, scratch.panel);
    // `toState` holds the gradient of r s, and then what is known so far of the state's.
    for (std::ptrdiff_t i = 0; i < own; i += m)
      eachVector(m, [&](auto at) {
        const Floats u = at.load(open + 2 * i);
        const Floats reset = at.load(open + 2 * i + m);
        const Floats value = at.load(s + i);
        const Floats gradient = at.load(d + i);
        const Floats through = at.load(toState + i);
        at.store(scratch.dOpened + 2 * i, gradient * (value - at.load(proposed + i)) * slopeOfGate(u));
        at.store(scratch.dOpened + 2 * i + m, through * value * slopeOfGate(reset));
        at.store(toState + i, gradient * u + through * reset);
      });
    std::memcpy(image, s, own * 4);
    matrixGradient(toGates, padded, scratch.dOpened, 2 * m, scratch.panel);
    columnSums(toGateBias, scratch.dOpened, rows, 2 * W * m);
    addImageGradient(toState, shape, scratch.dOpened, gateMatrix, 2 * m, scratch.panel);
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
