// A time step of a neural random-access machine, and its gradient, as in ../../assembly/random-access-machine/index.ts: an example
// in each lane, whose results do not depend on its neighbours.
#pragma once

#include "../parallel.h"
#include "lanes.h"
#include "run-modules.h"

namespace {

/** Logits to probabilities, in place; returns the sum of the entropies. */
Floats chooseAll(Machine& machine) {
  Floats entropy = splat(0.0f);
  for (Count m = 0; m < machine.Q; m++) {
    entropy = entropy + softmax(machine.chances + machine.firstChoice(m), machine.R + m);
    entropy = entropy + softmax(machine.chances + machine.secondChoice(m), machine.R + m);
  }
  for (Count r = 0; r < machine.R; r++)
    entropy = entropy + softmax(machine.chances + machine.registerChoice(r), machine.R + machine.Q);
  return entropy;
}

void chooseAllGradient(Machine& machine, Floats dEntropy) {
  const auto back = [&](std::ptrdiff_t choice, Count count) {
    softmaxGradient(machine.dChances + choice, machine.chances + choice, count, dEntropy);
  };
  for (Count m = 0; m < machine.Q; m++) {
    back(machine.firstChoice(m), machine.R + m);
    back(machine.secondChoice(m), machine.R + m);
  }
  for (Count r = 0; r < machine.R; r++) back(machine.registerChoice(r), machine.R + machine.Q);
}

void updateRegisters(Machine& machine) {
  for (Count r = 0; r < machine.R; r++) {
    const Floats* choice = machine.chances + machine.registerChoice(r);
    mix(machine.spare + machine.rows(r), choice, machine.values, machine.R + machine.Q, machine.M);
  }
}

void updateRegistersGradient(Machine& machine) {
  for (Count r = 0; r < machine.R; r++) {
    const std::ptrdiff_t choice = machine.registerChoice(r);
    mixGradient(
        machine.dChances + choice, machine.dValues, machine.spare + machine.rows(r), machine.chances + choice,
        machine.values, machine.R + machine.Q, machine.M);
  }
}

/** WebAssembly's f32.max for a y that is above 0. */
INLINE float atLeastScalar(float x, float y) { return x != x || x > y ? x : y; }

/** Sum over the cells that have a target of log(max(probability of the target, epsilon)). */
Floats logLikelihood(
    const Machine& machine, const Floats* content, const std::int32_t* targets, const Examples& examples, float epsilon) {
  const Count M = machine.M;
  Floats* probabilities = machine.dValues;
  for (int lane = 0; lane < LANES; lane++) {
    const std::int32_t* target = targets + examples.inLane(lane) * M;
    for (Count i = 0; i < M; i++) {
      float p = 1;
      if (target[i] >= 0) p = atLeastScalar(((const float*)&content[machine.rows(i) + target[i]])[lane], epsilon);
      ((float*)&probabilities[i])[lane] = p;
    }
  }
  Floats sum = splat(0.0f);
  for (Count i = 0; i < M; i++) sum = sum + safeLogarithm(probabilities[i]);
  return sum;
}

/** Adds to the memory's gradient. */
void logLikelihoodGradient(
    Machine& machine, Floats d, const std::int32_t* targets, const Examples& examples, float epsilon) {
  const Count M = machine.M;
  const Floats* content = machine.memories + machine.tape * machine.repetitions;
  for (int lane = 0; lane < LANES; lane++) {
    const std::int32_t* target = targets + examples.inLane(lane) * M;
    for (Count i = 0; i < M; i++) {
      if (target[i] < 0) continue;
      const std::ptrdiff_t at = machine.rows(i) + target[i];
      const float p = ((const float*)&content[at])[lane];
      float* gradient = (float*)&machine.dMemory[at] + lane;
      if (p >= epsilon) *gradient = *gradient + d[lane] / p;
    }
  }
}

/** What both kernels read: `count` examples. */
struct MachineInputs {
  const float *scores, *registers, *content;
  const std::int32_t* targets;
  double logits;

  MachineInputs(
      Heap& heap, Address scores, Address registers, Address content, Address targets, Count N, Count M, Count R,
      Count repetitions)
      : logits(logitCount(R, repetitions)) {
    this->scores = heap.floats("scores", scores, N * logits);
    this->registers = heap.floats("registers", registers, product(N, R, M));
    this->content = heap.floats("content", content, product(N, M, M));
    this->targets = heap.integers("targets", targets, product(N, M));
    heap.checkIndicesOrNegative("targets", this->targets, product(N, M), M);
    heap.keepFromOutputs("targets", this->targets, product(N, M));
  }

