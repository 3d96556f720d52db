// How kernels take their arguments: addresses become pointers only together with the extent that will be touched, so
// nothing outside WebAssembly's memory is.
#pragma once

#include <cstdlib>
#include <utility>

#include "kernel.h"
#include "vectors.h"

namespace {

/** A place in WebAssembly's memory, not yet looked at. */
enum class Address : std::uint32_t {};

/** A length in bytes, such as a stride. */
enum class Bytes : std::uint32_t {};

/** Not negative. */
typedef std::int32_t Count;

/**
 * Numbers in an array of these sizes. In double precision, which cannot overflow here, and is exact as far as anything
 * can lie within 4 GiB.
 */
template <typename... Counts>
INLINE double product(Counts... counts) {
  return (1.0 * ... * counts);
}

/** So many pieces, each so many bytes from the one before. */
struct Steps {
  Count count;
  Bytes step;

  /** From the first piece to the last. */
  double reach() const { return (count - 1.0) * (std::uint32_t)step; }
};

/** Part of the heap that an argument stands for. */
struct Range {
  const char* argument;
  const std::uint8_t *first, *end;
};

/** A few of them. */
struct Ranges {
  static constexpr int MOST = 12;
  Range all[MOST];
  int count = 0;
};

/** Refuses what does not fit; a kernel asks for all it needs, then whether it was refused, and only then computes. */
class Heap {
 public:
  explicit Heap(State& state) : state(state) {}

  bool refused() const { return state.refusal.reason != nullptr; }

  void refuse(const char* reason, const char* argument, double value, double bytes = 0) {
    if (!refused()) state.refusal = {reason, argument, 0, value, bytes};
  }

  /** `count` numbers that are read. */
  const float* floats(const char* argument, Address address, double count) {
    return (const float*)aligned(argument, address, 4 * count);
  }

  const std::int32_t* integers(const char* argument, Address address, double count) {
    return (const std::int32_t*)aligned(argument, address, 4 * count);
  }

  /** `count` numbers that are written. */
  float* output(const char* argument, Address address, double count) {
    std::uint8_t* first = aligned(argument, address, 4 * count);
    keepApart(outputs, {argument, first, first + (refused() ? 0 : (std::size_t)(4 * count))}, indexed);
    return (float*)first;
  }

  std::uint8_t* bytes(const char* argument, Address address, double length) {
    const double first = (double)(std::uint32_t)address;
    if (!(first + length <= state.heapBytes)) refuse("outside", argument, first, length);
    return state.heap + (std::uint32_t)address;
  }

  /** Pieces of `length` bytes that lie `steps` apart, in any of several directions. */
  template <typename... AllSteps>
  std::uint8_t* pieces(const char* argument, Address address, double length, AllSteps... steps) {
    const bool nothing = length == 0 || (... || (steps.count == 0));
    return bytes(argument, address, nothing ? 0 : (length + ... + steps.reach()));
  }

  /** Runs of numbers of 32 bits, each of `length` bytes, that lie `steps` apart. */
  template <typename... AllSteps>
  std::uint8_t* runs(const char* argument, Address address, double length, AllSteps... steps) {
    const bool isAligned = ((std::uint32_t)address % 4 == 0) && (... && ((std::uint32_t)steps.step % 4 == 0));
    if (!isAligned) refuse("misaligned", argument, (std::uint32_t)address);
    return pieces(argument, address, length, steps...);
  }

  /** Refuses indices that are negative, or not below `limit`. */
  void checkIndices(const char* argument, const std::int32_t* all, double count, double limit) {
    if (refused()) return;
    const std::size_t end = (std::size_t)count;
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < end; i++) largest = (std::uint32_t)all[i] > largest ? (std::uint32_t)all[i] : largest;
    if (end > 0 && largest >= limit) refuse("index", argument, (std::int32_t)largest, limit);
  }

  /** The same, where a negative one stands for none. */
  void checkIndicesOrNegative(const char* argument, const std::int32_t* all, double count, double limit) {
    if (refused()) return;
    const std::size_t end = (std::size_t)count;
    std::int32_t largest = -1;
    for (std::size_t i = 0; i < end; i++) largest = all[i] > largest ? all[i] : largest;
    if (largest >= limit) refuse("index", argument, largest, limit);
  }

  /** Refuses outputs that overlap indices: they would not be any more what was checked. */
  void keepFromOutputs(const char* argument, const std::int32_t* all, double count) {
    if (refused()) return;
    keepApart(indexed, {argument, (const std::uint8_t*)all, (const std::uint8_t*)(all + (std::size_t)count)}, outputs);
  }

