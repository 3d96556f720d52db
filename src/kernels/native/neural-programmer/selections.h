// What a Neural Programmer selects for questions, and the way back from there to its parameters, as in
// ../../assembly/neural-programmer/selections.ts, where it is told what they are.
#pragma once

#include "../elementary.h"
#include "../matrix-product.h"
#include "../memory-network.h"
#include "different-questions.h"

namespace {

/** A matrix of floats, or part of a wider one: rows `row` numbers apart, columns `column`. */
struct Strided {
  const float* at;
  std::ptrdiff_t row, column;

  INLINE Matrix matrix() const { return {(const std::uint8_t*)at, row * 4, column * 4}; }
  INLINE Strided transposed() const { return {at, column, row}; }
};

/** The sizes of a call. */
struct ProgrammerSizes : Programmer {
  Count R, B, T, V, d, C, Q, firstColumn, stride;
  bool isTwoWay;

  Count O() const { return operations(0); }
  /** Units of a direction, and of the selector. */
  Count units() const { return isTwoWay ? d / 2 : d; }
  double S() const { return C > 1 ? 2.0 * d : d; }

  double choices() const { return B * (T * (1.0 * O() + C) + 2 * NUMBERS); }
  double tape() const { return B * ((1.0 * Q + T) * d + T * S()) + (1.0 * O() + C) * d; }
  double largestSide() const { return most(most(1.0 * B, 1.0 * V), most(1.0 * C, 1.0 * O())); }
  double spare() const { return largestSide() * most(2.0 * d, most(1.0 * C, 1.0 * O())); }
  double gradients() const {
    return T * (1.0 * B) * (O() + 1.0 * C + S() + d) + 2.0 * B * (S() + d) + 1.0 * Q * B * d + (O() + 2.0 * C + V) * d;
  }
  /** The longest sum in a product. */
  double inner() const { return most(most(1.0 * T * B, 1.0 * Q * B), most(most(2.0 * d, 1.0 * V), most(1.0 * C, 1.0 * O()))); }
  double panel() const { return (inner() * (MOST_VECTORS * LANES + LEFT_ROWS)); }
  /** What either pass needs of its own: the different questions and what comes of them, or turned matrices and carried states. */
  double ofPass() const {
    const double forwards = DifferentQuestions::scratchFloats(B, Q) + choices() + tape();
    const double backwards = d * (S() + d) + 1.0 * units() * units() + 2.0 * (Q - 1) * B * units();
    return most(forwards, backwards);
  }
  double ofBoth() const { return spare() + gradients() + panel(); }
  double scratchBytes() const { return 4 * (ofBoth() + ofPass()); }

  /** Checks what is not an extent of memory. */
  void check(Heap& heap) const {
    if (B == 0) heap.refuse("positive count", "B", 0);
    if (T == 0) heap.refuse("positive count", "T", 0);
    if (Q == 0) heap.refuse("positive count", "Q", 0);
    if (C == 0) heap.refuse("positive count", "C", 0);
    if (1.0 * firstColumn + C > V) heap.refuse("index", "firstColumn", 1.0 * firstColumn + C - 1, V);
    if (1.0 * stride < WORD + 1.0 * Q) heap.refuse("positive count", "stride", stride);
  }
};

/** Parameters, or their gradients, of the replica at hand. */
template <typename Float>
struct ProgrammerParameters {
  Float *words, *forwardInput, *forwardRecurrent, *backwardInput, *backwardRecurrent, *operations, *selectorQuestion,
      *selectorHistory, *historyOperation, *historyColumn, *historyRecurrent;