  INLINE void gatherInto(Machine& machine, const Examples& examples) const {
    gather(machine.chances, scores, examples, machine.logits);
    gather(machine.values, registers, examples, machine.R * machine.M);
    gather(machine.memories, content, examples, machine.M * machine.M);
  }
};

/** Multiplications that take about as long as a step, or its gradient, for each logit. */
constexpr double STEP_WORK = 35, GRADIENT_WORK = 85;

/** Calls `use(machine, examples)` for all of N examples, which are shared out among threads, LANES at a time. */
template <typename Use>
INLINE void eachBatch(Heap& heap, double work, Count N, Count M, Count R, Count repetitions, const Use& use) {
  const Shares shares(threadsFor(work * N * logitCount(R, repetitions)), N, LANES);
  const double bytes = Machine::scratchBytes(M, R, repetitions);
  std::uint8_t* scratch = heap.scratch(shares.count * bytes);
  if (heap.refused()) return;
  inShares(shares, [&](Share share, int i) {
    Machine machine(scratch + i * (std::size_t)bytes, M, R, repetitions);
    for (Count n = share.begin; n < share.end; n += LANES) use(machine, Examples{n, N});
  });
}

/**
 * One time step of N examples.
 * @param newRegisters [N, R, M], `newMemory` [N, M, M], `entropy` [N], `zeros` [N, R] and `likelihood` [N]: written.
 * @param scores logits [N, logits]; `registers` [N, R, M]; `content` [N, M, M] the memory; `targets` int32 [N, M].
 */
void machineStep(
    Heap& heap, Address newRegisters, Address newMemory, Address entropy, Address zeros, Address likelihood,
    Address scores, Address registers, Address content, Address targets, Address, Address, float epsilon, Count N,
    Count M, Count R, Count repetitions) {
  float* toRegisters = heap.output("newRegisters", newRegisters, product(N, R, M));
  float* toMemory = heap.output("newMemory", newMemory, product(N, M, M));
  float* toEntropy = heap.output("entropy", entropy, N);
  float* toZeros = heap.output("zeros", zeros, product(N, R));
  float* toLikelihood = heap.output("likelihood", likelihood, N);
  const MachineInputs inputs(heap, scores, registers, content, targets, N, M, R, repetitions);
  if (N == 0) return;
  eachBatch(heap, STEP_WORK, N, M, R, repetitions, [&](Machine& machine, const Examples& examples) {
    Floats* lastMemory = machine.memories + machine.tape * repetitions;
    inputs.gatherInto(machine, examples);
    const Floats chosen = chooseAll(machine);
    scatter(toEntropy, &chosen, examples, 1);
    runModules(machine);
    updateRegisters(machine);
    for (Count r = 0; r < R; r++) renormalise(machine.spare + machine.rows(r), M);
    scatter(toRegisters, machine.spare, examples, R * M);
    for (Count r = 0; r < R; r++) machine.dInputs[r] = machine.spare[machine.rows(r)];
    scatter(toZeros, machine.dInputs, examples, R);
    for (Count i = 0; i < M; i++) renormalise(lastMemory + machine.rows(i), M);
    scatter(toMemory, lastMemory, examples, M * M);
    const Floats likelihoods = logLikelihood(machine, lastMemory, inputs.targets, examples, epsilon);
    scatter(toLikelihood, &likelihoods, examples, 1);
  });
}

/**
 * Gradient of `machineStep`, which it repeats: that is cheaper than keeping what it found.
 * @param scoreGradient [N, logits], `registerGradient` [N, R, M], `contentGradient` [N, M, M]: written.
 * @param dRegisters gradient with respect to the step's output, like `dMemory`, `dEntropy`, `dZeros` and `dLikelihood`.
 * @param limits clip 1 of every example, [N].
 */
void machineStepGradient(
    Heap& heap, Address scoreGradient, Address registerGradient, Address contentGradient, Address dRegisters,
    Address dMemory, Address dEntropy, Address dZeros, Address dLikelihood, Address scores, Address registers,
    Address content, Address targets, Address limits, Address, Address, float epsilon, Count N, Count M, Count R,
    Count repetitions) {
  const MachineInputs inputs(heap, scores, registers, content, targets, N, M, R, repetitions);
  float* toScores = heap.output("scoreGradient", scoreGradient, N * inputs.logits);
  float* toRegisters = heap.output("registerGradient", registerGradient, product(N, R, M));
  float* toContent = heap.output("contentGradient", contentGradient, product(N, M, M));
  const float* ofRegisters = heap.floats("dRegisters", dRegisters, product(N, R, M));
  const float* ofMemory = heap.floats("dMemory", dMemory, product(N, M, M));
  const float* ofEntropy = heap.floats("dEntropy", dEntropy, N);
  const float* ofZeros = heap.floats("dZeros", dZeros, product(N, R));
  const float* ofLikelihood = heap.floats("dLikelihood", dLikelihood, N);
  const float* allLimits = heap.floats("limits", limits, N);
  if (N == 0) return;
  eachBatch(heap, GRADIENT_WORK, N, M, R, repetitions, [&](Machine& machine, const Examples& examples) {
    inputs.gatherInto(machine, examples);
    chooseAll(machine);
    runModules(machine);
    const Floats limit = gatherOne(allLimits, examples);
    gather(machine.dMemory, ofMemory, examples, M * M);
    logLikelihoodGradient(machine, gatherOne(ofLikelihood, examples), inputs.targets, examples, epsilon);
    gather(machine.dInputs, ofZeros, examples, R);
    gather(machine.spare, ofRegisters, examples, R * M);
    for (Count r = 0; r < R; r++) {
      Floats& first = machine.spare[machine.rows(r)];
      first = first + machine.dInputs[r];
    }
    std::memset(machine.dValues, 0, machine.rows(R + machine.Q) * sizeof(Floats));
    std::memset(machine.dChances, 0, machine.logits * sizeof(Floats));
    clip(machine.spare, R * M, limit);
    updateRegistersGradient(machine);
    runModulesGradient(machine, limit);
    chooseAllGradient(machine, gatherOne(ofEntropy, examples));
    scatter(toScores, machine.dChances, examples, machine.logits);
    scatter(toRegisters, machine.dValues, examples, R * M);
    scatter(toContent, machine.dMemory, examples, M * M);
  });
}

}  // namespace
