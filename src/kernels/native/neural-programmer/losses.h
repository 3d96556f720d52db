// What soft programs of the Neural Programmer come to on tables, the loss, and its gradient, as in
// ../../assembly/neural-programmer/losses.ts, where it is told what they are.
#pragma once

#include "../elementary.h"
#include "example.h"

namespace {

/** A sum of 16 parts, whatever the width of a vector. */
class SixteenPartSum {
 public:
  /** A vector that begins at `first` in a row. */
  INLINE void add(std::ptrdiff_t first, Floats x) { parts[first % 16 / LANES] = parts[first % 16 / LANES] + x; }

  INLINE float total() const {
    float x[16];
    std::memcpy(x, parts, sizeof x);
    float s[4];
    for (int i = 0; i < 4; i++) s[i] = (x[i] + x[i + 8]) + (x[i + 4] + x[i + 12]);
    return (s[0] + s[2]) + (s[1] + s[3]);
  }

 private:
  Floats parts[16 / LANES] = {};
};

/** The programs and tables of a call, and the example at hand. */
class ProgramRun : Programmer {
 public:
  const Count B, T, M, numeric, text;
  /** Whether comparisons are expected over the numbers instead of made with the expected number. */
  const bool learnable;

  ProgramRun(Count B, Count T, Count M, Count numeric, Count text, bool learnable)
      : B(B), T(T), M(M), numeric(numeric), text(text), learnable(learnable), row(filledUp(M)) {}

  /** Choices for a batch. */
  double choices() const { return B * (T * (1.0 * operations(text) + numeric + text) + 2 * NUMBERS + 1.0 * TEXT_WORDS * text); }

  double exampleFloats(Count positions) const { return WORD + 1.0 * positions + (numeric + 1.0 + text) * M; }

  double scratchBytes() const {
    const double row = (double)filledUp(M);
    const double rows = 2.0 + 5.0 * numeric + 2.0 * T + 1.0 * TEXT_WORDS * text;
    return 4 * (rows * row + 4.0 * numeric + 1.0 * TEXT_WORDS * text + T * (3.0 + numeric) + 1);
  }

  void layOut(float* scratch) {
    mask = scratch;
    chosen = mask + row;
    values = chosen + row;
    selected = values + row * numeric;
    dSelected = selected + row * T;
    indicators = dSelected + row * T;
    weights = indicators + row * indicatorCount();
    scalars = weights + indicatorCount() + 1;
    dScalars = scalars + T;
    counts = dScalars + T;
    sums = counts + T;
  }

  /** The loss of example b; gradients are added to `dChoices`. */
  float loss(const float* example, const float* table, const float* choices, float* dChoices, Count b, float delta, float lambda) {
    const Count O = operations(text), C = numeric + text;
    const std::ptrdiff_t toColumns = (std::ptrdiff_t)B * T * O;
    const std::ptrdiff_t toPivots = toColumns + (std::ptrdiff_t)B * T * C;
    const std::ptrdiff_t toMatches = toPivots + (std::ptrdiff_t)B * 2 * NUMBERS;
    const std::ptrdiff_t places[] = {
        (std::ptrdiff_t)b * O, toColumns + (std::ptrdiff_t)b * C, toPivots + (std::ptrdiff_t)b * 2 * NUMBERS,
        toMatches + (std::ptrdiff_t)b * text * TEXT_WORDS};
    p = choices + places[0];
    dp = dChoices + places[0];
    columns = choices + places[1];
    dColumns = dChoices + places[1];
    pivots = choices + places[2];
    dPivots = dChoices + places[2];
    matches = choices + places[3];
    dMatches = dChoices + places[3];
    this->example = example;
    readTable(table);
    for (Count t = 0; t < T; t++) step(t);
    const float loss = addLoss(delta, lambda, 1.0f / (float)B);
    for (Count t = T - 1; t >= 0; t--) stepGradient(t);
    return loss;
  }

