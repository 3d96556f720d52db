// Vectors as wide as the instruction set at hand, by the vector extensions of GCC and Clang. Arithmetic, comparison and
// `mask ? a : b` are the compilers' own, lane by lane; here is what they lack. Intrinsics stand only where a plain
// expression has no good translation: parts of a vector, square roots, products of 32-bit words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Everything that is compiled once per instruction set stands in an unnamed namespace: were a function of the same name
// shared by two sets, the linker would keep one of them, and an older processor might be given the newer one's code.
namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif

#define VECTOR(type, bytes) type __attribute__((vector_size(bytes)))

typedef VECTOR(float, LANES * 4) Floats;
typedef VECTOR(std::int32_t, LANES * 4) Ints;
typedef VECTOR(std::uint32_t, LANES * 4) Words;

/** Half as many numbers, of 64 bits each. */
typedef VECTOR(double, LANES * 4) Doubles;
typedef VECTOR(std::uint64_t, LANES * 4) Longs;

/** Half a vector, for what is no wider. */
typedef VECTOR(float, LANES * 2) Half;

/** Four numbers on every instruction set, for sums whose order is that of four lanes. */
typedef VECTOR(float, 16) Four;

/** How a kernel's inner functions are declared: what is not inlined would pass its vectors through memory. */
#define INLINE inline __attribute__((always_inline))

/** The same for a lambda that a loop calls: what does not change from vector to vector is then known outside of it. */
#define INLINE_BODY __attribute__((always_inline))

/** `x - 0`, which is x to the bit, is what GCC makes a broadcast of. */
template <typename Vector = Floats>
INLINE Vector splat(float x) {
  return x - Vector{};
}
INLINE Ints splat(std::int32_t x) { return x - Ints{}; }
INLINE Words splat(std::uint32_t x) { return x - Words{}; }

template <typename Vector = Floats>
INLINE Vector load(const void* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <typename Vector>
INLINE void store(void* to, Vector vector) {
  std::memcpy(to, &vector, sizeof vector);
}

INLINE Ints countFrom(int first) {
  Ints lanes;
  for (int i = 0; i < LANES; i++) lanes[i] = first + i;
  return lanes;
}

/** The first `count` lanes, 0 < count < LANES, the others 0: touches nothing else in memory. */
INLINE Floats loadPart(const float* from, int count) {
#if defined(__AVX512F__)
  return (Floats)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
#elif defined(__AVX2__)
  return (Floats)_mm256_maskload_ps(from, (__m256i)(countFrom(0) < count));
#else
  Floats lanes = {from[0]};
  if (count > 1) lanes[1] = from[1];
  if (count > 2) lanes[2] = from[2];
  return lanes;
#endif
}

INLINE void storePart(float* to, Floats lanes, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)lanes);
#elif defined(__AVX2__)
  _mm256_maskstore_ps(to, (__m256i)(countFrom(0) < count), (__m256)lanes);
#else
  to[0] = lanes[0];
  if (count > 1) to[1] = lanes[1];
  if (count > 2) to[2] = lanes[2];
#endif
}

/** As many of the first `count` numbers as a vector has lanes; if that is half a vector, there are no fewer. */
template <typename Vector>
INLINE Vector loadFirst(const float* from, int count) {
  if constexpr (sizeof(Vector) == sizeof(Floats))
    if (count < LANES) return loadPart(from, count);
  return load<Vector>(from);
}

template <typename Vector>
INLINE void storeFirst(float* to, Vector lanes, int count) {
  if constexpr (sizeof(Vector) == sizeof(Floats))
    if (count < LANES) return storePart(to, lanes, count);
  store(to, lanes);
}

/** LANES numbers of an array, from the `first` on. */
struct WholeVector {
  int first;
  INLINE Floats load(const float* x) const { return ::load(x + first); }
  INLINE void store(float* x, Floats lanes) const { ::store(x + first, lanes); }
};

/** Fewer: the end of an array. */
struct PartOfVector {
  int first;
  int count;
  INLINE Floats load(const float* x) const { return loadPart(x + first, count); }
  INLINE void store(float* x, Floats lanes) const { storePart(x + first, lanes, count); }
};

/** Calls `body` for the numbers of an array of `count`, a vector at a time: with a WholeVector, last a PartOfVector. */
template <typename Body>
INLINE void eachVector(int count, Body body) {
  int first = 0;
  for (; first + LANES <= count; first += LANES) body(WholeVector{first});
  if (first < count) body(PartOfVector{first, count - first});
}

/** Half a vector's numbers from each of two places. */
INLINE Floats loadHalves(const float* first, const float* second) {
#if defined(__AVX512F__)
  return (Floats)_mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(first)), _mm256_loadu_ps(second), 1);
