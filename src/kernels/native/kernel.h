// What addon.cpp and the kernels, which are compiled for several instruction sets, know of each other: plain data alone,
// since a function that both share might be compiled for a processor that is not there.
#pragma once

#include <cstddef>
#include <cstdint>

/** Why a call was refused, for a RangeError. */
struct Refusal {
  /** Null where nothing is wrong. */
  const char* reason;
  /** The argument's name, or null where only its place is known. */
  const char* argument;
  int place;
  /** The argument, and for an address how many bytes from it on are needed. */
  double value;
  double bytes;
};

/** What lasts from call to call. */
struct State {
  /** WebAssembly's memory: where it begins, and its length. */
  std::uint8_t* heap;
  double heapBytes;
  /** Memory of our own for intermediate results, aligned to 64 bytes. */
  std::uint8_t* scratch;
  std::size_t scratchBytes;
  Refusal refusal;
};

constexpr int MOST_ARGUMENTS = 40;

struct Kernel {
  const char* name;
  int arity;
  void (*run)(State&, const double* arguments);
};

/** A set that this program was compiled for; the list of kernels ends with a name of null. */
struct InstructionSet {
  const char* name;
  const Kernel* kernels;
};
