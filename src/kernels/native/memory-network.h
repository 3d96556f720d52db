// Embedding bags, and a hop of an end-to-end memory network over them, as in ../assembly/memory-network.ts, where it is told
// what they are.
#pragma once

#include "heap.h"

namespace {

/**
 * Numbers of a row that is filled up to whole vectors. What is worked on repeatedly lies in such rows: a processor waits where it
 * is to load what a part of a vector was stored to just before.
 */
INLINE std::ptrdiff_t wholeVectors(Count width) { return ((std::ptrdiff_t)width + LANES - 1) / LANES * LANES; }

/** A bag's words: `slots` ids; the weights [slots, width] are those of all bags. */
struct Bag {
  const std::int32_t* ids;
  const float* weights;
  Count slots;
  Count width;
};

/** `VECTORS` vectors of a bag's embedding, from the column `first` on; empty slots are skipped. */
template <int VECTORS, typename Take>
INLINE void embedVectors(const float* table, const Bag& bag, Count first, Take take) {
  Floats sums[VECTORS] = {};
  for (Count j = 0; j < bag.slots; j++) {
    if (bag.ids[j] == 0) continue;
    const float* weight = bag.weights + (std::ptrdiff_t)j * bag.width + first;
    const float* row = table + (std::ptrdiff_t)bag.ids[j] * bag.width + first;
    for (int v = 0; v < VECTORS; v++) sums[v] = sums[v] + load(weight + v * LANES) * load(row + v * LANES);
  }
  for (int v = 0; v < VECTORS; v++) take(WholeVector{first + v * LANES}, sums[v]);
}

/**
 * A bag's embedding, the sum over slots j of weights[j] * table[ids[j]]: `take` gets it vector by vector, with where in a row it
 * belongs. The entries behind the last 16 do not skip empty slots, as in wasm: that shows where row 0 of the table is not finite.
 */
template <typename Take>
INLINE void embed(const float* table, const Bag& bag, Take take) {
  const Count whole = bag.width & ~15;
  constexpr int VECTORS = 16 / LANES;
  Count first = 0;
  for (; first + 48 <= whole; first += 48) embedVectors<3 * VECTORS>(table, bag, first, take);
  for (; first < whole; first += 16) embedVectors<VECTORS>(table, bag, first, take);
  eachVector(bag.width - whole, [&](auto rest) {
    rest.first += whole;
    Floats sum = splat(0.0f);
    for (Count j = 0; j < bag.slots; j++) {
      const float* weight = bag.weights + (std::ptrdiff_t)j * bag.width;
      sum = sum + rest.load(weight) * rest.load(table + (std::ptrdiff_t)bag.ids[j] * bag.width);
    }
    take(rest, sum);
  });
}

/** The reverse of `embed`: table[ids[j]] += weights[j] * (scale * from), for every slot j in use. */
void spread(float* table, const float* from, float scale, const Bag& bag) {
  for (Count j = 0; j < bag.slots; j++) {
    if (bag.ids[j] == 0) continue;
    const float* weight = bag.weights + (std::ptrdiff_t)j * bag.width;
    float* row = table + (std::ptrdiff_t)bag.ids[j] * bag.width;
    eachVector(bag.width, [&](auto at) { at.store(row, at.load(row) + at.load(weight) * (scale * at.load(from))); });
  }
}

/** A sum of products in the order of four lanes; what is left behind the last four is added in the end. */
class FourLaneSum {
 public:
  INLINE void add(WholeVector, Floats products) {
    for (int i = 0; i < LANES / 4; i++) sums = sums + ((const Four*)&products)[i];
  }

  INLINE void add(PartOfVector part, Floats products) {
    int i = 0;
    for (; i + 4 <= part.count; i += 4) sums = sums + ((const Four*)&products)[i / 4];
    for (; i < part.count; i++) rest[restCount++] = ((const float*)&products)[i];
  }

  INLINE float total() const {
    float sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    for (int i = 0; i < restCount; i++) sum = sum + rest[i];
    return sum;
  }