#elif defined(__AVX2__)
  return (Floats)_mm256_set_m128(_mm_loadu_ps(second), _mm_loadu_ps(first));
#else
  return Floats{first[0], first[1], second[0], second[1]};
#endif
}

INLINE void storeHalves(float* first, float* second, Floats lanes) {
  store(first, ((const Half*)&lanes)[0]);
  store(second, ((const Half*)&lanes)[1]);
}

/** A vector of a matrix whose rows are `stride` numbers apart: all from one row. */
struct WholeOfRow {
  std::ptrdiff_t row;
  int first;
  INLINE Floats load(const float* x, std::ptrdiff_t stride) const { return ::load(x + row * stride + first); }
  INLINE void store(float* x, std::ptrdiff_t stride, Floats lanes) const { ::store(x + row * stride + first, lanes); }
};

/** The end of a row, less than a vector. */
struct PartOfRow {
  std::ptrdiff_t row;
  int first;
  int count;
  INLINE Floats load(const float* x, std::ptrdiff_t stride) const { return loadPart(x + row * stride + first, count); }
  INLINE void store(float* x, std::ptrdiff_t stride, Floats lanes) const {
    storePart(x + row * stride + first, lanes, count);
  }
};

/** Half a vector, the end of a row, and the beginning of the next. */
struct AcrossRows {
  std::ptrdiff_t row;
  int first;
  INLINE Floats load(const float* x, std::ptrdiff_t stride) const {
    return loadHalves(x + row * stride + first, x + (row + 1) * stride);
  }
  INLINE void store(float* x, std::ptrdiff_t stride, Floats lanes) const {
    storeHalves(x + row * stride + first, x + (row + 1) * stride, lanes);
  }
};

/**
 * Calls `body(at, inRow)` for some rows of a matrix, a vector at a time: where they are if the rows follow one another,
 * and if they are apart. Where half a vector of each row would be left, rows go in twos, so that no lanes are empty.
 */
template <typename Body>
INLINE void eachVectorOfRows(std::ptrdiff_t firstRow, std::ptrdiff_t rows, int columns, Body body) {
  const std::ptrdiff_t inTwos = firstRow + (columns % LANES == LANES / 2 ? rows / 2 * 2 : 0);
  for (std::ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
    const int begin = (int)row * columns;
    // The beginning of every second row went with the row before.
    int i = row < inTwos && (row - firstRow) % 2 == 1 ? LANES / 2 : 0;
    for (; i + LANES <= columns; i += LANES) body(WholeVector{begin + i}, WholeOfRow{row, i});
    if (i == columns) continue;
    if (row < inTwos) {
      body(WholeVector{begin + i}, AcrossRows{row, i});
    } else {
      body(PartOfVector{begin + i, columns - i}, PartOfRow{row, i, columns - i});
    }
  }
}

template <typename Body>
INLINE void eachVectorOfRows(std::ptrdiff_t rows, int columns, Body body) {
  eachVectorOfRows(0, rows, columns, body);
}

INLINE Floats squareRoot(Floats x) {
#if defined(__AVX512F__)
  return (Floats)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
  return (Floats)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (Floats)_mm_sqrt_ps((__m128)x);
#else
  return (Floats)vsqrtq_f32((float32x4_t)x);
#endif
}

/** Products, 64 bits each, of the low words of every 64 bits. */
INLINE Longs multiplyLowWords(Longs x, Longs y) {
#if defined(__AVX512F__)
  return (Longs)_mm512_mul_epu32((__m512i)x, (__m512i)y);
#elif defined(__AVX2__)
  return (Longs)_mm256_mul_epu32((__m256i)x, (__m256i)y);
#elif defined(__x86_64__)
  return (Longs)_mm_mul_epu32((__m128i)x, (__m128i)y);
#else
  return (Longs)vmull_u32(vmovn_u64((uint64x2_t)x), vmovn_u64((uint64x2_t)y));
#endif
}

/** Integers of the first half of a vector, or of the second, as doubles. */
INLINE Doubles lowDoubles(Ints x) {
#if defined(__AVX512F__)
  return (Doubles)_mm512_cvtepi32_pd(_mm512_castsi512_si256((__m512i)x));
#elif defined(__AVX2__)
  return (Doubles)_mm256_cvtepi32_pd(_mm256_castsi256_si128((__m256i)x));
#elif defined(__x86_64__)
  return (Doubles)_mm_cvtepi32_pd((__m128i)x);
#else
  return (Doubles)vcvtq_f64_s64(vmovl_s32(vget_low_s32((int32x4_t)x)));
#endif
}

