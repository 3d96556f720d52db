// A convolutional gated recurrent unit on the mental image of a Neural GPU, and its backward pass, as in
// ../assembly/convolutional-gru.ts, where it is told what they are.
#pragma once

#include "elementary.h"
#include "per-replica.h"
#include "winograd.h"

namespace {

/** Update and reset gate; then the candidate. */
constexpr Count GATES = 2;
constexpr Count PARTS = 3;
constexpr float CUT_SCALE = 1.2f;
constexpr float CUT_SHIFT = 0.1f;

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

/** Numbers of a replica's kernels. */
INLINE double kernelNumbers(double parts, Count m) { return product(parts, TAPS, TAPS, m, m); }

/** Arrays of numbers one after the other in working memory, each aligned as that is, with a vector to spare behind it. */
class Arrays {
 public:
  /** Room for an array of so many, in numbers. */
  static double room(double count) { return (double)(((std::int64_t)count + LANES + 15) / 16 * 16); }

  explicit Arrays(std::uint8_t* scratch) : next((float*)scratch) {}

  float* take(double count) {
    float* own = next;
    next += (std::ptrdiff_t)room(count);
    return own;
  }

 private:
  float* next;
};

/** Working memory of either pass. */
struct GruScratch {
  float *zeros, *filters, *turnedTaps, *turned, *filterGradient, *input, *output, *inputGradient;
  float *dOpened, *dProposal;

  GruScratch(Heap& heap, Count n, Count sequences, Count m) {
    const double image = product(n, sequences, W, m);
    const double filter = product(ALL_POINTS, m, m);
    const double piece = ALL_POINTS * (product(sequences, m) + 48), wide = ALL_POINTS * (product(GATES, sequences, m) + 48);
    const double sizes[] = {product(W, GATES, m), GATES * filter, kernelNumbers(1, m), GATES * filter,
                            GATES * filter,       piece,          wide,                piece,
                            GATES * image,        image};
    float** const arrays[] = {&zeros,          &filters,  &turnedTaps, &turned,
                              &filterGradient, &input,    &output,     &inputGradient,
                              &dOpened,        &dProposal};
    double all = 0;
    for (double size : sizes) all += size < 1e12 ? Arrays::room(size) : size;
    std::uint8_t* scratch = heap.scratch(4 * all);
    if (heap.refused()) return;
    Arrays rest(scratch);
    for (int i = 0; i < 10; i++) *arrays[i] = rest.take(sizes[i]);
    std::memset(zeros, 0, (std::size_t)sizes[0] * 4);
  }

  /** out = finish(image * filters + bias) */
  template <typename Finish>
  INLINE void convolve(
      const Convolution& conv, float* out, const float* image, const float* values, const float* bias, Finish finish) const {
    const Count sequences = conv.shape.sequences;
    conv.eachPiece([&](Count first) {
      conv.input(input, image, first);
      multiplyValues(
          {output, conv.outputValues()}, {input, conv.inputValues()}, false, {values, conv.filterValues()}, sequences,
          conv.m, conv.outputs, ::Finish::Store);
      conv.output(out, output, bias, first, finish);
    });
  }