 private:
  /** Numbers in a filled up row, of the table at hand. */
  std::ptrdiff_t row;
  const float* example;
  const float *p, *columns, *pivots, *matches;
  float *dp, *dColumns, *dPivots, *dMatches;
  float *mask, *chosen, *values, *selected, *dSelected, *indicators, *weights, *scalars, *dScalars, *counts, *sums;

  static std::ptrdiff_t filledUp(std::ptrdiff_t rows) { return (rows + 15) / 16 * 16; }
  Count comparisons() const { return learnable ? NUMBERS : 1; }
  std::ptrdiff_t indicatorCount() const {
    return (std::ptrdiff_t)numeric * 2 * comparisons() + (std::ptrdiff_t)text * TEXT_WORDS;
  }
  std::ptrdiff_t ofOperations(Count t) const { return (std::ptrdiff_t)t * B * operations(text); }
  std::ptrdiff_t ofColumns(Count t) const { return (std::ptrdiff_t)t * B * (numeric + text); }

  template <typename Body>
  INLINE void eachOfRow(Body body) const {
    for (std::ptrdiff_t first = 0; first < row; first += 16)
#pragma GCC unroll 4
      for (int part = 0; part < 16; part += LANES) body(first + part);
  }

  float dot(const float* x, const float* y) const {
    SixteenPartSum sum;
    eachOfRow([&](std::ptrdiff_t i) { sum.add(i, load(x + i) * load(y + i)); });
    return sum.total();
  }

  /** to += scale * x */
  void addScaled(float* to, float scale, const float* x) const {
    eachOfRow([&](std::ptrdiff_t i) { store(to + i, load(to + i) + scale * load(x + i)); });
  }

  /** Fills rows up, and finds what comparisons and text matches select. */
  void readTable(const float* table) {
    const Count rows = count(example[ROWS], M + 1);
    row = filledUp(rows);
    for (std::ptrdiff_t i = 0; i < row; i++) mask[i] = i < rows ? 1 : 0;
    std::memcpy(selected, mask, row * 4);
    std::memset(dSelected, 0, row * T * 4);
    std::memset(dScalars, 0, T * 4);
    for (Count c = 0; c < numeric; c++) fillUp(values + row * c, table + (std::ptrdiff_t)c * M);
    fillUp(chosen, table + (std::ptrdiff_t)numeric * M);
    float* to = indicators;
    for (Count c = 0; c < numeric; c++) {
      for (Count q = 0; q < 2; q++) {
        if (learnable) {
          for (Count n = 0; n < NUMBERS; n++, to += row) compare(to, c, q, example[NUMBER + n]);
        } else {
          const float* beta = pivots + q * NUMBERS;
          compare(to, c, q, beta[0] * example[NUMBER] + beta[1] * example[NUMBER + 1]);
          to += row;
        }
      }
    }
    const float* words = table + (numeric + (std::ptrdiff_t)1) * M;
    for (Count k = 0; k < text; k++, words += M)
      for (Count word = 0; word < TEXT_WORDS; word++, to += row)
        for (std::ptrdiff_t i = 0; i < row; i++) to[i] = i < rows && words[i] == (float)word ? 1 : 0;
  }

  void fillUp(float* to, const float* from) const {
    const std::ptrdiff_t given = row < M ? row : M;
    std::memcpy(to, from, given * 4);
    std::memset(to + given, 0, (row - given) * 4);
  }

  /** 1 for the rows that are greater (q is 0) or less than a number. */
  void compare(float* to, Count column, Count q, float pivot) const {
    const float* own = values + row * column;
    eachOfRow([&](std::ptrdiff_t i) {
      const Floats value = load(own + i);
      const Floats one = load(mask + i);
      store(to + i, q == 0 ? (value > pivot ? one : splat(0.0f)) : (value < pivot ? one : splat(0.0f)));
    });
  }

