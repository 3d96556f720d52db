// A long short-term memory cell, as in ../assembly/lstm-cell.ts.
#pragma once

#include "elementary.h"
#include "heap.h"

namespace {

/** Derivative of a sigmoid whose value is `y`. */
INLINE Floats slopeOfSigmoid(Floats y) { return y * (1.0f - y); }

/** The gates of a row, [4, units], after their non-linearities. */
struct Gates {
  Floats input, forget, candidate, output;

  template <typename Span>
  INLINE Gates(Span at, const float* gates, Count units)
      : input(sigmoid(at.load(gates))),
        forget(sigmoid(at.load(gates + units))),
        candidate(hyperbolicTangent(at.load(gates + 2 * (std::ptrdiff_t)units))),
        output(sigmoid(at.load(gates + 3 * (std::ptrdiff_t)units))) {}
};

/** output, newCell [rows, units] from gates [rows, 4 units] and cell [rows, units]. */
void lstmCell(
    Heap& heap, Address output, Address newCell, Address gates, Address cell, Address, Count rows, Count units) {
  float* toOutput = heap.output("output", output, product(rows, units));
  float* toCell = heap.output("newCell", newCell, product(rows, units));
  const float* gate = heap.floats("gates", gates, product(4, rows, units));
  const float* old = heap.floats("cell", cell, product(rows, units));
  if (heap.refused()) return;
  for (Count r = 0; r < rows; r++) {
    eachVector(units, [&](auto at) {
      const Gates open(at, gate, units);
      const Floats next = open.forget * at.load(old) + open.input * open.candidate;
      at.store(toCell, next);
      at.store(toOutput, open.output * hyperbolicTangent(next));
    });
    gate += 4 * (std::ptrdiff_t)units;
    old += units;
    toOutput += units;
    toCell += units;
  }
}

/** dGates [rows, 4 units] and dCell [rows, units] from the inputs and the gradients of both outputs [rows, units]. */
void lstmCellGradient(
    Heap& heap, Address dGates, Address dCell, Address gates, Address cell, Address dOutput, Address dNewCell, Address,
    Count rows, Count units) {
  float* toGates = heap.output("dGates", dGates, product(4, rows, units));
  float* toCell = heap.output("dCell", dCell, product(rows, units));
  const float* gate = heap.floats("gates", gates, product(4, rows, units));
  const float* olds = heap.floats("cell", cell, product(rows, units));
  const float* dShowns = heap.floats("dOutput", dOutput, product(rows, units));
  const float* dNexts = heap.floats("dNewCell", dNewCell, product(rows, units));
  if (heap.refused()) return;
  for (Count r = 0; r < rows; r++) {
    eachVector(units, [&](auto at) {
      const Gates open(at, gate, units);
      const Floats old = at.load(olds);
      const Floats shown = hyperbolicTangent(open.forget * old + open.input * open.candidate);
      const Floats dShown = at.load(dShowns);
      const Floats d = at.load(dNexts) + dShown * open.output * (1.0f - shown * shown);
      at.store(toGates, d * open.candidate * slopeOfSigmoid(open.input));
      at.store(toGates + units, d * old * slopeOfSigmoid(open.forget));
      at.store(toGates + 2 * (std::ptrdiff_t)units, d * open.input * (1.0f - open.candidate * open.candidate));
      at.store(toGates + 3 * (std::ptrdiff_t)units, dShown * shown * slopeOfSigmoid(open.output));
      at.store(toCell, d * open.forget);
    });
    gate += 4 * (std::ptrdiff_t)units;
    toGates += 4 * (std::ptrdiff_t)units;
    olds += units;
    toCell += units;
    dShowns += units;
    dNexts += units;
  }
}

}  // namespace