  /** `take` makes a pointer of an address, a name and a count. */
  template <typename Take>
  ProgrammerParameters(const ProgrammerSizes& s, const Address (&at)[11], Take take) {
    const double R = s.R, d = s.d, own = s.units(), selector = R * d * s.S();
    words = take("words", at[0], R * s.V * d);
    forwardInput = take("forwardInput", at[1], R * d * own);
    forwardRecurrent = take("forwardRecurrent", at[2], R * own * own);
    backwardInput = s.isTwoWay ? take("backwardInput", at[3], R * d * own) : nullptr;
    backwardRecurrent = s.isTwoWay ? take("backwardRecurrent", at[4], R * own * own) : nullptr;
    operations = take("operations", at[5], R * s.O() * d);
    selectorQuestion = take("selectorQuestion", at[6], selector);
    selectorHistory = take("selectorHistory", at[7], selector);
    historyOperation = take("historyOperation", at[8], R * d * d);
    historyColumn = take("historyColumn", at[9], R * d * d);
    historyRecurrent = take("historyRecurrent", at[10], R * d * d);
  }

  void next(const ProgrammerSizes& s) {
    const std::ptrdiff_t d = s.d, own = s.units(), selector = d * (std::ptrdiff_t)s.S();
    words += s.V * d;
    forwardInput += d * own;
    forwardRecurrent += own * own;
    if (s.isTwoWay) {
      backwardInput += d * own;
      backwardRecurrent += own * own;
    }
    operations += s.O() * d;
    selectorQuestion += selector;
    selectorHistory += selector;
    historyOperation += d * d;
    historyColumn += d * d;
    historyRecurrent += d * d;
  }
};

/** d *= 1 - y^2 */
INLINE void slopeOfTanh(float* d, const float* y, Count count) {
  eachVector(count, [&](auto at) {
    const Floats value = at.load(y);
    at.store(d, at.load(d) * (1.0f - value * value));
  });
}

/** to += x */
INLINE void addNumbers(float* to, const float* x, std::ptrdiff_t count) {
  eachVector((int)count, [&](auto at) { at.store(to, at.load(to) + at.load(x)); });
}

/** A call's work on one replica after the other. */
class ProgramSelector : Programmer {
 public:
  typedef ProgrammerParameters<const float> Parameters;
  typedef ProgrammerParameters<float> Gradients;

  ProgramSelector(const ProgrammerSizes& s, float* scratch)
      : s(s), B(s.B), T(s.T), V(s.V), d(s.d), own(s.units()), C(s.C), O(s.O()), Q(s.Q), S((std::ptrdiff_t)s.S()),
        spare(scratch), rest(spare + (std::ptrdiff_t)s.spare()), panel(rest + (std::ptrdiff_t)s.gradients()),
        room(scratch + (std::ptrdiff_t)s.ofBoth()) {}

  /** `forwards`, with each of the batch's questions read once, however often it is asked. */
  void forwardsOnce(float* choices, float* tape, const Parameters& w, const float* batch) {
    const DifferentQuestions different(batch, s.B, s.Q, s.stride, room);
    if (!different.areFew()) return forwards(choices, tape, w, batch);
    ProgrammerSizes few = s;
    few.B = different.count;
    few.stride = different.stride();
    float* ownChoices = room + (std::ptrdiff_t)DifferentQuestions::scratchFloats(s.B, s.Q);
    float* ownTape = ownChoices + (std::ptrdiff_t)few.choices();
    ProgramSelector(few, spare).forwards(ownChoices, ownTape, w, different.examples());
    const float *choice = ownChoices, *kept = ownTape;
    different.spread(choices, choice, T, O);
    different.spread(choices, choice, T, C);
    different.spread(choices, choice, 1, 2 * NUMBERS);
    different.spread(tape, kept, Q + 1, d);
    different.spread(tape, kept, T, S);
    different.spread(tape, kept, T - 1, d);
    std::memcpy(tape, kept, (O + C) * d * 4);
  }

  void forwards(float* choices, float* tape, const Parameters& w, const float* batch) {
    place(tape, batch);
    readQuestions(w.words, w.forwardInput, w.forwardRecurrent, false);
    std::memcpy(question, stateAt(Q - 1), B * d * 4);
    if (s.isTwoWay) {
      readQuestions(w.words, w.backwardInput, w.backwardRecurrent, true);
      for (Count b = 0; b < B; b++) finalState(b);
    }
    multiply(ofOperations, w.operations, w.historyOperation, O, d, d);
    multiply(ofColumns, columnVectors(w.words), w.historyColumn, C, d, d);
    multiply(rest, question, w.selectorQuestion, B, d, S);
    for (Count t = 0; t < T; t++) {
      select(choices, t, w);
      if (t < T - 1) remember(choices, t, w.historyRecurrent);
    }
    selectNumbers(choices, w.operations);
  }

