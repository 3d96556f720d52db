// The machine at hand: its shape, and where its vectors stand. As in ../../assembly/random-access-machine/machine.ts, with an
// example in each of LANES lanes.
#pragma once

#include "../heap.h"

namespace {

constexpr int MODULES = 14;

/** Logits, and with them chances, of an example. In double precision, as a size that is still to be checked. */
INLINE double logitCount(double R, double repetitions) {
  const double Q = MODULES * repetitions;
  return Q * (2 * R + Q - 1) + R * (R + Q);
}

/** Fields that begin with d are gradients. */
struct Machine {
  /** Cells and integers, registers, and modules that a time step runs. */
  Count M, R, Q, repetitions;
  Count logits;
  /** Vectors of a memory. */
  std::ptrdiff_t tape;
  /** [logits] */
  Floats *chances, *dChances;
  /** [R + Q, M]: registers, then modules' outputs. */
  Floats *values, *dValues;
  /** [repetitions + 1, M, M]: as it was before each WRITE, and in the end. */
  Floats *memories, *dMemory;
  /** [Q, 2, M]: what went into the modules. */
  Floats* inputs;
  /** [2, M]; also a place for a number per register. */
  Floats* dInputs;
  /** [R, M] */
  Floats* spare;

  /** Bytes of scratch for a machine, the terms in the order in which they are placed. */
  static double scratchBytes(double M, double R, double repetitions) {
    const double Q = MODULES * repetitions;
    const double vectors = 2 * logitCount(R, repetitions) + 2 * M * (R + Q) + M * M * (repetitions + 1) + M * M +
                           2 * M * Q + (2 * M + R) + M * R;
    // Constants are written 3 entries long however short a distribution is.
    return (vectors + 3) * sizeof(Floats);
  }

  /** For a shape whose logits and memory lie in the heap, so that none of these numbers overflows. */
  Machine(std::uint8_t* scratch, Count M, Count R, Count repetitions)
      : M(M), R(R), Q(MODULES * repetitions), repetitions(repetitions), logits((Count)logitCount(R, repetitions)),
        tape((std::ptrdiff_t)M * M) {
    chances = (Floats*)scratch;
    dChances = chances + logits;
    values = dChances + logits;
    dValues = values + rows(R + Q);
    memories = dValues + rows(R + Q);
    dMemory = memories + tape * (repetitions + 1);
    inputs = dMemory + tape;
    dInputs = inputs + rows(2 * Q);
    spare = dInputs + rows(2) + R;
  }

  /** Vectors of so many distributions. */
  INLINE std::ptrdiff_t rows(Count count) const { return (std::ptrdiff_t)count * M; }

  // Places in `chances`, or in `dChances`.

  INLINE std::ptrdiff_t firstChoice(Count module) const { return (std::ptrdiff_t)module * (2 * R + module - 1); }
  INLINE std::ptrdiff_t secondChoice(Count module) const { return firstChoice(module) + R + module; }
  INLINE std::ptrdiff_t registerChoice(Count which) const { return firstChoice(Q) + (std::ptrdiff_t)which * (R + Q); }
};

}  // namespace