  /**
   * A table of `rows` rows, whose words are addresses and numbers: a copy, at the beginning of `length` more bytes of memory
   * for intermediate results, since a kernel may write over the original.
   */
  template <typename Row>
  const Row* table(const char* argument, Address address, Count rows, double length = 0) {
    const std::int32_t* words = integers(argument, address, product(rows, sizeof(Row) / 4));
    std::uint8_t* copy = scratch(tableBytes<Row>(rows) + length);
    if (refused()) return nullptr;
    std::memcpy(copy, words, (std::size_t)rows * sizeof(Row));
    return (const Row*)copy;
  }

  /** Bytes from the beginning of a table's copy to the memory behind it, which is aligned to 64. */
  template <typename Row>
  static double tableBytes(Count rows) {
    return (double)(((std::size_t)rows * sizeof(Row) + 63) / 64 * 64);
  }

  /** `count` numbers that are written, at an address from a table: the tables' copies need no care. */
  float* listed(const char* argument, Address address, double count) {
    return (float*)aligned(argument, address, 4 * count);
  }

  /** Memory for intermediate results until the next call for some, which may move it. */
  std::uint8_t* scratch(double length) {
    if (refused()) return nullptr;
    if (length > (double)state.scratchBytes) grow(length);
    return state.scratch;
  }

 private:
  State& state;
  Ranges outputs, indexed;

  /** Notes a range, and refuses it where it overlaps one of the others. */
  void keepApart(Ranges& own, const Range& range, const Ranges& others) {
    for (int i = 0; i < others.count; i++)
      if (range.first < others.all[i].end && others.all[i].first < range.end)
        refuse("overlap", range.argument, (double)(range.first - state.heap));
    if (own.count == Ranges::MOST) {
      refuse("overlap", range.argument, (double)(range.first - state.heap));
    } else {
      own.all[own.count++] = range;
    }
  }

  std::uint8_t* aligned(const char* argument, Address address, double length) {
    if ((std::uint32_t)address % 4 != 0) refuse("misaligned", argument, (std::uint32_t)address);
    return bytes(argument, address, length);
  }

  void grow(double length) {
    std::free(state.scratch);
    state.scratch = nullptr;
    state.scratchBytes = 0;
    // As much as WebAssembly's memory could offer.
    const double most = 4294967296.0;
    void* block = nullptr;
    const std::size_t wanted = length < most ? ((std::size_t)length + 63) / 64 * 64 : 0;
    if (wanted == 0 || posix_memalign(&block, 64, wanted) != 0) {
      refuse("scratch", nullptr, 0, length);
      return;
    }
    state.scratch = (std::uint8_t*)block;
    state.scratchBytes = wanted;
  }
};

/** An argument as a kernel declares it, from the number that JavaScript gave. */
template <typename Argument>
INLINE Argument argumentAs(State& state, const double* arguments, int place);

INLINE double wholeNumber(State& state, const double* arguments, int place, double limit, const char* reason) {
  const double value = arguments[place];
  if (value >= 0 && value < limit && value == (double)(std::int64_t)value) return value;
  if (state.refusal.reason == nullptr) state.refusal = {reason, nullptr, place, value, 0};
  return 0;
}

template <>
INLINE Address argumentAs(State& state, const double* arguments, int place) {
  return (Address)(std::uint32_t)wholeNumber(state, arguments, place, 4294967296.0, "address");
}

template <>
INLINE Bytes argumentAs(State& state, const double* arguments, int place) {
  return (Bytes)(std::uint32_t)wholeNumber(state, arguments, place, 4294967296.0, "bytes");
}

template <>
INLINE Count argumentAs(State& state, const double* arguments, int place) {
  return (Count)wholeNumber(state, arguments, place, 2147483648.0, "count");
}

template <>
INLINE std::uint32_t argumentAs(State& state, const double* arguments, int place) {
  return (std::uint32_t)wholeNumber(state, arguments, place, 4294967296.0, "word");
}

template <>
INLINE float argumentAs(State&, const double* arguments, int place) {
  return (float)arguments[place];
}

/** Makes a kernel, a function of a Heap and arguments of the types above, one that takes an array of numbers. */
template <auto kernel>
struct Entry;

template <typename... Arguments, void (*kernel)(Heap&, Arguments...)>
struct Entry<kernel> {
  static_assert(sizeof...(Arguments) <= MOST_ARGUMENTS);
  static constexpr int arity = sizeof...(Arguments);

  static void run(State& state, const double* numbers) {
    call(state, numbers, std::index_sequence_for<Arguments...>{});
  }

 private:
  template <std::size_t... places>
  static void call(State& state, const double* numbers, std::index_sequence<places...>) {
    Heap heap(state);
    kernel(heap, argumentAs<Arguments>(state, numbers, places)...);
  }
};

}  // namespace
