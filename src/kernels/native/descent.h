// As in ../assembly/descent.ts.
#pragma once

#include "parallel.h"
#include "per-replica.h"
#include "random.h"

namespace {

/** What comes before an optimiser, for all tensors of one replica. */
struct Noisy {
  /** Of each tensor, `scaleStep` bytes apart; null for none. */
  const std::uint8_t* scales;
  std::uint32_t scaleStep;
  Stream stream;
  float deviation;

  INLINE Floats scale(Count tensor) const { return splat(*(const float*)(scales + (std::size_t)tensor * scaleStep)); }

  /** Calls `take` with gradient scale + deviation normal, a vector at a time, and where in the array it belongs. */
  template <typename Take>
  INLINE void run(const float* gradient, Count tensor, Count size, std::uint32_t firstBlock, Take take) const {
    const bool isScaled = scales != nullptr;
    const Floats by = isScaled ? scale(tensor) : splat(1.0f);
    if (deviation != 0) {
      const Floats deviations = splat(deviation);
      draw<Normals>(stream, firstBlock, size, [&](auto at, Floats normals) {
        const Floats g = at.load(gradient);
        take(at, (isScaled ? g * by : g) + deviations * normals);
      });
    } else {
      eachVector(size, [&](auto at) {
        const Floats g = at.load(gradient);
        take(at, isScaled ? g * by : g);
      });
    }
  }
};

/** The arguments that all optimisers share. */
struct Step {
  const std::uint8_t* scales;
  const std::int32_t* seeds;
  const float *deviations, *factors;
  std::uint32_t scaleStep;

  Step(Heap& heap, Address scales, Address seeds, Address deviations, Address factors, Count tensors, Count replicas,
       Bytes scaleStep)
      : scales(nullptr), seeds(nullptr), deviations(nullptr), factors(nullptr), scaleStep((std::uint32_t)scaleStep) {
    const Steps steps[] = {{tensors, scaleStep}, {replicas, (Bytes)4}};
    if (scales != Address{}) this->scales = heap.runs("scales", scales, 4, steps[0], steps[1]);
    if (seeds != Address{}) this->seeds = heap.integers("seeds", seeds, product(2, replicas));
    if (deviations != Address{}) this->deviations = heap.floats("deviations", deviations, replicas);
    if (factors != Address{}) this->factors = heap.floats("factors", factors, replicas);
  }

  /** What comes before the optimiser of replica r. */
  Noisy before(Count r) const {
    static const std::int32_t none[2] = {0, 0};
    const bool isNoisy = seeds != nullptr && deviations != nullptr;
    return {
        scales == nullptr ? nullptr : scales + (std::size_t)r * 4, scaleStep, Stream(isNoisy ? seeds + 2 * r : none),
        isNoisy ? deviations[r] : 0.0f};
  }