  void backwards(
      Gradients& dw, const float* dChoices, const float* choices, float* tape, const Parameters& w, const float* batch,
      bool learnable) {
    place(tape, batch);
    float* dOperationScores = rest;
    float* dColumnScores = dOperationScores + T * B * O;
    float* dHidden = dColumnScores + T * B * C;
    float* dHistory = dHidden + T * B * S;
    float* dOfQuestion = dHistory + T * B * d;
    float* dQuestion = dOfQuestion + B * S;
    float* dStates = dQuestion + B * d;
    float* dOfOperations = dStates + Q * B * d;
    float* dOfColumns = dOfOperations + O * d;
    float* dColumnVectors = dOfColumns + C * d;
    float* dInputs = dColumnVectors + C * d;
    const float* vectors = columnVectors(w.words);
    float* historySelector = room;
    float* recurrentHistory = historySelector + S * d;
    turn(historySelector, w.selectorHistory, d, S);
    turn(recurrentHistory, w.historyRecurrent, d, d);
    for (std::ptrdiff_t t = T - 1; t >= 0; t--) {
      float* dOperation = dOperationScores + t * B * O;
      float* dColumn = dColumnScores + t * B * C;
      std::memcpy(dOperation, dChoices + t * B * O, B * O * 4);
      std::memcpy(dColumn, columnsAt(dChoices, t), B * C * 4);
      float* dNext = dHistory + t * B * d;
      if (t < T - 1) {
        slopeOfTanh(dNext, history + t * B * d, B * d);
        addTransposed(dOperation, dNext, ofOperations, B, d, O);
        if (C > 1) addTransposed(dColumn, dNext, ofColumns, B, d, C);
      }
      softmaxGradient(dOperation, choices + t * B * O, O);
      float* dUnits = dHidden + t * B * S;
      product(dUnits, S, {dOperation, O, 1}, {w.operations, d, 1}, B, O, d);
      if (C > 1) {
        softmaxGradient(dColumn, columnsAt(choices, t), C);
        product(dUnits + d, S, {dColumn, C, 1}, {vectors, d, 1}, B, C, d);
      }
      slopeOfTanh(dUnits, hidden + t * B * S, B * S);
      if (t > 0) {
        float* dBefore = dNext - B * d;
        multiply(dBefore, dUnits, historySelector, B, S, d);
        if (t < T - 1) multiply(dBefore, dNext, recurrentHistory, B, d, d, Finish::Add);
      }
      if (t == T - 1) {
        std::memcpy(dOfQuestion, dUnits, B * S * 4);
      } else {
        addNumbers(dOfQuestion, dUnits, B * S);
      }
    }
    const std::ptrdiff_t later = T - 1, latest = T > 2 ? T - 2 : 0;
    product(dw.operations, d, {dOperationScores, 1, O}, {hidden, S, 1}, O, T * B, d);
    if (C > 1) {
      product(dColumnVectors, d, {dColumnScores, 1, C}, {hidden + d, S, 1}, C, T * B, d);
    } else {
      std::memset(dColumnVectors, 0, C * d * 4);
    }
    products(dw.selectorHistory, history, dHidden + B * S, later * B, d, S);
    products(dw.historyRecurrent, history, dHistory + B * d, latest * B, d, d);
    products(dOfOperations, choices, dHistory, later * B, O, d);
    products(dOfColumns, columnsAt(choices, 0), dHistory, later * B, C, d);
    products(dw.selectorQuestion, question, dOfQuestion, B, d, S);
    product(dQuestion, d, {dOfQuestion, S, 1}, {w.selectorQuestion, 1, S}, B, S, d);
    products(dw.historyOperation, w.operations, dOfOperations, O, d, d);
    addTransposed(dw.operations, dOfOperations, w.historyOperation, O, d, d);
    products(dw.historyColumn, vectors, dOfColumns, C, d, d);
    addTransposed(dColumnVectors, dOfColumns, w.historyColumn, C, d, d);

    std::memset(dStates, 0, Q * B * d * 4);
    for (Count b = 0; b < B; b++) {
      const float* from = dQuestion + b * d;
      addNumbers(dStates + ((Q - 1) * B + b) * d, from, own);
      const Count start = s.isTwoWay ? index(example(b)[START], s.Q) : -1;
      if (start >= 0) addNumbers(dStates + (start * B + b) * d + own, from + own, own);
    }
    if (learnable) selectNumbersGradient(dStates, dw.operations, dChoices, choices, w.operations);
    std::memset(dw.words, 0, V * d * 4);
    readQuestionsGradient(dw.words, dw.forwardInput, dw.forwardRecurrent, dStates, dInputs, w, false);
    if (s.isTwoWay)
      readQuestionsGradient(dw.words, dw.backwardInput, dw.backwardRecurrent, dStates, dInputs, w, true);
    addNumbers(dw.words + (std::ptrdiff_t)s.firstColumn * d, dColumnVectors, C * d);
  }