INLINE Doubles highDoubles(Ints x) {
#if defined(__AVX512F__)
  return (Doubles)_mm512_cvtepi32_pd(_mm512_extracti64x4_epi64((__m512i)x, 1));
#elif defined(__AVX2__)
  return (Doubles)_mm256_cvtepi32_pd(_mm256_extracti128_si256((__m256i)x, 1));
#elif defined(__x86_64__)
  return (Doubles)_mm_cvtepi32_pd(_mm_unpackhi_epi64((__m128i)x, (__m128i)x));
#else
  return (Doubles)vcvtq_f64_s64(vmovl_high_s32((int32x4_t)x));
#endif
}

/** Doubles as floats, those of the second half behind those of the first. */
INLINE Floats floatsOf(Doubles low, Doubles high) {
#if defined(__AVX512F__)
  const __m512 first = _mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)low));
  return (Floats)_mm512_insertf32x8(first, _mm512_cvtpd_ps((__m512d)high), 1);
#elif defined(__AVX2__)
  return (Floats)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)high), _mm256_cvtpd_ps((__m256d)low));
#elif defined(__x86_64__)
  return (Floats)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high));
#else
  return (Floats)vcombine_f32(vcvt_f32_f64((float64x2_t)low), vcvt_f32_f64((float64x2_t)high));
#endif
}

INLINE Doubles roundedToFloat(Doubles x) {
#if defined(__AVX512F__)
  return (Doubles)_mm512_cvtps_pd(_mm512_cvtpd_ps((__m512d)x));
#elif defined(__AVX2__)
  return (Doubles)_mm256_cvtps_pd(_mm256_cvtpd_ps((__m256d)x));
#elif defined(__x86_64__)
  return (Doubles)_mm_cvtps_pd(_mm_cvtpd_ps((__m128d)x));
#else
  return (Doubles)vcvt_f64_f32(vcvt_f32_f64((float64x2_t)x));
#endif
}

/** Four numbers each from places 0, 4, 8 and 12, as many as there are lanes for, `at` numbers behind them. */
INLINE Floats loadFours(const float* const* places, std::ptrdiff_t at) {
#if defined(__AVX512F__)
  __m512 lanes = _mm512_castps128_ps512(_mm_loadu_ps(places[0] + at));
  lanes = _mm512_insertf32x4(lanes, _mm_loadu_ps(places[4] + at), 1);
  lanes = _mm512_insertf32x4(lanes, _mm_loadu_ps(places[8] + at), 2);
  return (Floats)_mm512_insertf32x4(lanes, _mm_loadu_ps(places[12] + at), 3);
#elif defined(__AVX2__)
  return (Floats)_mm256_set_m128(_mm_loadu_ps(places[4] + at), _mm_loadu_ps(places[0] + at));
#else
  return load(places[0] + at);
#endif
}

/** The reverse. */
INLINE void storeFours(float* const* places, std::ptrdiff_t at, Floats lanes) {
  for (int i = 0; i < LANES / 4; i++) store(places[4 * i] + at, ((const Four*)&lanes)[i]);
}

template <typename Pattern, int... lanes>
INLINE Floats shuffled(Floats a, Floats b, std::integer_sequence<int, lanes...>) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, Pattern::of(lanes)...);
#else
  return __builtin_shuffle(a, b, (Ints){Pattern::of(lanes)...});
#endif
}

/** Lanes of two vectors, those of the second counted on, by the place in the result. */
template <typename Pattern>
INLINE Floats shuffled(Floats a, Floats b) {
  return shuffled<Pattern>(a, b, std::make_integer_sequence<int, LANES>{});
}

/**
 * Within every four lanes: pieces of `SIZE` lanes from both vectors in turn, of the first (`PART` 0) or second half of the four.
 * With 4 for SIZE the same of every sixteen lanes (of eight where there are no more).
 */
template <int SIZE, int PART>
struct InTurn {
  static constexpr int of(int lane) {
    const int period = SIZE < 4 ? 4 : LANES < 16 ? LANES : 16;
    const int place = lane % period;
    return lane - place + PART * period / 2 + place / (2 * SIZE) * SIZE + place % SIZE + (place / SIZE % 2) * LANES;
  }
};

