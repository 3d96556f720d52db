// Work in parts that need nothing of each other: on any number of threads the numbers are the same.
#pragma once

#include "heap.h"
#include "pool.h"

namespace {

/** Indices from `begin` on, before `end`. */
struct Share {
  Count begin, end;
  INLINE Count size() const { return end - begin; }
};

/** So many indices in shares for some threads, each of a multiple of `grain` but the last. */
class Shares {
 public:
  Shares(int threads, Count all, Count grain) : all(all), grain(grain), grains(all / grain + (all % grain != 0)) {
    count = grains < threads ? grains : threads;
  }

  int count;

  INLINE Share operator[](int i) const {
    const Count end = start(i + 1);
    return {start(i), end < all ? end : all};
  }

  /** Indices of the largest. */
  Count most() const { return count == 0 ? 0 : (grains + count - 1) / count * grain; }

 private:
  Count all, grain, grains;

  INLINE Count start(int i) const { return (Count)((std::int64_t)grains * i / count) * grain; }
};

/** Calls `work(i)` for all i from 0 on, below `parts`, and returns when all is done. */
template <typename Work>
INLINE void inParallel(int threads, int parts, const Work& work) {
  runParts(threads, parts, [](const void* work, int part) { (*(const Work*)work)(part); }, &work);
}

/** The same for shares of something, each on one thread: `work(share, i)`. */
template <typename Work>
INLINE void inShares(const Shares& shares, const Work& work) {
  inParallel(shares.count, shares.count, [&](int i) { work(shares[i], i); });
}

/**
 * Calls `work(array, share, i)` for arrays in pieces of `grain`, which are shared out among threads: for each array of
 * which thread i has some.
 * @param sizeOf the size of an array.
 */
template <typename SizeOf, typename Work>
INLINE void inSharesOfArrays(int threads, Count count, Count grain, SizeOf sizeOf, const Work& work) {
  const auto piecesOf = [&](Count array) { return (sizeOf(array) + grain - 1) / grain; };
  Count pieces = 0;
  for (Count array = 0; array < count; array++) pieces += piecesOf(array);
  inShares(Shares(threads, pieces, 1), [&](Share own, int i) {
    for (Count array = 0, first = 0; array < count && first < own.end; first += piecesOf(array++)) {
      const Count begin = own.begin > first ? own.begin - first : 0;
      const Count end = own.end - first;
      const Count size = sizeOf(array);
      if (begin < piecesOf(array)) work(array, Share{begin * grain, end < piecesOf(array) ? end * grain : size}, i);
    }
  });
}

}  // namespace