 private:
  const ProgrammerSizes& s;
  const std::ptrdiff_t B, T, V, d, own, C, O, Q, S;
  float *spare, *rest, *panel, *room;
  float *states, *question, *hidden, *history, *ofOperations, *ofColumns;
  const float* batch;

  void place(float* tape, const float* examples) {
    states = tape;
    question = states + Q * B * d;
    hidden = question + B * d;
    history = hidden + T * B * S;
    ofOperations = history + (T - 1) * B * d;
    ofColumns = ofOperations + O * d;
    batch = examples;
  }

  const float* columnVectors(const float* words) const { return words + (std::ptrdiff_t)s.firstColumn * d; }
  template <typename Float>
  Float* columnsAt(Float* choices, std::ptrdiff_t t) const { return choices + T * B * O + t * B * C; }
  template <typename Float>
  Float* pivotsAt(Float* choices, std::ptrdiff_t b) const { return choices + T * B * (O + C) + b * 2 * NUMBERS; }
  const float* example(std::ptrdiff_t b) const { return batch + b * s.stride; }
  float* stateAt(std::ptrdiff_t q) const { return states + q * B * d; }
  Count word(std::ptrdiff_t b, std::ptrdiff_t q) const { return index(example(b)[WORD + q], s.V); }
  Count ownColumns(std::ptrdiff_t b) const { return most(1, index(example(b)[NUMERIC_COLUMNS], s.C + 1)); }
  Count ownNumbers(std::ptrdiff_t b) const { return most(1, index(example(b)[NUMBER_COUNT], NUMBERS + 1)); }

  /** out [m, n], rows `outRow` numbers apart, = a [m, k] b [k, n], or added to what is there. */
  void product(
      float* out, std::ptrdiff_t outRow, const Strided& a, const Strided& b, std::ptrdiff_t m, std::ptrdiff_t k,
      std::ptrdiff_t n, Finish finish = Finish::Store) {
    const Target target = {(std::uint8_t*)out, outRow * 4, nullptr, finish};
    multiplyMatrices(target, a.matrix(), b.matrix(), (Count)m, (Count)k, (Count)n, panel);
  }

  /** out [m, n] = a [m, k] b [k, n] */
  void multiply(
      float* out, const float* a, const float* b, std::ptrdiff_t m, std::ptrdiff_t k, std::ptrdiff_t n,
      Finish finish = Finish::Store) {
    product(out, n, {a, k, 1}, {b, n, 1}, m, k, n, finish);
  }

  /** out [m, n] = a [k, m]^T b [k, n] */
  void products(float* out, const float* a, const float* b, std::ptrdiff_t k, std::ptrdiff_t m, std::ptrdiff_t n) {
    product(out, n, {a, 1, m}, {b, n, 1}, m, k, n);
  }