  /** How much each indicator counts in a step. */
  void weigh(Count t) {
    const float *own = p + ofOperations(t), *column = columns + ofColumns(t);
    float* to = weights;
    for (Count c = 0; c < numeric; c++) {
      for (Count q = 0; q < 2; q++) {
        const float weight = column[text + c] * own[GREATER + q];
        for (Count n = 0; n < comparisons(); n++) *to++ = learnable ? weight * pivots[q * NUMBERS + n] : weight;
      }
    }
    for (Count k = 0; k < text; k++) {
      const float weight = column[k] * own[TEXT_MATCH];
      for (Count word = 0; word < TEXT_WORDS; word++) *to++ = weight * matches[k * TEXT_WORDS + word];
    }
  }

  /** Gradients of `weigh`, from those of the weights, which stand in their place. */
  void weighGradient(Count t) {
    const float *own = p + ofOperations(t), *column = columns + ofColumns(t);
    float *dOwn = dp + ofOperations(t), *dColumn = dColumns + ofColumns(t);
    const float* from = weights;
    for (Count c = 0; c < numeric; c++) {
      const float share = column[text + c];
      for (Count q = 0; q < 2; q++) {
        const float chance = own[GREATER + q];
        for (Count n = 0; n < comparisons(); n++) {
          const float d = *from++;
          const float beta = learnable ? pivots[q * NUMBERS + n] : 1.0f;
          dColumn[text + c] = dColumn[text + c] + d * (chance * beta);
          dOwn[GREATER + q] = dOwn[GREATER + q] + d * (share * beta);
          if (learnable) dPivots[q * NUMBERS + n] = dPivots[q * NUMBERS + n] + d * (share * chance);
        }
      }
    }
    for (Count k = 0; k < text; k++) {
      const float share = column[k];
      const float chance = own[TEXT_MATCH];
      for (Count word = 0; word < TEXT_WORDS; word++) {
        const float d = *from++;
        const float score = matches[k * TEXT_WORDS + word];
        dColumn[k] = dColumn[k] + d * (chance * score);
        dOwn[TEXT_MATCH] = dOwn[TEXT_MATCH] + d * (share * score);
        float& dScore = dMatches[k * TEXT_WORDS + word];
        dScore = dScore + d * (share * chance);
      }
    }
  }

  /** The scalar of step t, and the rows that it selects, unless it is the last. */
  void step(Count t) {
    const float *own = p + ofOperations(t), *column = columns + ofColumns(t);
    float* last = selected + row * t;
    counts[t] = dot(last, mask);
    float scalar = own[COUNT] * counts[t];
    for (Count c = 0; c < numeric; c++) {
      const float sum = dot(last, values + row * c);
      sums[(std::ptrdiff_t)t * numeric + c] = sum;
      scalar = scalar + own[SUM] * column[text + c] * sum;
    }
    scalars[t] = scalar + own[DIFFERENCE] * difference(t);
    if (t == T - 1) return;
    weigh(t);
    const float* before = t > 0 ? last - row : last;
    const std::ptrdiff_t indicatorTotal = indicatorCount();
    eachOfRow([&](std::ptrdiff_t i) {
      const Floats x = load(last + i), y = load(before + i);
      const Floats gap = y - x;
      const Floats excess = gap > 0.0f ? gap : splat(0.0f);
      Floats sum = own[AND] * (y - excess) + own[OR] * (x + excess);
      sum = sum + own[RESET] * load(mask + i);
      for (std::ptrdiff_t j = 0; j < indicatorTotal; j++) sum = sum + weights[j] * load(indicators + row * j + i);
      store(last + row + i, sum);
    });
  }