  /** Gradients of `convolve` for `dOut`, that of its sums: dKernels, and added to dImage. */
  void convolveGradient(
      const Convolution& conv, float* dKernels, float* dImage, const float* image, const float* dOut,
      const float* kernels) const {
    const Count m = conv.m, outputs = conv.outputs, sequences = conv.shape.sequences;
    conv.turnedFilters(turned, turnedTaps, kernels);
    if (conv.shape.places() == 0) std::memset(filterGradient, 0, ALL_POINTS * conv.filterValues() * 4);
    conv.eachPiece([&](Count first) {
      conv.input(input, image, first);
      conv.outputGradient(output, dOut, first);
      multiplyValues(
          {filterGradient, conv.filterValues()}, {input, conv.inputValues()}, true, {output, conv.outputValues()}, m,
          sequences, outputs, first == 0 ? Finish::Store : Finish::Continue);
      multiplyValues(
          {inputGradient, conv.inputValues()}, {output, conv.outputValues()}, false, {turned, conv.filterValues()},
          sequences, outputs, m, Finish::Store);
      conv.addInputGradient(dImage, inputGradient, first);
    });
    conv.filterGradient(dKernels, filterGradient);
  }
};

/** out [columns] = sums of the columns of x [rows, columns]. */
void columnSums(float* out, const float* x, std::ptrdiff_t rows, Count columns) {
  MaskAndSum{nullptr, out, x, nullptr, (Count)rows, columns}.run();
}

/**
 * @param next [R, n, B, W, m], the unit's output
 * @param opened its gates, update beside reset, [R, n B, W, 2, m]
 * @param proposal its candidate, [R, n B, W, m]
 * @param kernels [R, PARTS, 3 (width), 3 (position), m, m]
 * @param biases [R, PARTS, m]
 * @param hold [R, n]: 1 from some position on, 0 before it
 */
void convolutionalGru(
    Heap& heap, Address next, Address opened, Address proposal, Address state, Address kernels, Address biases,
    Address hold, Address, Address, Count R, Count n, Count sequences, Count m) {
  const double images = product(R, n, sequences, W, m);
  float* toNext = heap.output("next", next, images);
  float* toOpened = heap.output("opened", opened, GATES * images);
  float* toProposal = heap.output("proposal", proposal, images);
  const float* s = heap.floats("state", state, images);
  const float* kernel = heap.floats("kernels", kernels, R * kernelNumbers(PARTS, m));
  const float* bias = heap.floats("biases", biases, product(R, PARTS, m));
  const float* held = heap.floats("hold", hold, product(R, n));
  const GruScratch scratch(heap, n, sequences, m);
  if (heap.refused()) return;
  for (Count r = 0; r < R; r++) {
    const ImageShape shape = {ownPositions(held, n), sequences};
    const std::ptrdiff_t own = shape.numbers(m);
    const std::ptrdiff_t all = n * shape.line(m);
    const Convolution toGates = {shape, m, GATES * m, scratch.zeros};
    const Convolution toCandidate = {shape, m, m, scratch.zeros};
    toGates.filters(scratch.filters, kernel);
    scratch.convolve(toGates, toOpened, s, scratch.filters, bias, [](Floats x) { return cutSigmoid(x); });
    eachVectorOfRows(shape.places(), m, [&](auto at, auto gate) INLINE_BODY {
      at.store(toNext, gate.load(toOpened + m, GATES * m) * at.load(s));
    });
    toCandidate.filters(scratch.filters, kernel + (std::ptrdiff_t)kernelNumbers(GATES, m));
    scratch.convolve(toCandidate, toProposal, toNext, scratch.filters, bias + GATES * m, [](Floats x) {
      return hyperbolicTangent(x);
    });
    eachVectorOfRows(shape.places(), m, [&](auto at, auto gate) INLINE_BODY {
      const Floats p = at.load(toProposal);
      const Floats u = gate.load(toOpened, GATES * m);
      at.store(toNext, u * at.load(s) + (1.0f - u) * p);
    });
    std::memcpy(toNext + own, s + own, (all - own) * 4);
    std::memset(toProposal + own, 0, (all - own) * 4);
    for (std::ptrdiff_t i = 2 * own; i < 2 * all; i++) toOpened[i] = 1;
    toNext += all;
    toOpened += 2 * all;
    toProposal += all;
    s += all;
    kernel += (std::ptrdiff_t)kernelNumbers(PARTS, m);
    bias += PARTS * m;
    held += n;
  }
}

/** Gradients with respect to state, kernels and biases, from `dy`, that with respect to the output [R, n, B, W, m]. */
void convolutionalGruGradient(
    Heap& heap, Address dState, Address dKernels, Address dBiases, Address dy, Address state, Address kernels,
    Address opened, Address proposal, Address hold, Address, Count R, Count n, Count sequences, Count m) {
  const double images = product(R, n, sequences, W, m);
  float* toState = heap.output("dState", dState, images);
  float* toKernels = heap.output("dKernels", dKernels, R * kernelNumbers(PARTS, m));
  float* toBiases = heap.output("dBiases", dBiases, product(R, PARTS, m));
  const float* d = heap.floats("dy", dy, images);
  const float* s = heap.floats("state", state, images);
  const float* kernel = heap.floats("kernels", kernels, R * kernelNumbers(PARTS, m));
  const float* open = heap.floats("opened", opened, GATES * images);
  const float* proposed = heap.floats("proposal", proposal, images);
  const float* held = heap.floats("hold", hold, product(R, n));
  const GruScratch scratch(heap, n, sequences, m);
  if (heap.refused()) return;
  const std::ptrdiff_t gateKernels = (std::ptrdiff_t)kernelNumbers(GATES, m);
  for (Count r = 0; r < R; r++) {
    const ImageShape shape = {ownPositions(held, n), sequences};
    const std::ptrdiff_t own = shape.numbers(m);
    const std::ptrdiff_t all = n * shape.line(m);
    const Convolution toGates = {shape, m, GATES * m, scratch.zeros};
    const Convolution toCandidate = {shape, m, m, scratch.zeros};
    // `dOpened` holds r s until the gates' gradients are known.
    float* reset = scratch.dOpened;
    eachVectorOfRows(shape.places(), m, [&](auto at, auto gate) INLINE_BODY {
      const Floats p = at.load(proposed);
      at.store(scratch.dProposal, at.load(d) * (1.0f - gate.load(open, GATES * m)) * (1.0f - p * p));
      at.store(reset, gate.load(open + m, GATES * m) * at.load(s));
    });
    std::memset(toState, 0, own * 4);
    scratch.convolveGradient(
        toCandidate, toKernels + gateKernels, toState, reset, scratch.dProposal, kernel + gateKernels);
    columnSums(toBiases + GATES * m, scratch.dProposal, shape.places(), m);
    // `toState` holds the gradient of r s, and then what is known so far of the state's.
    eachVectorOfRows(shape.places(), m, [&](auto at, auto gate) INLINE_BODY {
      const Floats u = gate.load(open, GATES * m);
      const Floats reset = gate.load(open + m, GATES * m);
      const Floats value = at.load(s);
      const Floats gradient = at.load(d);
      const Floats through = at.load(toState);
      gate.store(scratch.dOpened, GATES * m, gradient * (value - at.load(proposed)) * slopeOfGate(u));
      gate.store(scratch.dOpened + m, GATES * m, through * value * slopeOfGate(reset));
      at.store(toState, gradient * u + through * reset);
    });
    scratch.convolveGradient(toGates, toKernels, toState, s, scratch.dOpened, kernel);
    columnSums(toBiases, scratch.dOpened, shape.places(), GATES * m);
    std::memcpy(toState + own, d + own, (all - own) * 4);
    toState += all;
    d += all;
    s += all;
    open += 2 * all;
    proposed += all;
    toKernels += (std::ptrdiff_t)kernelNumbers(PARTS, m);
    kernel += (std::ptrdiff_t)kernelNumbers(PARTS, m);
    toBiases += PARTS * m;
    held += n;
  }
}

}  // namespace
