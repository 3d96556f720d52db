// A training example of the Neural Programmer in one piece, as in ../../assembly/neural-programmer/example.ts.
#pragma once

#include "../heap.h"

namespace {

/** The Neural Programmer's own words; some are short, hence the structure around them. */
struct Programmer {
  /** Where the fields of an example stand. */
  enum Field {
    ROWS,
    NUMERIC_COLUMNS,
    TEXT_COLUMNS,
    IS_SCALAR,
    SCALAR,
    LOOKUP_COLUMN,
    /** Two of them. */
    NUMBER,
    NUMBER_COUNT = 8,
    /** Positions of the words left of the numbers, two; -1 for none. */
    LEFT,
    START = 11,
    /** Ids of the words at all positions, -1 before a question begins; then what the table holds. */
    WORD,
  };

  /** Places of operations in their distribution. */
  enum Operation { SUM, COUNT, DIFFERENCE, GREATER, LESSER, AND, OR, ASSIGN, RESET, TEXT_MATCH };

  static constexpr Count TEXT_WORDS = 10;
  static constexpr Count NUMBERS = 2;

  static Count operations(Count textColumns) { return textColumns > 0 ? 10 : 9; }

  /** A whole number from 0 to below `limit`, or -1 for anything else. */
  static INLINE Count index(float value, Count limit) {
    if (!(value >= 0 && value < (float)limit)) return -1;
    const std::int64_t whole = (std::int64_t)value;
    return whole < limit ? (Count)whole : limit - 1;
  }

  /** The same, or 0. */
  static INLINE Count count(float value, Count limit) {
    const Count found = index(value, limit);
    return found < 0 ? 0 : found;
  }

  template <typename Number>
  static INLINE Number most(Number x, Number y) {
    return x > y ? x : y;
  }
};

/** Lists of examples, and which of them each replica has: those of one seed have the same. */
class ExampleLists {
 public:
  /** @param size numbers of a list. */
  ExampleLists(Heap& heap, Address examples, Address lists, Count R, Count G, double size)
      : all(heap.floats("examples", examples, G * size)), lists(heap.integers("lists", lists, R)), size((std::size_t)size) {
    heap.checkIndices("lists", this->lists, R, G);
    heap.keepFromOutputs("lists", this->lists, R);
  }

  const float* of(Count r) const { return all + lists[r] * size; }

 private:
  const float* all;
  const std::int32_t* lists;
  const std::size_t size;
};

}  // namespace
