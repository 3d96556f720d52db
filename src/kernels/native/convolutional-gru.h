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
constexpr Share EVERY_POINT = {0, ALL_POINTS};
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

/** Arrays of numbers in working memory, one after the other: aligned as that is, with a vector to spare behind each. */
class Arrays {
 public:
  /** Without memory they are only measured. */
  explicit Arrays(std::uint8_t* memory = nullptr) : memory(memory) {}

  float* take(double count) {
    std::uint8_t* own = memory == nullptr ? nullptr : memory + (std::size_t)length;
    length += count < 1e12 ? 4.0 * (((std::int64_t)count + LANES + 15) / 16 * 16) : 4 * count;
    return (float*)own;
  }

  /** Of all that were taken. */
  double bytes() const { return length; }

 private:
  std::uint8_t* memory;
  double length = 0;
};

/** Working memory of a share of the sequences. */
struct GruShare {
  float *filters, *turnedTaps, *input, *output, *inputGradient;

  void take(Arrays& memory, Count sequences, Count m) {
    filters = memory.take(product(GATES, ALL_POINTS, m, m));
    turnedTaps = memory.take(kernelNumbers(1, m));
    input = memory.take(ALL_POINTS * (product(sequences, m) + 48));
    output = memory.take(ALL_POINTS * (product(GATES, sequences, m) + 48));
    inputGradient = memory.take(ALL_POINTS * (product(sequences, m) + 48));
  }

  /** out = finish(image * kernels + bias), of the share's sequences */
  template <typename Finish>
  INLINE void convolve(
      const Convolution& conv, float* out, const float* image, const float* kernels, const float* bias,
      Finish finish) const {
    conv.filters(filters, kernels);
    conv.eachPiece([&](Count first) {
      conv.input(input, image, first);
      multiplyValues(
          EVERY_POINT, {output, conv.outputValues()}, {input, conv.inputValues()}, false,
          {filters, conv.filterValues()}, conv.shape.sequences, conv.m, conv.outputs, ::Finish::Store);
      conv.output(out, output, bias, first, finish);
    });
  }

  /**
   * Adds the gradient of an image, for that of sums, by turned filters; `input` and `output` hold then what
   * `addFilterGradient` needs.
   */
  void addInputGradient(
      const Convolution& conv, float* dImage, const float* image, const float* dOut, Count first) const {
    conv.input(input, image, first);
    conv.outputGradient(output, dOut, first);
    multiplyValues(
        EVERY_POINT, {inputGradient, conv.inputValues()}, {output, conv.outputValues()}, false,
        {filters, conv.filterValues()}, conv.shape.sequences, conv.outputs, conv.m, Finish::Store);
    conv.addInputGradient(dImage, inputGradient, first);
  }

  /** Adds the gradient of filters' values at some points, or begins with it. */
  void addFilterGradient(const Convolution& conv, float* values, Share points, bool isFirst) const {
    multiplyValues(
        points, {values, conv.filterValues()}, {input, conv.inputValues()}, true, {output, conv.outputValues()}, conv.m,
        conv.shape.sequences, conv.outputs, isFirst ? Finish::Store : Finish::Continue);
  }
};

/**
 * Working memory of either pass. Sequences are shared out among threads, each of which works on memory of its own: side by
 * side they would fetch each other's lines ahead, and wait for them.
 */
struct GruScratch {
  Shares shares;
  float *zeros, *filterGradients, *dOpened, *dProposal;
  GruShare own[MOST_THREADS];

  GruScratch(Heap& heap, Count n, Count sequences, Count m)
      : shares(threadsFor(product(n, sequences, W, PARTS, m) * product(TAPS, TAPS, m)), sequences, MOST_ROWS) {
    Arrays measured;
    take(measured, n, sequences, m);
    std::uint8_t* scratch = heap.scratch(measured.bytes());
    if (heap.refused()) return;
    Arrays memory(scratch);
    take(memory, n, sequences, m);
    std::memset(zeros, 0, (std::size_t)product(W, GATES, m) * 4);
  }

  /** Calls `use` for the shares, each with its memory. */
  template <typename Use>
  INLINE void eachShare(const Use& use) const {
    inShares(shares, [&](Share share, int i) { use(share, own[i]); });
  }

  /**
   * Gradients of `convolve` for `dOut`, that of its sums: dFilters, and added to dImage. Sums over sequences are not
   * shared out: those of each point go through all sequences in order.
   * @param prepare called first with the sequences of each thread.
   */
  template <typename Prepare>
  INLINE void convolveGradient(
      const Convolution& conv, float* dFilters, float* dImage, const float* image, const float* dOut,
      const float* kernels, Prepare prepare) const {
    const Shares points(shares.count, ALL_POINTS, 1);
    conv.eachPiece([&](Count first) {
      eachShare([&](Share share, const GruShare& own) {
        const Convolution some = conv.of(share);
        if (first == 0) {
          prepare(some.shape);
          some.turnedFilters(own.filters, own.turnedTaps, kernels);
        }
        own.addInputGradient(some, dImage, image, dOut, first);
      });
      inShares(points, [&](Share some, int) {
        for (int i = 0; i < shares.count; i++)
          own[i].addFilterGradient(conv.of(shares[i]), dFilters, some, first == 0 && i == 0);
      });
    });
  }