  /** Gradients of `step`, from those of its scalar and rows, which later steps have added to. */
  void stepGradient(Count t) {
    const float *own = p + ofOperations(t), *column = columns + ofColumns(t);
    float *dOwn = dp + ofOperations(t), *dColumn = dColumns + ofColumns(t);
    const float* last = selected + row * t;
    float* dLast = dSelected + row * t;
    if (t < T - 1) {
      const float* d = dLast + row;
      dOwn[RESET] = dOwn[RESET] + dot(d, mask);
      for (std::ptrdiff_t j = 0; j < indicatorCount(); j++) weights[j] = dot(d, indicators + row * j);
      weighGradient(t);
      const std::ptrdiff_t back = t > 0 ? row : 0;
      selectGradient(own, dOwn, last, last - back, d, dLast, dLast - back);
    }
    const float dScalar = dScalars[t];
    dOwn[COUNT] = dOwn[COUNT] + dScalar * counts[t];
    addScaled(dLast, dScalar * own[COUNT], mask);
    for (Count c = 0; c < numeric; c++) {
      const float sum = sums[(std::ptrdiff_t)t * numeric + c];
      dOwn[SUM] = dOwn[SUM] + dScalar * (column[text + c] * sum);
      dColumn[text + c] = dColumn[text + c] + dScalar * (own[SUM] * sum);
      addScaled(dLast, dScalar * (own[SUM] * column[text + c]), values + row * c);
    }
    dOwn[DIFFERENCE] = dOwn[DIFFERENCE] + dScalar * difference(t);
    const float share = dScalar * own[DIFFERENCE];
    if (t >= 3) dScalars[t - 3] = dScalars[t - 3] + share;
    if (t >= 1) dScalars[t - 1] = dScalars[t - 1] - share;
  }

  /** Gradients through `and`, at a tie to the older rows, and `or`, at a tie to the newer. */
  void selectGradient(
      const float* own, float* dOwn, const float* last, const float* before, const float* d, float* dLast, float* dBefore) const {
    SixteenPartSum least, most;
    const Floats both = splat(own[AND]), either = splat(own[OR]);
    eachOfRow([&](std::ptrdiff_t i) {
      const Floats x = load(last + i), y = load(before + i), gradient = load(d + i);
      const Floats gap = y - x;
      const Ints isOlder = gap > 0.0f;
      const Floats excess = isOlder ? gap : splat(0.0f);
      store(dLast + i, load(dLast + i) + gradient * (isOlder ? both : either));
      store(dBefore + i, load(dBefore + i) + gradient * (isOlder ? either : both));
      least.add(i, gradient * (y - excess));
      most.add(i, gradient * (x + excess));
    });
    dOwn[AND] = dOwn[AND] + least.total();
    dOwn[OR] = dOwn[OR] + most.total();
  }

  /** What a difference comes to in step t. */
  float difference(Count t) const {
    const float minuend = t >= 3 ? scalars[t - 3] : 0;
    const float subtrahend = t >= 1 ? scalars[t - 1] : 0;
    return minuend - subtrahend;
  }

  /** The example's loss; the gradient of what the last step puts out is `share` times its own. */
  float addLoss(float delta, float lambda, float share) {
    if (example[IS_SCALAR] == 0) return addLookupLoss(lambda, share);
    const float error = scalars[T - 1] - example[SCALAR];
    const float size = __builtin_fabsf(error);
    const float inner = size < delta ? size : delta;
    dScalars[T - 1] = share * (error > 0 ? inner : error < 0 ? -inner : error);
    return inner * (size - 0.5f * inner);
  }

  float addLookupLoss(float lambda, float share) {
    const Count t = T - 1;
    const Count ownNumeric = count(example[NUMERIC_COLUMNS], numeric + 1);
    const Count ownText = count(example[TEXT_COLUMNS], text + 1);
    const Count rows = count(example[ROWS], M + 1);
    const Count target = index(example[LOOKUP_COLUMN], numeric + text);
    const std::int64_t cells = (std::int64_t)rows * (ownNumeric + ownText);
    const float perCell = lambda / (float)(cells > 1 ? cells : 1);
    const float scale = perCell * share;
    float& dAssign = dp[ofOperations(t) + ASSIGN];
    const float assign = p[ofOperations(t) + ASSIGN];
    const float* column = columns + ofColumns(t);
    float* dColumn = dColumns + ofColumns(t);
    float entropy = 0;
    for (Count c = 0; c < text + numeric; c++) {
      if (c < text ? c >= ownText : c - text >= ownNumeric) continue;
      float d = 0;
      entropy = entropy + lookUp(assign * column[c], c == target, scale, d);
      dAssign = dAssign + d * column[c];
      dColumn[c] = dColumn[c] + d * assign;
    }
    return perCell * entropy;
  }