 private:
  Four sums = {};
  float rest[3];
  int restCount = 0;
};

/** The embedding of a bag times x. */
float embeddingTimes(const float* x, const float* table, const Bag& bag) {
  FourLaneSum sum;
  embed(table, bag, [&](auto at, Floats embedding) { sum.add(at, embedding * at.load(x)); });
  return sum.total();
}

/** out += scale * the embedding of a bag; `out` is filled up to whole vectors. */
void addEmbedding(float* out, float scale, const float* table, const Bag& bag) {
  embed(table, bag, [&](auto at, Floats embedding) { store(out + at.first, load(out + at.first) + scale * embedding); });
}

/** WebAssembly's f32.max. */
INLINE float larger(float x, float y) {
  if (x != x || y != y) return x + y;
  if (x == y) return __builtin_signbit(x) ? y : x;
  return x > y ? x : y;
}

/** e^r for |r| <= ln 2 / 2, by Cephes' expf. */
template <typename Number>
INLINE Number exponentialOfRest(Number r) {
  Number y = 1.9875691500e-4f * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  return y * r * r + r + 1.0f;
}

/** e^x; below -87 it is 0; NaN stays NaN. */
INLINE float exponentialOrZero(float x) {
  if (x < -87) return 0;
  if (x != x) return x;
  const float n = __builtin_rintf(x * 1.44269504088896341f);
  const float r = x - n * 0.693359375f - n * -2.12194440e-4f;
  const std::uint32_t exponent = n < 2147483648.0f ? (std::uint32_t)(std::int32_t)n : 0x7fffffffu;
  const std::uint32_t bits = (exponent + 127u) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return exponentialOfRest(r) * power;
}

/** The same for x <= 0. */
INLINE Floats exponentialOrZero(Floats x) {
  const Floats n = nearest(x * 1.44269504088896341f);
  const Floats r = x - n * 0.693359375f - n * -2.12194440e-4f;
  const Words power = ((Words)__builtin_convertvector(n, Ints) + 127u) << 23;
  const Floats value = exponentialOfRest(r) * (Floats)power;
  return x < -87.0f ? splat(0.0f) : x == x ? value : x;
}

/** Turns the first `filled` of `count` scores into their softmax over all; those left out have a score of 0. */
void softmaxOfFilled(float* scores, Count filled, Count count) {
  float largest = filled < count ? 0 : -__builtin_inff();
  for (Count i = 0; i < filled; i++) largest = larger(largest, scores[i]);
  eachVector(filled, [&](auto at) { at.store(scores, exponentialOrZero(at.load(scores) - largest)); });
  // Of no empty sentence nothing is added: e^-largest may be infinite then, and 0 times that is NaN.
  float sum = filled < count ? (float)(count - filled) * exponentialOrZero(-largest) : 0;
  for (Count i = 0; i < filled; i++) sum = sum + scores[i];
  eachVector(filled, [&](auto at) { at.store(scores, at.load(scores) / sum); });
}

/** Tables [replicas, words, width] and ids [replicas or 1, bags, slots], looked through once before anything is computed. */
struct Bags {
  Count bags, slots, width;
  std::size_t tableFloats, idCount;
  const std::int32_t* ids;
  const float* weights;

  Bags(Heap& heap, Address idAddress, Address weightAddress, Count replicas, double bagCount, Count slots, Count width,
       Bytes tableBytes, Bytes idBytes)
      : slots(slots), width(width), tableFloats((std::uint32_t)tableBytes / 4), idCount((std::uint32_t)idBytes / 4) {
    const double ownIds = bagCount * slots;
    ids = (const std::int32_t*)heap.runs("ids", idAddress, 4 * ownIds, Steps{replicas, idBytes});
    weights = heap.floats("weights", weightAddress, product(slots, width));
    const double words = width > 0 ? (double)(tableFloats / (std::size_t)width) : 0;
    const Count different = idCount == 0 && replicas > 1 ? 1 : replicas;
    for (Count r = 0; r < different; r++) heap.checkIndices("ids", ids + r * idCount, ownIds, words);
    if (different > 0) heap.keepFromOutputs("ids", ids, (different - 1.0) * idCount + ownIds);
  }

