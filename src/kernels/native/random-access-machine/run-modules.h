// All modules of a time step, one after the other, and back. As in ../../assembly/random-access-machine/run-modules.ts.
#pragma once

#include "distributions.h"
#include "machine.h"
#include "modules.h"

namespace {

enum Module {
  READ,
  ZERO,
  ONE,
  TWO,
  INCREMENT,
  ADD,
  SUBTRACT,
  DECREMENT,
  LESS_THAN,
  LESS_OR_EQUAL,
  EQUALITY,
  MINIMUM,
  MAXIMUM,
  WRITE,
};

INLINE bool usesFirst(int kind) { return kind == READ || kind >= INCREMENT; }
INLINE bool usesSecond(int kind) { return kind >= ADD && kind != DECREMENT; }

/** Fills values and memories from the first of each; keeps the modules' inputs. */
void runModules(Machine& machine) {
  const Count M = machine.M;
  Floats* tapeNow = machine.memories;
  for (Count m = 0; m < machine.Q; m++) {
    const int kind = m % MODULES;
    const Count known = machine.R + m;
    Floats* A = machine.inputs + machine.rows(2 * m);
    Floats* B = A + M;
    Floats* out = machine.values + machine.rows(known);
    if (usesFirst(kind)) mix(A, machine.chances + machine.firstChoice(m), machine.values, known, M);
    if (usesSecond(kind)) mix(B, machine.chances + machine.secondChoice(m), machine.values, known, M);
    switch (kind) {
      case READ:
        modules::read(out, tapeNow, A, M);
        break;
      case ZERO:
      case ONE:
      case TWO:
        modules::constant(out, kind - ZERO, M);
        break;
      case INCREMENT:
        modules::rotate(out, A, M - 1, M);
        break;
      case DECREMENT:
        modules::rotate(out, A, 1, M);
        break;
      case ADD:
        modules::add(out, A, B, M);
        break;
      case SUBTRACT:
        modules::correlate(out, B, A, M);
        break;
      case LESS_THAN:
        modules::truth(out, 1.0f - modules::probability(B, A, M), M);
        break;
      case LESS_OR_EQUAL:
        modules::truth(out, modules::probability(A, B, M), M);
        break;
      case EQUALITY:
        modules::truth(out, modules::dot(A, B, M), M);
        break;
      case MINIMUM:
        modules::minimum(out, A, B, M);
        break;
      case MAXIMUM:
        modules::maximum(out, A, B, M);
        break;
      case WRITE:
        modules::write(tapeNow + machine.tape, tapeNow, A, B, M);
        for (Count j = 0; j < M; j++) out[j] = B[j];
        tapeNow += machine.tape;
    }
  }
}

/** Gradients of all that `runModules` did; those of values and of the last memory are in place, those of chances set. */
void runModulesGradient(Machine& machine, Floats limit) {
  const Count M = machine.M;
  Floats* dA = machine.dInputs;
  Floats* dB = dA + M;
  const Floats* tapeNow = machine.memories + machine.tape * machine.repetitions;
  for (Count m = machine.Q - 1; m >= 0; m--) {
    const int kind = m % MODULES;
    const Count known = machine.R + m;
    const Floats* A = machine.inputs + machine.rows(2 * m);
    const Floats* B = A + M;
    Floats* d = machine.dValues + machine.rows(known);
    clip(d, M, limit);
    switch (kind) {
      case READ:
        modules::readGradient(dA, machine.dMemory, d, tapeNow, A, M);
        break;
      case INCREMENT:
        modules::rotate(dA, d, 1, M);
        break;
      case DECREMENT:
        modules::rotate(dA, d, M - 1, M);
        break;
      case ADD:
        modules::correlate(dA, B, d, M);
        modules::correlate(dB, A, d, M);
        break;
      case SUBTRACT:
        // out[c] = sum of B[b] A[b + c]
        modules::add(dA, B, d, M);
        modules::correlate(dB, d, A, M);
        break;
      case LESS_THAN:
        modules::probabilityGradient(dB, dA, B, A, negated(modules::truthGradient(d)), M);
        break;
      case LESS_OR_EQUAL:
        modules::probabilityGradient(dA, dB, A, B, modules::truthGradient(d), M);
        break;
      case EQUALITY:
        modules::scaled(dA, B, modules::truthGradient(d), M);
        modules::scaled(dB, A, modules::truthGradient(d), M);
        break;
      case MINIMUM:
        modules::minimumGradient(dA, d, B, M);
        modules::minimumGradient(dB, d, A, M);
        break;
      case MAXIMUM:
        modules::maximumGradient(dA, d, B, M);
        modules::maximumGradient(dB, d, A, M);
        break;
      case WRITE:
        tapeNow -= machine.tape;
        clip(machine.dMemory, M * M, limit);
        modules::writeGradient(dA, dB, machine.dMemory, d, tapeNow, A, B, M);
    }
    if (usesFirst(kind)) {
      const std::ptrdiff_t choice = machine.firstChoice(m);
      mixGradient(machine.dChances + choice, machine.dValues, dA, machine.chances + choice, machine.values, known, M);
    }
    if (usesSecond(kind)) {
      const std::ptrdiff_t choice = machine.secondChoice(m);
      mixGradient(machine.dChances + choice, machine.dValues, dB, machine.chances + choice, machine.values, known, M);
    }
  }
}

}  // namespace