  /** out [m, n] += a [m, k] b [n, k]^T */
  void addTransposed(float* out, const float* a, const float* b, std::ptrdiff_t m, std::ptrdiff_t k, std::ptrdiff_t n) {
    product(out, n, {a, k, 1}, {b, 1, k}, m, k, n, Finish::Add);
  }

  /** turned [n, m] = a [m, n]^T: for a matrix that several products take so. */
  void turn(float* turned, const float* a, std::ptrdiff_t m, std::ptrdiff_t n) {
    packColumns(turned, (int)m, Strided{a, 1, n}.matrix(), (Count)n, (int)m);
  }

  /** One direction of the question RNN. A word's vector is multiplied before it is looked up. */
  void readQuestions(const float* words, const float* input, const float* recurrent, bool isBackward) {
    const std::ptrdiff_t part = isBackward ? own : 0;
    float* inputs = rest;
    multiply(inputs, words, input, V, d, own);
    for (std::ptrdiff_t i = 0; i < Q; i++) {
      const std::ptrdiff_t q = isBackward ? Q - 1 - i : i;
      float* state = stateAt(q) + part;
      if (i > 0) {
        const float* before = stateAt(isBackward ? q + 1 : q - 1) + part;
        product(state, d, {before, d, 1}, {recurrent, own, 1}, B, own, own);
      }
      for (std::ptrdiff_t b = 0; b < B; b++) {
        float* to = state + b * d;
        if (i == 0) std::memset(to, 0, own * 4);
        const Count id = word(b, q);
        const float* from = inputs + id * own;
        if (id >= 0) {
          eachVector((int)own, [&](auto at) { at.store(to, hyperbolicTangent(at.load(to) + at.load(from))); });
        } else {
          eachVector((int)own, [&](auto at) { at.store(to, hyperbolicTangent(at.load(to))); });
        }
      }
    }
  }

  /**
   * Gradients through `readQuestions`, of the parameters and, added to, of the words. What is carried from one word to the next,
   * and its gradient, are those of positions q and q + 1, where q is no padding.
   */
  void readQuestionsGradient(
      float* dWords, float* dInput, float* dRecurrent, float* dStates, float* dInputs, const Parameters& w,
      bool isBackward) {
    const float* input = isBackward ? w.backwardInput : w.forwardInput;
    const std::ptrdiff_t part = isBackward ? own : 0, step = B * d;
    float* turned = room + (S + d) * d;
    turn(turned, isBackward ? w.backwardRecurrent : w.forwardRecurrent, own, own);
    float* allCarried = turned + own * own;
    float* allGradients = allCarried + (Q - 1) * B * own;
    std::memset(dInputs, 0, V * own * 4);
    for (std::ptrdiff_t i = Q - 1; i >= 0; i--) {
      const std::ptrdiff_t q = isBackward ? Q - 1 - i : i;
      float* dState = dStates + step * q + part;
      for (std::ptrdiff_t b = 0; b < B; b++) {
        if (q < begin(b)) continue;
        slopeOfTanh(dState + b * d, stateAt(q) + part + b * d, (Count)own);
        const Count id = word(b, q);
        if (id >= 0) addNumbers(dInputs + id * own, dState + b * d, own);
      }
      if (i == 0) break;
      const std::ptrdiff_t first = isBackward ? q : q - 1, before = isBackward ? q + 1 : q - 1;
      const std::ptrdiff_t place = carriedUpTo(first);
      float* gradients = allGradients + place * own;
      const std::ptrdiff_t count = gather(gradients, dState, first);
      gather(allCarried + place * own, stateAt(before) + part, first);
      multiply(spare, gradients, turned, count, own, own);
      addToBegun(dStates + step * before + part, spare, first);
    }
    products(dRecurrent, allCarried, allGradients, carriedUpTo(Q - 1), own, own);
    products(dInput, w.words, dInputs, V, d, own);
    addTransposed(dWords, dInputs, input, V, own, d);
  }