  const float* table(Heap& heap, const char* argument, Address address, Count replicas) const {
    return heap.floats(argument, address, 1.0 * replicas * tableFloats);
  }

  float* tableToWrite(Heap& heap, const char* argument, Address address, Count replicas) const {
    return heap.output(argument, address, 1.0 * replicas * tableFloats);
  }

  INLINE Bag bag(Count replica, std::size_t bag) const {
    return {ids + replica * idCount + bag * slots, weights, slots, width};
  }
};

/** `out` [replicas, bags, width] = embeddings of `ids` [replicas or 1, bags, slots] in `table` [replicas, words, width]. */
void embedBags(
    Heap& heap, Address out, Address table, Address ids, Address weights, Count replicas, Count bags, Count slots,
    Count width, Bytes tableBytes, Bytes idBytes) {
  float* to = heap.output("out", out, product(replicas, bags, width));
  const Bags all(heap, ids, weights, replicas, bags, slots, width, tableBytes, idBytes);
  const float* from = all.table(heap, "table", table, replicas);
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    for (Count b = 0; b < bags; b++) {
      embed(from, all.bag(r, b), [&](auto at, Floats embedding) { at.store(to, embedding); });
      to += width;
    }
    from += all.tableFloats;
  }
}

/** `dTable` [replicas, words, width], the gradient of `embedBags` for `dOut` [replicas, bags, width]. */
void embedBagsGradient(
    Heap& heap, Address dTable, Address dOut, Address ids, Address weights, Count replicas, Count bags, Count slots,
    Count width, Bytes tableBytes, Bytes idBytes) {
  const float* from = heap.floats("dOut", dOut, product(replicas, bags, width));
  const Bags all(heap, ids, weights, replicas, bags, slots, width, tableBytes, idBytes);
  float* to = all.tableToWrite(heap, "dTable", dTable, replicas);
  if (heap.refused()) return;
  std::memset(to, 0, replicas * all.tableFloats * 4);
  for (Count r = 0; r < replicas; r++) {
    for (Count b = 0; b < bags; b++) {
      spread(to, from, 1, all.bag(r, b));
      from += width;
    }
    to += all.tableFloats;
  }
}

/** Sentences before the first empty one; a sentence with nothing in its first slot is empty. */
INLINE Count countFilled(const std::int32_t* ids, Count sentences, Count slots) {
  Count filled = 0;
  while (filled < sentences && ids[(std::ptrdiff_t)filled * slots] != 0) filled++;
  return filled;
}

/**
 * One hop: `out` = `query` + sum_i p_i c_i, with p the softmax over the scores query . m_i of all sentences, the empty
 * ones included (their score is 0), or the scores themselves where `linear` is not 0.
 * @param out and query [replicas, queries, width].
 * @param attention the p_i, [replicas, queries, sentences]; those of empty sentences are left alone.
 * @param input table of the m_i, [replicas, words, width]; `output` that of the c_i.
 * @param ids [replicas or 1, queries, sentences, slots].
 * @param linear [replicas].
 */
