// As in ../assembly/dense-stack.ts.
#pragma once

#include "matrix-product.h"
#include "parallel.h"
#include "per-replica.h"

namespace {

/** A layer in the table of `denseStack`: [replicas, ...] arrays, and widths. */
struct Layer {
  Address weights, bias, activity;
  std::uint32_t inputs, outputs;
};

/** Checks that each layer takes what the one before it gives. */
template <typename Row>
INLINE void checkWidths(Heap& heap, const Row* rows, Count layers) {
  for (Count l = 0; !heap.refused() && l < layers; l++) {
    if (rows[l].inputs > 0x7fffffff || rows[l].outputs > 0x7fffffff) heap.refuse("count", "a width in the table", rows[l].inputs);
    if (l > 0 && rows[l].inputs != rows[l - 1].outputs) heap.refuse("count", "a width in the table", rows[l].inputs);
  }
}

/** The widest of so many layers, in inputs and outputs. */
template <typename Row>
INLINE Count widest(const Row* rows, Count layers) {
  std::uint32_t most = 0;
  for (Count l = 0; l < layers; l++) {
    most = rows[l].inputs > most ? rows[l].inputs : most;
    most = rows[l].outputs > most ? rows[l].outputs : most;
  }
  return (Count)most;
}

/** A matrix whose rows lie one after the other, so wide. */
INLINE Matrix rowsOf(const float* at, Count width) {
  return {(const std::uint8_t*)at, (std::ptrdiff_t)width * 4, 4};
}

/** Gradients through relu, in place: 0 where its output is. */
void mask(float* gradients, const float* outputs, Count count) {
  eachVector(count, [&](auto at) {
    at.store(gradients, at.load(outputs) > 0.0f ? at.load(gradients) : splat(0.0f));
  });
}

/** Multiplications of so many examples in all layers. */
template <typename Row>
INLINE double multiplications(const Row* rows, Count layers, Count B) {
  double all = 0;
  for (Count l = 0; l < layers; l++) all += product(B, rows[l].inputs, rows[l].outputs);
  return all;
}

/** Activities of fully connected layers one after another, with relu after each but the last. */
void denseStack(
    Heap& heap, Address x, Address table, Address, Count layers, Count replicas, Count B, Bytes xStep) {
  const Layer* rows = heap.table<Layer>("table", table, layers);
  checkWidths(heap, rows, layers);
  if (heap.refused() || layers == 0) return;
  const Shares shares(threadsFor(multiplications(rows, layers, B)), B, MOST_ROWS);
  const double room = productBytes(widest(rows, layers));
  rows = heap.table<Layer>("table", table, layers, shares.count * room);
  if (heap.refused()) return;
  const std::uint8_t* first =
      heap.runs("x", x, 4.0 * rows[0].inputs, Steps{replicas, xStep}, Steps{B, (Bytes)(rows[0].inputs * 4)});
  for (Count l = 0; !heap.refused() && l < layers; l++) {
    const Layer& layer = rows[l];
    heap.listed("weights in the table", layer.weights, product(replicas, layer.inputs, layer.outputs));
    heap.listed("a bias in the table", layer.bias, product(replicas, layer.outputs));
    heap.listed("an output in the table", layer.activity, product(replicas, B, layer.outputs));
  }
  if (heap.refused()) return;
  std::uint8_t* scratch = (std::uint8_t*)rows + (std::size_t)Heap::tableBytes<Layer>(layers);
  for (Count r = 0; r < replicas; r++)
    inShares(shares, [&](Share examples, int i) {
      const float* input = (const float*)(first + (std::size_t)r * (std::uint32_t)xStep);
      for (Count l = 0; l < layers; l++) {
        const std::size_t k = rows[l].inputs, n = rows[l].outputs;
        float* out = heap.listed("", rows[l].activity, 0) + r * (std::size_t)B * n;
        const float* w = heap.listed("", rows[l].weights, 0) + r * k * n;
        const float* bias = heap.listed("", rows[l].bias, 0) + r * n;
        const Finish finish = l < layers - 1 ? Finish::Relu : Finish::Store;
        multiplyMatrices(
            {(std::uint8_t*)(out + examples.begin * n), (std::ptrdiff_t)n * 4, bias, finish},
            rowsOf(input + examples.begin * k, (Count)k), rowsOf(w, (Count)n), examples.size(), (Count)k, (Count)n,
            (float*)(scratch + i * (std::size_t)room));
        input = out;
      }
    });
}

/** A layer in the table of `denseStackGradient`; the last one's activity is not read. */
struct Back {
  Address weightGradient, biasGradient, weights, activity;
  std::uint32_t inputs, outputs;
};

/** Gradients of all weights and biases, and of the input unless `dx` is 0. */
void denseStackGradient(
    Heap& heap, Address dx, Address dy, Address x, Address table, Address, Count layers, Count replicas, Count B,
    Bytes xStep, Bytes, Bytes) {
  const Back* rows = heap.table<Back>("table", table, layers);
  checkWidths(heap, rows, layers);
  if (heap.refused() || layers == 0) return;
  const int threads = threadsFor(2 * multiplications(rows, layers, B));
  const Shares examples(threads, B, MOST_ROWS);
  const Count most = widest(rows, layers);
  const double panel = productBytes(most > B ? most : B), activity = product(widest(rows + 1, layers - 1), B, 4);
  rows = heap.table<Back>("table", table, layers, threads * panel + (layers - 1) * activity);
  if (heap.refused()) return;
  const std::uint8_t* first =
      heap.runs("x", x, 4.0 * rows[0].inputs, Steps{replicas, xStep}, Steps{B, (Bytes)(rows[0].inputs * 4)});
  const float* given = heap.floats("dy", dy, product(replicas, B, rows[layers - 1].outputs));
  float* inputGradient = dx == Address{} ? nullptr : heap.output("dx", dx, product(replicas, B, rows[0].inputs));
  for (Count l = 0; !heap.refused() && l < layers; l++) {
    const Back& layer = rows[l];
    heap.listed("an output in the table", layer.weightGradient, product(replicas, layer.inputs, layer.outputs));
    heap.listed("an output in the table", layer.biasGradient, product(replicas, layer.outputs));
    heap.listed("weights in the table", layer.weights, product(replicas, layer.inputs, layer.outputs));
    if (l < layers - 1) heap.listed("an activity in the table", layer.activity, product(replicas, B, layer.outputs));
  }
  if (heap.refused()) return;
  std::uint8_t* scratch = (std::uint8_t*)rows + (std::size_t)Heap::tableBytes<Back>(layers);
  std::uint8_t* room = scratch + (std::size_t)(threads * panel);
  for (Count r = 0; r < replicas; r++) {
    const auto inputOf = [&](Count l) {
      if (l == 0) return (const float*)(first + (std::size_t)r * (std::uint32_t)xStep);
      return (const float*)heap.listed("", rows[l - 1].activity, 0) + r * (std::size_t)B * rows[l].inputs;
    };
    const auto gradientOf = [&](Count l) {
      if (l == layers - 1) return (float*)given + (std::size_t)r * B * rows[l].outputs;
      return (float*)(room + l * (std::size_t)activity);
    };
    const auto panelOf = [&](int i) { return (float*)(scratch + i * (std::size_t)panel); };
    // First the gradients of all outputs, example by example; then of weights and biases, sums over all examples.
    inShares(examples, [&](Share some, int i) {
      for (Count l = layers - 1; l > 0 || (l == 0 && inputGradient != nullptr); l--) {
        const std::size_t k = rows[l].inputs, n = rows[l].outputs;
        const float* w = heap.listed("", rows[l].weights, 0) + r * k * n;
        float* to = (l == 0 ? inputGradient + r * (std::size_t)B * k : gradientOf(l - 1)) + some.begin * k;
        multiplyMatrices(
            {(std::uint8_t*)to, (std::ptrdiff_t)k * 4, nullptr, Finish::Store},
            rowsOf(gradientOf(l) + some.begin * n, (Count)n), transposed(rowsOf(w, (Count)n)), some.size(), (Count)n,
            (Count)k, panelOf(i));
        if (l > 0) mask(to, inputOf(l) + some.begin * k, some.size() * (Count)k);
      }
    });
    const auto inputs = [&](Count l) { return (Count)rows[l].inputs; };
    inSharesOfArrays(threads, layers, LEFT_ROWS, inputs, [&](Count l, Share some, int i) {
      const std::size_t k = rows[l].inputs, n = rows[l].outputs;
      const float* dz = gradientOf(l);
      float* dw = heap.listed("", rows[l].weightGradient, 0) + (r * k + some.begin) * n;
      multiplyMatrices(
          {(std::uint8_t*)dw, (std::ptrdiff_t)n * 4, nullptr, Finish::Store},
          transposed(rowsOf(inputOf(l), (Count)k)).from(some.begin), rowsOf(dz, (Count)n), some.size(), B, (Count)n,
          panelOf(i));
      if (some.begin == 0) columnSums(heap.listed("", rows[l].biasGradient, 0) + r * n, dz, B, (Count)n);
    });
  }
}

}  // namespace