  /** Cross entropy of a column's cells, where rows are looked up with `weight`. */
  float lookUp(float weight, bool isTarget, float scale, float& dWeight) {
    const float margin = 1e-6f, furthest = 1.0f - 1e-6f;
    const float* own = selected + row * (T - 1);
    float* dOwn = dSelected + row * (T - 1);
    SixteenPartSum d, entropy;
    eachOfRow([&](std::ptrdiff_t i) {
      const Floats x = load(own + i), one = load(mask + i);
      const Floats cell = x * weight;
      const Ints isLow = cell < margin, isHigh = cell > furthest;
      Floats given = isLow ? splat(margin) : cell;
      given = isHigh ? splat(furthest) : given;
      const Ints isChosen = isTarget ? load(chosen + i) > 0.0f : Ints{};
      const Floats likelihood = isChosen ? given : 1.0f - given;
      const Floats slope = (isChosen ? splat(-scale) : splat(scale)) / likelihood;
      const Floats inside = (isLow | isHigh) ? splat(0.0f) : slope * one;
      store(dOwn + i, load(dOwn + i) + inside * weight);
      d.add(i, inside * x);
      entropy.add(i, negated(safeLogarithm(likelihood) * one));
    });
    dWeight = d.total();
    return entropy.total();
  }
};

/**
 * Mean losses of batches of B examples, `losses` [R], and their gradients `dChoices` with respect to the choices.
 * @param choices [R, ...]: distributions over operations [T, B, O], columns [T, B, C], numbers [B, 2, 2], and scores of text
 *   matches [B, text, 10].
 * @param examples [G, B, exampleFloats]; `lists` [R] says which of them each replica has.
 * @param delta and lambda [R].
 */
void programLosses(
    Heap& heap, Address losses, Address dChoices, Address choices, Address examples, Address lists, Address delta,
    Address lambda, Address, Address, Count R, Count B, Count T, Count M, Count numeric, Count text, Count positions,
    Count learnable, Count G) {
  ProgramRun run(B, T, M, numeric, text, learnable != 0);
  if (B == 0 || T == 0) heap.refuse("positive count", B == 0 ? "B" : "T", 0);
  const double size = run.choices(), exampleFloats = run.exampleFloats(positions);
  float* loss = heap.output("losses", losses, R);
  float* gradient = heap.output("dChoices", dChoices, R * size);
  const float* choice = heap.floats("choices", choices, R * size);
  const ExampleLists batches(heap, examples, lists, R, G, B * exampleFloats);
  const float* deltas = heap.floats("delta", delta, R);
  const float* lambdas = heap.floats("lambda", lambda, R);
  if (R == 0) return;
  float* scratch = (float*)heap.scratch(run.scratchBytes());
  if (heap.refused()) return;
  run.layOut(scratch);
  for (Count r = 0; r < R; r++) {
    std::memset(gradient, 0, (std::size_t)size * 4);
    float sum = 0;
    const float* example = batches.of(r);
    for (Count b = 0; b < B; b++) {
      const float* table = example + Programmer::WORD + positions;
      sum = sum + run.loss(example, table, choice, gradient, b, deltas[r], lambdas[r]);
      example += (std::size_t)exampleFloats;
    }
    loss[r] = sum / (float)B;
    choice += (std::size_t)size;
    gradient += (std::size_t)size;
  }
}

}  // namespace