  /** Position of a question's first word; Q where there is none. */
  std::ptrdiff_t begin(std::ptrdiff_t b) const {
    const Count start = index(example(b)[START], s.Q);
    return start < 0 ? Q : start;
  }

  /** Over all questions, words before position q from which something is carried on. */
  std::ptrdiff_t carriedUpTo(std::ptrdiff_t q) const {
    std::ptrdiff_t count = 0;
    for (std::ptrdiff_t b = 0; b < B; b++) count += most<std::ptrdiff_t>(0, q - begin(b));
    return count;
  }

  /** Copies the rows of questions that have begun at position q; returns how many. */
  std::ptrdiff_t gather(float* to, const float* rows, std::ptrdiff_t q) const {
    const float* first = to;
    for (std::ptrdiff_t b = 0; b < B; b++) {
      if (q < begin(b)) continue;
      eachVector((int)own, [&](auto at) { at.store(to, at.load(rows + b * d)); });
      to += own;
    }
    return (to - first) / own;
  }

  /** Adds to the same rows. */
  void addToBegun(float* rows, const float* from, std::ptrdiff_t q) const {
    for (std::ptrdiff_t b = 0; b < B; b++) {
      if (q < begin(b)) continue;
      addNumbers(rows + b * d, from, own);
      from += own;
    }
  }

  /** Backwards the padding comes last, so that the final state is the one at the first word. */
  void finalState(std::ptrdiff_t b) {
    float* to = question + b * d + own;
    const Count start = index(example(b)[START], s.Q);
    if (start < 0) {
      std::memset(to, 0, own * 4);
    } else {
      std::memcpy(to, stateAt(start) + b * d + own, own * 4);
    }
  }

  /** Step t's distributions over operations and columns; `rest` has what the question adds to the selector. */
  void select(float* choices, std::ptrdiff_t t, const Parameters& w) {
    float* units = hidden + t * B * S;
    if (t > 0) {
      multiply(units, history + (t - 1) * B * d, w.selectorHistory, B, d, S);
    } else {
      std::memset(units, 0, B * S * 4);
    }
    eachVector((int)(B * S), [&](auto at) { at.store(units, hyperbolicTangent(at.load(units) + at.load(rest))); });
    float* operations = choices + t * B * O;
    product(operations, O, {units, S, 1}, {w.operations, 1, d}, B, d, O);
    softmax(operations, B, O, [&](std::ptrdiff_t) { return (Count)O; });
    float* columns = columnsAt(choices, t);
    if (C == 1) {
      for (std::ptrdiff_t b = 0; b < B; b++) columns[b] = 1;
      return;
    }
    product(columns, C, {units + d, S, 1}, {columnVectors(w.words), 1, d}, B, d, C);
    softmax(columns, B, C, [&](std::ptrdiff_t b) { return ownColumns(b); });
  }

  /** The history after step t. */
  void remember(const float* choices, std::ptrdiff_t t, const float* historyRecurrent) {
    float* next = history + t * B * d;
    multiply(next, choices + t * B * O, ofOperations, B, O, d);
    multiply(next, columnsAt(choices, t), ofColumns, B, C, d, Finish::Add);
    if (t > 0) multiply(next, next - B * d, historyRecurrent, B, d, d, Finish::Add);
    eachVector((int)(B * d), [&](auto at) { at.store(next, hyperbolicTangent(at.load(next))); });
  }

  static float dot(const float* x, const float* y, Count count) {
    FourLaneSum sum;
    eachVector(count, [&](auto at) { sum.add(at, at.load(x) * at.load(y)); });
    return sum.total();
  }

  /** Distributions over the questions' numbers. */
  void selectNumbers(float* choices, const float* operations) {
    for (std::ptrdiff_t b = 0; b < B; b++) {
      for (Count n = 0; n < NUMBERS; n++) {
        const Count left = index(example(b)[LEFT + n], s.Q);
        for (Count q = 0; q < 2; q++) {
          const float* vector = operations + (GREATER + q) * d;
          pivotsAt(choices, b)[q * NUMBERS + n] = left >= 0 ? dot(stateAt(left) + b * d, vector, (Count)d) : 0;
        }
      }
    }
    softmax(pivotsAt(choices, 0), B * 2, NUMBERS, [&](std::ptrdiff_t row) { return ownNumbers(row / 2); });
  }