  /** The move of replica r, after all. */
  INLINE Floats factored(Floats move, Count r) const {
    return factors == nullptr ? move : move * splat(factors[r]);
  }
};

/**
 * Multiplications that are worth a thread as much as one number's noise and descent. They take five times as long, but the
 * thread that reads parameters next has to fetch those that another one wrote.
 */
constexpr double NOISY_WORK = 6;

/**
 * Calls `use(r, t, some)` for the numbers of each tensor [size] of each replica, which are shared out among threads. Their
 * blocks of noise begin with number `some.begin / BLOCK`.
 */
template <typename Row, typename Use>
INLINE void eachTensor(const Row* rows, Count tensors, Count replicas, const Use& use) {
  double numbers = 0;
  for (Count t = 0; t < tensors; t++) numbers += rows[t].size;
  const int threads = threadsFor(NOISY_WORK * replicas * numbers);
  inSharesOfArrays(
      threads, replicas * tensors, BATCH, [&](Count i) { return (Count)rows[i % tensors].size; },
      [&](Count i, Share some, int) { use(i / tensors, i % tensors, some); });
}

/** A tensor [replicas, size] in the table of `noisyDescent`. */
struct Moved {
  Address out, parameter, gradient;
  std::uint32_t size, firstBlock;
};

/** Gradient descent: out = parameter + (gradient scale + deviation normal) rate factor, where rate is the negative one. */
void noisyDescent(
    Heap& heap, Address table, Address scales, Address seeds, Address deviations, Address rates, Address factors,
    Address, Count tensors, Count replicas, Bytes scaleStep) {
  const Step step(heap, scales, seeds, deviations, factors, tensors, replicas, scaleStep);
  const float* rate = heap.floats("rates", rates, replicas);
  const Moved* rows = heap.table<Moved>("table", table, tensors);
  for (Count t = 0; !heap.refused() && t < tensors; t++) {
    const double count = product(replicas, rows[t].size);
    heap.listed("an output in the table", rows[t].out, count);
    heap.listed("a parameter in the table", rows[t].parameter, count);
    heap.listed("a gradient in the table", rows[t].gradient, count);
  }
  if (heap.refused()) return;
  eachTensor(rows, tensors, replicas, [&](Count r, Count t, Share some) {
    const Floats by = splat(rate[r]);
    const std::size_t offset = (std::size_t)r * rows[t].size + some.begin;
    float* out = heap.listed("", rows[t].out, 0) + offset;
    const float* p = heap.listed("", rows[t].parameter, 0) + offset;
    const float* g = heap.listed("", rows[t].gradient, 0) + offset;
    step.before(r).run(g, t, some.size(), rows[t].firstBlock + some.begin / BLOCK, [&](auto at, Floats gradient) {
      at.store(out, at.load(p) + step.factored(gradient * by, r));
    });
  });
}

/** A tensor [replicas, size] in the table of `noisyAdam`. */
struct Adapted {
  Address out, outMean, outSquare, parameter, mean, square, gradient;
  std::uint32_t size, firstBlock;
};

/**
 * Adam, with the noisy gradient g of `noisyDescent`: mean = beta1 mean + (1 - beta1) g, square likewise of g^2, and
 * out = parameter + mean stepSize / (sqrt(square / correction2) + epsilon) factor.
 * @param numbers [7, replicas]: beta1, 1 - beta1, beta2, 1 - beta2, correction2, stepSize (negative) and epsilon.
 */
void noisyAdam(
    Heap& heap, Address table, Address scales, Address seeds, Address deviations, Address numbers, Address factors,
    Address, Count tensors, Count replicas, Bytes scaleStep) {
  const Step step(heap, scales, seeds, deviations, factors, tensors, replicas, scaleStep);
  const float* all = heap.floats("numbers", numbers, product(7, replicas));
  const Adapted* rows = heap.table<Adapted>("table", table, tensors);
  for (Count t = 0; !heap.refused() && t < tensors; t++) {
    const double count = product(replicas, rows[t].size);
    for (const Address out : {rows[t].out, rows[t].outMean, rows[t].outSquare})
      heap.listed("an output in the table", out, count);
    for (const Address in : {rows[t].parameter, rows[t].mean, rows[t].square, rows[t].gradient})
      heap.listed("an input in the table", in, count);
  }
  if (heap.refused()) return;
  eachTensor(rows, tensors, replicas, [&](Count r, Count t, Share some) {
    const float* own = all + r;
    const auto number = [&](int which) { return splat(own[(std::size_t)which * replicas]); };
    const Floats beta1 = number(0), rest1 = number(1), beta2 = number(2), rest2 = number(3);
    const Floats correction2 = number(4), stepSize = number(5), epsilon = number(6);
    const std::size_t offset = (std::size_t)r * rows[t].size + some.begin;
    const auto at0 = [&](Address address) { return heap.listed("", address, 0) + offset; };
    float *out = at0(rows[t].out), *outMean = at0(rows[t].outMean), *outSquare = at0(rows[t].outSquare);
    const float *p = at0(rows[t].parameter), *mean = at0(rows[t].mean), *square = at0(rows[t].square);
    const float* gradient = at0(rows[t].gradient);
    step.before(r).run(gradient, t, some.size(), rows[t].firstBlock + some.begin / BLOCK, [&](auto at, Floats g) {
      const Floats newMean = at.load(mean) * beta1 + g * rest1;
      const Floats newSquare = at.load(square) * beta2 + g * g * rest2;
      const Floats root = squareRoot(newSquare / correction2);
      const Floats move = step.factored(newMean * stepSize / (root + epsilon), r);
      at.store(out, at.load(p) + move);
      at.store(outMean, newMean);
      at.store(outSquare, newSquare);
    });
  });
}

/** A tensor [replicas, size] in the table of `squaredNormsOfAll`. */
struct Measured {
  Address x;
  std::uint32_t size;
};

/**
 * Sums of squares, and 2^-128 times them, as `squaredNorms` makes them, of several tensors.
 * @param out [2, replicas], the sums over all tensors, added one after the other in single precision; or where `isEach`
 *   [tensors, 2, replicas].
 */
void squaredNormsOfAll(Heap& heap, Address out, Address table, Address, Count tensors, Count replicas, Count isEach) {
  const std::size_t all = 2 * (std::size_t)replicas;
  float* norms = heap.output("out", out, product(isEach != 0 ? tensors : tensors > 0 ? 1 : 0, 2, replicas));
  const Measured* rows = heap.table<Measured>("table", table, tensors, 4.0 * all);
  for (Count t = 0; !heap.refused() && t < tensors; t++)
    heap.listed("a tensor in the table", rows[t].x, product(replicas, rows[t].size));
  if (heap.refused()) return;
  float* spare = (float*)((std::uint8_t*)rows + (std::size_t)Heap::tableBytes<Measured>(tensors));
  for (Count t = 0; t < tensors; t++) {
    float* own = isEach != 0 ? norms + t * all : t == 0 ? norms : spare;
    const float* x = heap.listed("", rows[t].x, 0);
    const Count size = (Count)rows[t].size;
    Count r = 0;
    for (; r + 4 <= replicas; r += 4)
      squaredNormsOf<4>(own + r, own + replicas + r, x + (std::size_t)r * size, size);
    for (; r < replicas; r++) squaredNormsOf<1>(own + r, own + replicas + r, x + (std::size_t)r * size, size);
    if (isEach != 0 || t == 0) continue;
    for (std::size_t i = 0; i < all; i++) norms[i] = norms[i] + own[i];
  }
}

}  // namespace
