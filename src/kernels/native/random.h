// Philox4x32-10 and TensorFlow's stateless uniforms and normals, as in ../assembly/random.ts; what the numbers are is told in
// src/random/philox.ts.
#pragma once

#include "elementary.h"
#include "heap.h"

namespace {

/** One call of Philox gives a block of four words; LANES blocks are made at a time. */
constexpr int BLOCK = 4;
constexpr int BATCH = LANES * BLOCK;

constexpr std::uint32_t MULTIPLIER_0 = 0xd2511f53;
constexpr std::uint32_t MULTIPLIER_1 = 0xcd9e8d57;
constexpr std::uint32_t KEY_STEP_0 = 0x9e3779b9;
constexpr std::uint32_t KEY_STEP_1 = 0xbb67ae85;

/** What a seed stands for: a key, and words 2 and 3 of the counter. */
struct Stream {
  std::uint32_t key0, key1, counter2, counter3;

  /** TensorFlow's GenerateKey, for a seed of two signed words. */
  explicit Stream(const std::int32_t* seed) {
    const std::int64_t s0 = seed[0];
    const std::int64_t s1 = seed[1];
    std::uint32_t c0 = (std::uint32_t)s0, c1 = (std::uint32_t)(s0 >> 32);
    std::uint32_t c2 = (std::uint32_t)s1, c3 = (std::uint32_t)(s1 >> 32);
    std::uint32_t k0 = 0x3ec8f720, k1 = 0x02461e29;
    for (int round = 0; round < 10; round++) {
      const std::uint64_t product0 = (std::uint64_t)c0 * MULTIPLIER_0;
      const std::uint64_t product1 = (std::uint64_t)c2 * MULTIPLIER_1;
      c0 = (std::uint32_t)(product1 >> 32) ^ c1 ^ k0;
      c1 = (std::uint32_t)product1;
      c2 = (std::uint32_t)(product0 >> 32) ^ c3 ^ k1;
      c3 = (std::uint32_t)product0;
      k0 += KEY_STEP_0;
      k1 += KEY_STEP_1;
    }
    key0 = c0;
    key1 = c1;
    counter2 = c2;
    counter3 = c3;
  }
};

/** A word of LANES / 2 blocks: in the low half of every 64 bits, where a product needs it; above it is anything. */
struct Counter {
  Longs c0, c1, c2, c3;

  INLINE void round(Longs k0, Longs k1) {
    const Longs product0 = multiplyLowWords(c0, Longs{} + MULTIPLIER_0);
    const Longs product1 = multiplyLowWords(c2, Longs{} + MULTIPLIER_1);
    c0 = (product1 >> 32) ^ c1 ^ k0;
    c1 = product1;
    c2 = (product0 >> 32) ^ c3 ^ k1;
    c3 = product0;
  }
};

/** The four words of LANES blocks, one block in each lane. */
struct Blocks {
  Words words[BLOCK];

  /** Even and odd blocks are two chains of dependent instructions, which hide each other's latency. */
  INLINE Blocks(const Stream& stream, std::uint32_t firstBlock) {
    const Words block = (Words)countFrom(0) + firstBlock;
    Counter even = {(Longs)block, Longs{}, Longs{} + stream.counter2, Longs{} + stream.counter3};
    Counter odd = {(Longs)block >> 32, Longs{}, even.c2, even.c3};
    std::uint32_t k0 = stream.key0, k1 = stream.key1;
    for (int round = 0; round < 10; round++) {
      const Longs keys0 = Longs{} + k0, keys1 = Longs{} + k1;
      even.round(keys0, keys1);
      odd.round(keys0, keys1);
      k0 += KEY_STEP_0;
      k1 += KEY_STEP_1;
    }
    words[0] = interleaved(even.c0, odd.c0);
    words[1] = interleaved(even.c1, odd.c1);
    words[2] = interleaved(even.c2, odd.c2);
    words[3] = interleaved(even.c3, odd.c3);
  }