  void selectNumbersGradient(
      float* dStates, float* dOperations, const float* dChoices, const float* choices, const float* operations) {
    for (std::ptrdiff_t b = 0; b < B; b++) {
      for (Count q = 0; q < 2; q++) {
        const float* p = pivotsAt(choices, b) + q * NUMBERS;
        const float* dp = pivotsAt(dChoices, b) + q * NUMBERS;
        const std::ptrdiff_t vector = (GREATER + q) * d;
        float mean = 0;
        for (Count n = 0; n < NUMBERS; n++) mean = mean + p[n] * dp[n];
        for (Count n = 0; n < NUMBERS; n++) {
          const Count left = index(example(b)[LEFT + n], s.Q);
          if (left < 0) continue;
          const float score = p[n] * (dp[n] - mean);
          const std::ptrdiff_t place = (left * B + b) * d;
          addScaled(dStates + place, score, operations + vector);
          addScaled(dOperations + vector, score, states + place);
        }
      }
    }
  }

  void addScaled(float* to, float scale, const float* x) const {
    eachVector((int)d, [&](auto at) { at.store(to, at.load(to) + scale * at.load(x)); });
  }

  /** Softmaxes of rows of `count` scores, of which the first `ownOf(row)` take part; the others become 0. */
  template <typename OwnOf>
  void softmax(float* scores, std::ptrdiff_t rows, std::ptrdiff_t count, OwnOf ownOf) const {
    for (std::ptrdiff_t r = 0; r < rows; r++) {
      float* x = scores + r * count;
      const Count taking = ownOf(r);
      float largest = x[0];
      for (Count i = 1; i < taking; i++) largest = x[i] > largest ? x[i] : largest;
      for (Count i = 0; i < count; i++) x[i] = i < taking ? x[i] - largest : 0;
    }
    eachVector((int)(rows * count), [&](auto at) { at.store(scores, exponential(at.load(scores))); });
    for (std::ptrdiff_t r = 0; r < rows; r++) {
      float* x = scores + r * count;
      const Count taking = ownOf(r);
      float sum = 0;
      for (Count i = 0; i < taking; i++) sum = sum + x[i];
      for (Count i = 0; i < count; i++) x[i] = i < taking ? x[i] / sum : 0;
    }
  }