 private:
  void take(Arrays& memory, Count n, Count sequences, Count m) {
    zeros = memory.take(product(W, GATES, m));
    filterGradients = memory.take(product(PARTS, ALL_POINTS, m, m));
    dOpened = memory.take(product(GATES, n, sequences, W, m));
    dProposal = memory.take(product(n, sequences, W, m));
    for (int i = 0; i < shares.count; i++) own[i].take(memory, shares.most(), m);
  }
};

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
  const std::ptrdiff_t gateKernels = (std::ptrdiff_t)kernelNumbers(GATES, m);
  for (Count r = 0; r < R; r++) {
    const ImageShape shape = {ownPositions(held, n), sequences, 0, sequences};
    const std::ptrdiff_t own = shape.at(shape.positions, m);
    const std::ptrdiff_t all = n * shape.line(m);
    const Convolution toGates = {shape, m, GATES * m, scratch.zeros};
    const Convolution toCandidate = {shape, m, m, scratch.zeros};
    scratch.eachShare([&](Share share, const GruShare& own) {
      const Convolution gates = toGates.of(share), candidate = toCandidate.of(share);
      own.convolve(gates, toOpened, s, kernel, bias, [](Floats x) { return cutSigmoid(x); });
      gates.shape.eachVectorOfPlaces(m, [&](auto at, auto gate) INLINE_BODY {
        at.store(toNext, gate.load(toOpened + m, GATES * m) * at.load(s));
      });
      own.convolve(candidate, toProposal, toNext, kernel + gateKernels, bias + GATES * m, [](Floats x) {
        return hyperbolicTangent(x);
      });
      gates.shape.eachVectorOfPlaces(m, [&](auto at, auto gate) INLINE_BODY {
        const Floats p = at.load(toProposal);
        const Floats u = gate.load(toOpened, GATES * m);
        at.store(toNext, u * at.load(s) + (1.0f - u) * p);
      });
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
    const ImageShape shape = {ownPositions(held, n), sequences, 0, sequences};
    const std::ptrdiff_t own = shape.at(shape.positions, m);
    const std::ptrdiff_t all = n * shape.line(m);
    const Convolution toGates = {shape, m, GATES * m, scratch.zeros};
    const Convolution toCandidate = {shape, m, m, scratch.zeros};
    // `dOpened` holds r s until the gates' gradients are known.
    float* reset = scratch.dOpened;
    float* dGates = scratch.filterGradients;
    float* dCandidate = dGates + ALL_POINTS * toGates.filterValues();
    if (own == 0) std::memset(dGates, 0, (std::size_t)product(PARTS, ALL_POINTS, m, m) * 4);
    std::memset(toState, 0, own * 4);
    scratch.convolveGradient(
        toCandidate, dCandidate, toState, reset, scratch.dProposal, kernel + gateKernels, [&](const ImageShape& some) {
          some.eachVectorOfPlaces(m, [&](auto at, auto gate) INLINE_BODY {
            const Floats p = at.load(proposed);
            at.store(scratch.dProposal, at.load(d) * (1.0f - gate.load(open, GATES * m)) * (1.0f - p * p));
            at.store(reset, gate.load(open + m, GATES * m) * at.load(s));
          });
        });
    // `toState` holds the gradient of r s, and then what is known so far of the state's.
    scratch.convolveGradient(toGates, dGates, toState, s, scratch.dOpened, kernel, [&](const ImageShape& some) {
      some.eachVectorOfPlaces(m, [&](auto at, auto gate) INLINE_BODY {
        const Floats u = gate.load(open, GATES * m);
        const Floats reset = gate.load(open + m, GATES * m);
        const Floats value = at.load(s);
        const Floats gradient = at.load(d);
        const Floats through = at.load(toState);
        gate.store(scratch.dOpened, GATES * m, gradient * (value - at.load(proposed)) * slopeOfGate(u));
        gate.store(scratch.dOpened + m, GATES * m, through * value * slopeOfGate(reset));
        at.store(toState, gradient * u + through * reset);
      });
    });
    const double places = product(shape.positions, sequences, W);
    const auto finish = [&](int task) {
      switch (task) {
        case 0:
          return columnSums(toBiases, scratch.dOpened, places, GATES * m);
        case 1:
          return columnSums(toBiases + GATES * m, scratch.dProposal, places, m);
        case 2:
          return toCandidate.filterGradient(toKernels + gateKernels, dCandidate, 0);
        default:
          return toGates.filterGradient(toKernels, dGates, task - 3);
      }
    };
    inParallel(scratch.shares.count, 3 + GATES, finish);
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