void memoryHop(
    Heap& heap, Address out, Address attention, Address query, Address input, Address output, Address ids,
    Address weights, Address linear, Address, Count replicas, Count queries, Count sentences, Count slots, Count width,
    Bytes tableBytes, Bytes idBytes) {
  float* o = heap.output("out", out, product(replicas, queries, width));
  float* p = heap.output("attention", attention, product(replicas, queries, sentences));
  const float* u = heap.floats("query", query, product(replicas, queries, width));
  const Bags all(heap, ids, weights, replicas, product(queries, sentences), slots, width, tableBytes, idBytes);
  const float* inputs = all.table(heap, "input", input, replicas);
  const float* outputs = all.table(heap, "output", output, replicas);
  const float* linears = heap.floats("linear", linear, replicas);
  float* sum = (float*)heap.scratch(4.0 * wholeVectors(width));
  if (heap.refused()) return;
  for (Count r = 0; r < replicas; r++) {
    for (Count q = 0; q < queries; q++) {
      const std::size_t first = (std::size_t)q * sentences;
      const Count filled = countFilled(all.bag(r, first).ids, sentences, slots);
      for (Count i = 0; i < filled; i++) p[i] = embeddingTimes(u, inputs, all.bag(r, first + i));
      if (linears[r] == 0) softmaxOfFilled(p, filled, sentences);
      std::memcpy(sum, u, (std::size_t)width * 4);
      for (Count i = 0; i < filled; i++) addEmbedding(sum, p[i], outputs, all.bag(r, first + i));
      std::memcpy(o, sum, (std::size_t)width * 4);
      o += width;
      u += width;
      p += sentences;
    }
    inputs += all.tableFloats;
    outputs += all.tableFloats;
  }
}

/**
 * Gradients of `memoryHop` for `dOut` [replicas, queries, width]: `dQuery` of the same shape, `dInput` and `dOutput` like
 * the tables.
 * @param attention what `memoryHop` gave.
 */
void memoryHopGradient(
    Heap& heap, Address dQuery, Address dInput, Address dOutput, Address dOut, Address attention, Address query,
    Address input, Address output, Address ids, Address weights, Address linear, Address, Count replicas,
    Count queries, Count sentences, Count slots, Count width, Bytes tableBytes, Bytes idBytes) {
  float* du = heap.output("dQuery", dQuery, product(replicas, queries, width));
  const float* dy = heap.floats("dOut", dOut, product(replicas, queries, width));
  const float* p = heap.floats("attention", attention, product(replicas, queries, sentences));
  const float* u = heap.floats("query", query, product(replicas, queries, width));
  const Bags all(heap, ids, weights, replicas, product(queries, sentences), slots, width, tableBytes, idBytes);
  float* dInputs = all.tableToWrite(heap, "dInput", dInput, replicas);
  float* dOutputs = all.tableToWrite(heap, "dOutput", dOutput, replicas);
  const float* inputs = all.table(heap, "input", input, replicas);
  const float* outputs = all.table(heap, "output", output, replicas);
  const float* linears = heap.floats("linear", linear, replicas);
  float* sum = (float*)heap.scratch(4.0 * (wholeVectors(width) + sentences));
  if (heap.refused()) return;
  float* ds = sum + wholeVectors(width);
  std::memset(dInputs, 0, replicas * all.tableFloats * 4);
  std::memset(dOutputs, 0, replicas * all.tableFloats * 4);
  for (Count r = 0; r < replicas; r++) {
    for (Count q = 0; q < queries; q++) {
      const std::size_t first = (std::size_t)q * sentences;
      const Count filled = countFilled(all.bag(r, first).ids, sentences, slots);
      // dp_i = c_i . dy; c_i also takes its gradient p_i dy.
      float mean = 0;
      for (Count i = 0; i < filled; i++) {
        const Bag bag = all.bag(r, first + i);
        ds[i] = embeddingTimes(dy, outputs, bag);
        mean = mean + p[i] * ds[i];
        spread(dOutputs, dy, p[i], bag);
      }
      // Softmax: ds_i = p_i (dp_i - sum_j p_j dp_j); then du = dy + sum_i ds_i m_i and dm_i = ds_i u.
      std::memcpy(sum, dy, (std::size_t)width * 4);
      for (Count i = 0; i < filled; i++) {
        const Bag bag = all.bag(r, first + i);
        const float d = linears[r] != 0 ? ds[i] : p[i] * (ds[i] - mean);
        addEmbedding(sum, d, inputs, bag);
        spread(dInputs, u, d, bag);
      }
      std::memcpy(du, sum, (std::size_t)width * 4);
      du += width;
      dy += width;
      u += width;
      p += sentences;
    }
    inputs += all.tableFloats;
    outputs += all.tableFloats;
    dInputs += all.tableFloats;
    dOutputs += all.tableFloats;
  }
}

}  // namespace