  /** Gradients of scores from those of their softmaxes, in place: p (dp - sum_j p_j dp_j). */
  void softmaxGradient(float* dScores, const float* probabilities, std::ptrdiff_t count) const {
    for (std::ptrdiff_t b = 0; b < B; b++) {
      const float* p = probabilities + b * count;
      float* dp = dScores + b * count;
      float mean = 0;
      for (Count i = 0; i < count; i++) mean = mean + p[i] * dp[i];
      for (Count i = 0; i < count; i++) dp[i] = p[i] * (dp[i] - mean);
    }
  }
};

/**
 * Distributions over operations, columns and the questions' numbers, as `programLosses` takes them; a model without text
 * columns.
 * @param tape [R, ...], what the gradient needs.
 * @param words [R, V, d]; the other parameters are matrices [R, inputs, outputs]. Those of the backward direction are 0 where
 *   there is none.
 * @param examples G lists of B; `lists` [R] says which of them each replica has.
 * @param firstColumn id of the first column's name.
 * @param stride floats of an example.
 */
void programSelections(
    Heap& heap, Address choices, Address tape, Address words, Address forwardInput, Address forwardRecurrent,
    Address backwardInput, Address backwardRecurrent, Address operations, Address selectorQuestion,
    Address selectorHistory, Address historyOperation, Address historyColumn, Address historyRecurrent, Address examples,
    Address lists, Address, Address, Count R, Count B, Count T, Count V, Count d, Count C, Count Q, Count firstColumn,
    Count stride, Count G) {
  const ProgrammerSizes s = {{}, R, B, T, V, d, C, Q, firstColumn, stride, backwardInput != Address{}};
  s.check(heap);
  float* choice = heap.output("choices", choices, R * s.choices());
  float* kept = heap.output("tape", tape, R * s.tape());
  const Address all[] = {words,      forwardInput,     forwardRecurrent, backwardInput,    backwardRecurrent, operations,
                         selectorQuestion, selectorHistory,  historyOperation, historyColumn,     historyRecurrent};
  ProgramSelector::Parameters parameters(
      s, all, [&](const char* name, Address at, double count) { return heap.floats(name, at, count); });
  const ExampleLists batches(heap, examples, lists, R, G, 1.0 * B * stride);
  if (R == 0) return;
  float* scratch = (float*)heap.scratch(s.scratchBytes());
  if (heap.refused()) return;
  ProgramSelector selector(s, scratch);
  for (Count r = 0; r < R; r++) {
    selector.forwardsOnce(choice, kept, parameters, batches.of(r));
    parameters.next(s);
    choice += (std::size_t)s.choices();
    kept += (std::size_t)s.tape();
  }
}

/** Gradients of the parameters, each like the parameter, for `dChoices`, like the choices. */
void programSelectionsGradient(
    Heap& heap, Address dWords, Address dForwardInput, Address dForwardRecurrent, Address dBackwardInput,
    Address dBackwardRecurrent, Address dOperations, Address dSelectorQuestion, Address dSelectorHistory,
    Address dHistoryOperation, Address dHistoryColumn, Address dHistoryRecurrent, Address dChoices, Address choices,
    Address tape, Address words, Address forwardInput, Address forwardRecurrent, Address backwardInput,
    Address backwardRecurrent, Address operations, Address selectorQuestion, Address selectorHistory,
    Address historyOperation, Address historyColumn, Address historyRecurrent, Address examples, Address lists, Address,
    Address, Count R, Count B, Count T, Count V, Count d, Count C, Count Q, Count firstColumn, Count stride,
    Count learnable, Count G) {
  const ProgrammerSizes s = {{}, R, B, T, V, d, C, Q, firstColumn, stride, backwardInput != Address{}};
  s.check(heap);
  const Address allGradients[] = {dWords,           dForwardInput,    dForwardRecurrent, dBackwardInput,
                                  dBackwardRecurrent, dOperations,    dSelectorQuestion, dSelectorHistory,
                                  dHistoryOperation, dHistoryColumn,  dHistoryRecurrent};
  ProgramSelector::Gradients gradients(
      s, allGradients, [&](const char* name, Address at, double count) { return heap.output(name, at, count); });
  const float* dChoice = heap.floats("dChoices", dChoices, R * s.choices());
  const float* choice = heap.floats("choices", choices, R * s.choices());
  const float* kept = heap.floats("tape", tape, R * s.tape());
  const Address all[] = {words,      forwardInput,     forwardRecurrent, backwardInput,    backwardRecurrent, operations,
                         selectorQuestion, selectorHistory,  historyOperation, historyColumn,     historyRecurrent};
  ProgramSelector::Parameters parameters(
      s, all, [&](const char* name, Address at, double count) { return heap.floats(name, at, count); });
  const ExampleLists batches(heap, examples, lists, R, G, 1.0 * B * stride);
  if (R == 0) return;
  float* scratch = (float*)heap.scratch(s.scratchBytes());
  if (heap.refused()) return;
  ProgramSelector selector(s, scratch);
  for (Count r = 0; r < R; r++) {
    // The tape is only read on the way back.
    selector.backwards(gradients, dChoice, choice, const_cast<float*>(kept), parameters, batches.of(r), learnable != 0);
    parameters.next(s);
    gradients.next(s);
    dChoice += (std::size_t)s.choices();
    choice += (std::size_t)s.choices();
    kept += (std::size_t)s.tape();
  }
}

}  // namespace