 private:
  static INLINE Words interleaved(Longs even, Longs odd) { return (Words)((even & 0xffffffff) | (odd << 32)); }
};

/** The low 23 bits of each word as a multiple of 2^-23 in [0, 1). */
INLINE Floats uniform(Words words) { return (Floats)((words & 0x7fffffu) | 0x3f800000u) - 1.0f; }

/** sqrt(-2 ln u), u clamped at 1e-7. */
INLINE Floats radius(Words words) { return squareRoot(logarithm(atLeast(1e-7f, uniform(words))) * -2.0f); }

/** Half of `reducedAngle`. */
INLINE Doubles reducedHalf(Doubles angles, Doubles turns) {
  constexpr double PI = 3.141592653589793;
  return roundedToFloat(angles * (2 * PI / 8388608)) - turns * (PI / 2);
}

/**
 * The angles float32(2 pi u) less `turns` quarter turns, in [-pi/4, pi/4]. In double precision: near a multiple of pi the
 * sine is the rounding error of that float32, and TensorFlow's numbers contain it.
 * @param angles u, in units of 2^-23.
 */
INLINE Floats reducedAngle(Ints angles, Ints turns) {
  return floatsOf(
      reducedHalf(lowDoubles(angles), lowDoubles(turns)), reducedHalf(highDoubles(angles), highDoubles(turns)));
}

/** Cephes' sinf on [-pi/4, pi/4]. */
INLINE Floats sine(Floats x, Floats square) {
  Floats y = splat(-1.9515295891e-4f);
  y = y * square + 8.3321608736e-3f;
  y = y * square + -1.6666654611e-1f;
  return y * square * x + x;
}

/** Cephes' cosf on [-pi/4, pi/4]. */
INLINE Floats cosine(Floats square) {
  Floats y = splat(2.443315711809948e-5f);
  y = y * square + -1.388731625493765e-3f;
  y = y * square + 4.166664568298827e-2f;
  return y * square * square + (1.0f - square * 0.5f);
}

/** The sine after `turns` quarter turns: the cosine after an odd number, negated after two or three. */
INLINE Floats turned(Floats sine, Floats cosine, Ints turns) {
  const Floats value = (turns & 1) != 0 ? cosine : sine;
  return (Floats)((Words)value ^ ((Words)turns >> 1 << 31));
}

/** Two normals from two words each; the radius is the first word's, the angle the second's. */
INLINE void boxMuller(Words first, Words second, Floats& normal0, Floats& normal1) {
  const Floats radii = radius(first);
  const Ints angles = (Ints)(second & 0x7fffffu);
  // The number of quarter turns nearest to each angle, 0 to 4.
  const Ints turns = (angles + (1 << 20)) >> 21;
  const Floats reduced = reducedAngle(angles, turns);
  const Floats square = reduced * reduced;
  const Floats sines = sine(reduced, square);
  const Floats cosines = cosine(square);
  // A cosine is the sine a quarter turn on.
  normal0 = turned(sines, cosines, turns) * radii;
  normal1 = turned(sines, cosines, turns + 1) * radii;
}

/** Numbers as they follow from a batch of words: block after block. */
struct Batch {
  Floats lanes[BLOCK];

  /** From the numbers 0 of all blocks, the numbers 1, and so on. */
  INLINE Batch(Floats f0, Floats f1, Floats f2, Floats f3) : lanes{f0, f1, f2, f3} {
    transposeFours(lanes);
    mergeFours(lanes);
  }
};

struct Uniforms {
  static INLINE Batch from(const Blocks& blocks) {
    const Words* words = blocks.words;
    return Batch(uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3]));
  }
};

struct Normals {
  static INLINE Batch from(const Blocks& blocks) {
    Floats f0, f1, f2, f3;
    boxMuller(blocks.words[0], blocks.words[1], f0, f1);
    boxMuller(blocks.words[2], blocks.words[3], f2, f3);
    return Batch(f0, f1, f2, f3);
  }
};

/** Calls `take` with the numbers of a stream, a vector at a time, and where in the array they belong. */
template <typename Kind, typename Take>
INLINE void draw(const Stream& stream, std::uint32_t firstBlock, Count size, Take take) {
  for (Count first = 0; first < size; first += BATCH) {
    const Batch batch = Kind::from(Blocks(stream, firstBlock + (std::uint32_t)first / BLOCK));
    for (int j = 0; j < BLOCK; j++) {
      const Count at = first + j * LANES;
      if (at + LANES <= size) {
        take(WholeVector{at}, batch.lanes[j]);
      } else if (at < size) {
        take(PartOfVector{at, size - at}, batch.lanes[j]);
      }
    }
  }
}

template <typename Kind>
INLINE void drawRows(Heap& heap, Address out, Address seeds, Count replicas, Count size) {
  float* row = heap.output("out", out, product(replicas, size));
  const std::int32_t* seed = heap.integers("seeds", seeds, product(2, replicas));
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    draw<Kind>(Stream(seed), 0, size, [&](auto at, Floats numbers) { at.store(row, numbers); });
    seed += 2;
    row += size;
  }
}

/** Standard normals: row r of `out` [replicas, size] from seed r of `seeds` (int32 pairs). */
void statelessNormals(Heap& heap, Address out, Address seeds, Count replicas, Count size, Address) {
  drawRows<Normals>(heap, out, seeds, replicas, size);
}

/** Uniforms in [0, 1): row r of `out` [replicas, size] from seed r of `seeds` (int32 pairs). */
void statelessUniforms(Heap& heap, Address out, Address seeds, Count replicas, Count size, Address) {
  drawRows<Uniforms>(heap, out, seeds, replicas, size);
}

/** `out` = `x` + deviation[r] * normals of seed r from block `firstBlock` on; both [replicas, size]. */
void addStatelessNormals(
    Heap& heap, Address out, Address x, Address seeds, Address deviations, Count replicas, Count size,
    std::uint32_t firstBlock, Address) {
  float* to = heap.output("out", out, product(replicas, size));
  const float* from = heap.floats("x", x, product(replicas, size));
  const std::int32_t* seed = heap.integers("seeds", seeds, product(2, replicas));
  const float* deviation = heap.floats("deviations", deviations, replicas);
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    if (deviation[r] == 0) {
      std::memmove(to, from, (std::size_t)size * 4);
    } else {
      const Floats scale = splat(deviation[r]);
      draw<Normals>(Stream(seed), firstBlock, size, [&](auto at, Floats normals) {
        at.store(to, at.load(from) + scale * normals);
      });
    }
    seed += 2;
    to += size;
    from += size;
  }
}

}  // namespace