/** Transposes every four lanes of four vectors: lane 4 i + j of vector k becomes lane 4 i + k of vector j. */
INLINE void transposeFours(Floats (&x)[4]) {
  const Floats low01 = shuffled<InTurn<1, 0>>(x[0], x[1]);
  const Floats high01 = shuffled<InTurn<1, 1>>(x[0], x[1]);
  const Floats low23 = shuffled<InTurn<1, 0>>(x[2], x[3]);
  const Floats high23 = shuffled<InTurn<1, 1>>(x[2], x[3]);
  x[0] = shuffled<InTurn<2, 0>>(low01, low23);
  x[1] = shuffled<InTurn<2, 1>>(low01, low23);
  x[2] = shuffled<InTurn<2, 0>>(high01, high23);
  x[3] = shuffled<InTurn<2, 1>>(high01, high23);
}

/** Of four vectors the first four lanes, one vector after another, then the second four, and so on. */
INLINE void mergeFours(Floats (&x)[4]) {
#if defined(__AVX512F__)
  const Floats low01 = shuffled<InTurn<4, 0>>(x[0], x[1]);
  const Floats high01 = shuffled<InTurn<4, 1>>(x[0], x[1]);
  const Floats low23 = shuffled<InTurn<4, 0>>(x[2], x[3]);
  const Floats high23 = shuffled<InTurn<4, 1>>(x[2], x[3]);
  x[0] = shuffled<InTurn<8, 0>>(low01, low23);
  x[1] = shuffled<InTurn<8, 1>>(low01, low23);
  x[2] = shuffled<InTurn<8, 0>>(high01, high23);
  x[3] = shuffled<InTurn<8, 1>>(high01, high23);
#elif defined(__AVX2__)
  const Floats low01 = shuffled<InTurn<4, 0>>(x[0], x[1]);
  const Floats high01 = shuffled<InTurn<4, 1>>(x[0], x[1]);
  const Floats low23 = shuffled<InTurn<4, 0>>(x[2], x[3]);
  const Floats high23 = shuffled<InTurn<4, 1>>(x[2], x[3]);
  x[0] = low01;
  x[1] = low23;
  x[2] = high01;
  x[3] = high23;
#else
  (void)x;
#endif
}

INLINE Floats negated(Floats x) { return (Floats)((Words)x ^ 0x80000000u); }
INLINE Floats absolute(Floats x) { return (Floats)((Words)x & 0x7fffffffu); }
INLINE Floats withSignOf(Floats x, Floats signs) {
  return (Floats)(((Words)x & 0x7fffffffu) | ((Words)signs & 0x80000000u));
}

/** To the nearest integer, ties to even, for |x| < 2^22: beyond 2^23 a float has no room for a fraction. */
INLINE Floats nearest(Floats x) {
  const float large = 12582912;
  return (x + large) - large;
}

/** WebAssembly's f32x4.max: NaN if either is, and -0 is below 0. */
INLINE Floats maximum(Floats x, Floats y) {
  Floats larger = x > y ? x : y;
  larger = x == y ? (Floats)((Words)x & (Words)y) : larger;
  return x != x ? x : larger;
}

/** f32x4.min, likewise. */
INLINE Floats minimum(Floats x, Floats y) {
  Floats smaller = x < y ? x : y;
  smaller = x == y ? (Floats)((Words)x | (Words)y) : smaller;
  return x != x ? x : smaller;
}

/** Both for a bound that is neither NaN nor 0 (or for an x that is not -0): x if it is NaN. */
INLINE Floats atLeast(float bound, Floats x) {
#if defined(__AVX512F__)
  return (Floats)_mm512_max_ps((__m512)splat(bound), (__m512)x);
#elif defined(__AVX2__)
  return (Floats)_mm256_max_ps((__m256)splat(bound), (__m256)x);
#elif defined(__x86_64__)
  return (Floats)_mm_max_ps((__m128)splat(bound), (__m128)x);
#else
  return x < bound ? splat(bound) : x;
#endif
}

INLINE Floats atMost(float bound, Floats x) {
#if defined(__AVX512F__)
  return (Floats)_mm512_min_ps((__m512)splat(bound), (__m512)x);
#elif defined(__AVX2__)
  return (Floats)_mm256_min_ps((__m256)splat(bound), (__m256)x);
#elif defined(__x86_64__)
  return (Floats)_mm_min_ps((__m128)splat(bound), (__m128)x);
#else
  return x > bound ? splat(bound) : x;
#endif
}

/** x 2^power for an integer power from -126 to 127; NaN if x is, whatever the power. */
INLINE Floats timesPowerOfTwo(Floats x, Floats power) {
#if defined(__AVX512F__)
  return (Floats)_mm512_scalef_ps((__m512)x, (__m512)power);
#else
  // Of NaN this is any number.
  const Words exponent = ((Words)__builtin_convertvector(power, Ints) + 127u) << 23;
  return x * (Floats)exponent;
#endif
}

}  // namespace
