// As in ../assembly/dense-stack.ts.
#pragma once

#include "matrix-product.h"
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

/** Activities of fully connected layers one after another, with relu after each but the last. */
void denseStack(
    Heap& heap, Address x, Address table, Address, Count layers, Count replicas, Count B, Bytes xStep) {
  const Layer* rows = heap.table<Layer>("table", table, layers);
  checkWidths(heap, rows, layers);
  if (heap.refused() || layers == 0) return;
  const double room = productBytes(widest(rows, layers));
  rows = heap.table<Layer>("table", table, layers, room);
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
  float* scratch = (float*)((std::uint8_t*)rows + (std::size_t)Heap::tableBytes<Layer>(layers));
  for (Count r = 0; r < replicas; r++) {
    const float* input = (const float*)(first + (std::size_t)r * (std::uint32_t)xStep);
    for (Count l = 0; l < layers; l++) {
      const std::size_t k = rows[l].inputs, n = rows[l].outputs;
      float* out = heap.listed("", rows[l].activity, 0) + r * (std::size_t)B * n;
      const float* w = heap.listed("", rows[l].weights, 0) + r * k * n;
      const float* bias = heap.listed("", rows[l].bias, 0) + r * n;
      const Finish finish = l < layers - 1 ? Finish::Relu : Finish::Store;
      const Target target = {(std::uint8_t*)out, (std::ptrdiff_t)n * 4, bias, finish};
      multiplyMatrices(target, rowsOf(input, (Count)k), rowsOf(w, (Count)n), B, (Count)k, (Count)n, scratch);
      input = out;
    }
  }
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
  const Count most = widest(rows, layers);
  const double panel = productBytes(most > B ? most : B);
  const double activities = (double)(((std::size_t)product(most, B, 4) + 63) / 64 * 64);
  rows = heap.table<Back>("table", table, layers, panel + 2 * activities);
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
  std::uint8_t* room = (std::uint8_t*)rows + (std::size_t)Heap::tableBytes<Back>(layers);
  float* scratch = (float*)(room + 2 * (std::size_t)activities);
  for (Count r = 0; r < replicas; r++) {
    const float* gradient = given + (std::size_t)r * B * rows[layers - 1].outputs;
    // Gradients of activities are made in one half of the room from those in the other.
    float *next = (float*)room, *spare = (float*)(room + (std::size_t)activities);
    for (Count l = layers - 1; l >= 0; l--) {
      const std::size_t k = rows[l].inputs, n = rows[l].outputs;
      const bool isLast = l == layers - 1;
      const float* y = isLast ? nullptr : heap.listed("", rows[l].activity, 0) + r * (std::size_t)B * n;
      float* db = heap.listed("", rows[l].biasGradient, 0) + r * n;
      // In place: each number is read before it is written. The last layer's is only summed.
      MaskAndSum{(float*)gradient, db, gradient, y, B, (Count)n}.run();
      const float* input = l == 0 ? (const float*)(first + (std::size_t)r * (std::uint32_t)xStep)
                                  : heap.listed("", rows[l - 1].activity, 0) + r * (std::size_t)B * k;
      float* dw = heap.listed("", rows[l].weightGradient, 0) + r * k * n;
      const Matrix dz = rowsOf(gradient, (Count)n);
      multiplyMatrices(
          {(std::uint8_t*)dw, (std::ptrdiff_t)n * 4, nullptr, Finish::Store}, transposed(rowsOf(input, (Count)k)), dz,
          (Count)k, B, (Count)n, scratch);
      if (l == 0 && inputGradient == nullptr) break;
      const float* w = heap.listed("", rows[l].weights, 0) + r * k * n;
      float* to = l == 0 ? inputGradient + r * (std::size_t)B * k : next;
      multiplyMatrices(
          {(std::uint8_t*)to, (std::ptrdiff_t)k * 4, nullptr, Finish::Store}, dz, transposed(rowsOf(w, (Count)n)), B,
          (Count)n, (Count)k, scratch);
      gradient = to;
      next = spare;
      spare = to;
    }
  }
}

}  // namespace
