// What a Neural Programmer selects for questions: reads them, and chooses operations, columns and numbers, replica by replica.
// src/experiments/table-qa/network.ts tells what is computed; here is only how it is done fast.
//
// All matrices lie in one piece, but for the two directions' states, which stand beside each other. A parameter's gradient is one
// product over all steps.
import { exponential } from '../elementary';
import { blockProduct } from '../matrix-product';
import { addScaled, dot } from '../memory-network';
import { loadLanes, storeLanes } from '../vectors';
import { entry, Field, floats, index, NUMBERS, Operation, operationCount } from './example';

/** What a call is about; lies at the start of scratch. Fields of type `usize` are addresses; those in capitals are sizes. */
@unmanaged
class Run {
  workspace: usize;
  B: i32;
  T: i32;
  /** Words of the vocabulary. */
  V: i32;
  d: i32;
  /** Units of a direction. */
  own: i32;
  C: i32;
  O: i32;
  Q: i32;
  /** Units of the selector. */
  S: i32;
  firstColumn: i32;
  examples: usize;
  exampleBytes: usize;
  choices: usize;
  /** [Q, B, d] */
  states: usize;
  /** [B, d] */
  question: usize;
  /** [T, B, S] */
  hidden: usize;
  /** [T - 1, B, d]: h_2 and on. */
  history: usize;
  /** [O, d] and [C, d]: what the history RNN sees of operations and columns. */
  ofOperations: usize;
  ofColumns: usize;
  words: usize;
  operations: usize;
  /** Room for the largest intermediate product, and for a panel. */
  spare: usize;
  panel: usize;
  rest: usize;

  columnVectors(): usize {
    return this.words + floats(this.firstColumn * this.d);
  }

  operationsAt(base: usize, t: i32): usize {
    return base + floats(t * this.B * this.O);
  }

  columnsAt(base: usize, t: i32): usize {
    return base + floats(this.T * this.B * this.O + t * this.B * this.C);
  }

  pivotsAt(base: usize, b: i32): usize {
    return base + floats(this.T * this.B * (this.O + this.C) + b * 2 * NUMBERS);
  }

  example(b: i32): usize {
    return this.examples + this.exampleBytes * b;
  }

  word(b: i32, q: i32): i32 {
    return index(this.example(b), Field.Words + q, this.V);
  }

  stateAt(q: i32): usize {
    return this.states + floats(q * this.B * this.d);
  }

  /** Position of a question's first word; Q where there is none. */
  begin(b: i32): i32 {
    const start = index(this.example(b), Field.Start, this.Q);
    return start < 0 ? this.Q : start;
  }

  /** Over all questions, words before position q from which something is carried on. */
  carriedUpTo(q: i32): i32 {
    let count = 0;
    for (let b = 0; b < this.B; b++) count += max(0, q - this.begin(b));
    return count;
  }

  /** Columns that an example's table has. */
  ownColumns(b: i32): i32 {
    return max(1, index(this.example(b), Field.NumericColumns, this.C + 1));
  }

  ownNumbers(b: i32): i32 {
    return max(1, index(this.example(b), Field.NumberCount, NUMBERS + 1));
  }
}

const HEADER_BYTES = 256;

function spareFloats(B: i32, V: i32, d: i32, C: i32, O: i32): i32 {
  return max(max(B, V), max(C, O)) * max(2 * d, max(C, O));
}

function panelFloats(B: i32, T: i32, V: i32, d: i32, C: i32, Q: i32): i32 {
  return 8 * max(max(max(T, Q) * B, 2 * d), max(V, max(C, 10)));
}

/** Scratch that either pass needs. */
export function programSelectionsScratchBytes(B: i32, T: i32, V: i32, d: i32, C: i32, Q: i32): i32 {
  const O = operationCount(0);
  const S = C > 1 ? 2 * d : d;
  const gradients = T * B * (O + C + S + d) + 2 * B * (S + d) + Q * B * d + (O + 2 * C + V) * d + 2 * (Q - 1) * B * d;
  return HEADER_BYTES + 4 * (spareFloats(B, V, d, C, O) + panelFloats(B, T, V, d, C, Q) + gradients);
}

/**
 * Distributions over operations, columns and the questions' numbers, as `programLosses` takes them; a model without text columns.
 * @param choices [R, ...].
 * @param tape [R, ...]: states [Q, B, d], questions [B, d], selector units [T, B, S], history [T - 1, B, d], and what the history
 *   RNN sees of operations [9, d] and columns [C, d].
 * @param words [R, V, d]; the other parameters are matrices [R, inputs, outputs]. Those of the backward direction are 0 where
 *   there is none; else each direction has d / 2 units.
 * @param examples G lists of B; `lists` int32 [R] says which of them each replica has.
 * @param firstColumn id of the first column's name.
 * @param stride floats of an example.
 */
export function programSelections(
  choices: usize,
  tape: usize,
  words: usize,
  forwardInput: usize,
  forwardRecurrent: usize,
  backwardInput: usize,
  backwardRecurrent: usize,
  operations: usize,
  selectorQuestion: usize,
  selectorHistory: usize,
  historyOperation: usize,
  historyColumn: usize,
  historyRecurrent: usize,
  examples: usize,
  lists: usize,
  scratch: usize,
  workspace: usize,
  R: i32,
  B: i32,
  T: i32,
  V: i32,
  d: i32,
  C: i32,
  Q: i32,
  firstColumn: i32,
  stride: i32,
  G: i32,
): void {
  const isTwoWay = backwardInput != 0;
  const run = layOut(scratch, workspace, B, T, V, d, C, Q, firstColumn, stride, isTwoWay);
  const own = run.own;
  const S = run.S;
  const O = run.O;
  const square = floats(d * d);
  const direction = floats(own * own);
  for (let r = 0; r < R; r++) {
    placeTape(run, tape);
    run.choices = choices;
    run.words = words;
    run.operations = operations;
    run.examples = examples + run.exampleBytes * B * load<u32>(lists + floats(r));
    readQuestions(run, forwardInput, forwardRecurrent, false);
    memory.copy(run.question, run.stateAt(Q - 1), floats(B * d));
    if (isTwoWay) {
      readQuestions(run, backwardInput, backwardRecurrent, true);
      for (let b = 0; b < B; b++) finalState(run, b);
    }
    multiply(run, run.ofOperations, operations, historyOperation, O, d, d);
    multiply(run, run.ofColumns, run.columnVectors(), historyColumn, C, d, d);
    multiply(run, run.rest, run.question, selectorQuestion, B, d, S);
    for (let t = 0; t < T; t++) {
      select(run, t, selectorHistory);
      if (t < T - 1) remember(run, t, historyRecurrent);
    }
    selectNumbers(run);
    choices += floats(B * (T * (O + C) + 2 * NUMBERS));
    tape += tapeBytes(run);
    words += floats(V * d);
    forwardInput += floats(d * own);
    forwardRecurrent += direction;
    if (isTwoWay) {
      backwardInput += floats(d * own);
      backwardRecurrent += direction;
    }
    operations += floats(O * d);
    selectorQuestion += floats(d * S);
    selectorHistory += floats(d * S);
    historyOperation += square;
    historyColumn += square;
    historyRecurrent += square;
  }
}

/** Gradients of the parameters, each like the parameter, for `dChoices`, like the choices. */
export function programSelectionsGradient(
  dWords: usize,
  dForwardInput: usize,
  dForwardRecurrent: usize,
  dBackwardInput: usize,
  dBackwardRecurrent: usize,
  dOperations: usize,
  dSelectorQuestion: usize,
  dSelectorHistory: usize,
  dHistoryOperation: usize,
  dHistoryColumn: usize,
  dHistoryRecurrent: usize,
  dChoices: usize,
  choices: usize,
  tape: usize,
  words: usize,
  forwardInput: usize,
  forwardRecurrent: usize,
  backwardInput: usize,
  backwardRecurrent: usize,
  operations: usize,
  selectorQuestion: usize,
  selectorHistory: usize,
  historyOperation: usize,
  historyColumn: usize,
  historyRecurrent: usize,
  examples: usize,
  lists: usize,
  scratch: usize,
  workspace: usize,
  R: i32,
  B: i32,
  T: i32,
  V: i32,
  d: i32,
  C: i32,
  Q: i32,
  firstColumn: i32,
  stride: i32,
  learnable: i32,
  G: i32,
): void {
  const isTwoWay = backwardInput != 0;
  const run = layOut(scratch, workspace, B, T, V, d, C, Q, firstColumn, stride, isTwoWay);
  const own = run.own;
  const S = run.S;
  const O = run.O;
  const later = T - 1;
  // Gradients of what lies in front of the softmaxes [T, B, O], [T, B, C] and tanhs [T, B, S], [T - 1, B, d], and of states.
  const dOperationScores = run.rest;
  const dColumnScores = dOperationScores + floats(T * B * O);
  const dHidden = dColumnScores + floats(T * B * C);
  const dHistory = dHidden + floats(T * B * S);
  const dOfQuestion = dHistory + floats(T * B * d);
  const dQuestion = dOfQuestion + floats(B * S);
  const dStates = dQuestion + floats(B * d);
  const dOfOperations = dStates + floats(Q * B * d);
  const dOfColumns = dOfOperations + floats(O * d);
  const dColumnVectors = dOfColumns + floats(C * d);
  const dInputs = dColumnVectors + floats(C * d);
  for (let r = 0; r < R; r++) {
    placeTape(run, tape);
    run.choices = choices;
    run.words = words;
    run.operations = operations;
    run.examples = examples + run.exampleBytes * B * load<u32>(lists + floats(r));
    for (let t = T - 1; t >= 0; t--) {
      const dOperation = dOperationScores + floats(t * B * O);
      const dColumn = dColumnScores + floats(t * B * C);
      memory.copy(dOperation, run.operationsAt(dChoices, t), floats(B * O));
      memory.copy(dColumn, run.columnsAt(dChoices, t), floats(B * C));
      const dNext = dHistory + floats(t * B * d);
      if (t < later) {
        slopeOfTanh(dNext, run.history + floats(t * B * d), d, d, B);
        addTransposed(run, dOperation, dNext, run.ofOperations, B, d, O);
        if (C > 1) addTransposed(run, dColumn, dNext, run.ofColumns, B, d, C);
      }
      softmaxGradient(dOperation, run.operationsAt(choices, t), B, O);
      const dUnits = dHidden + floats(t * B * S);
      product(run, dUnits, floats(S), dOperation, floats(O), 4, operations, floats(d), 4, B, O, d);
      if (C > 1) {
        softmaxGradient(dColumn, run.columnsAt(choices, t), B, C);
        product(run, dUnits + floats(d), floats(S), dColumn, floats(C), 4, run.columnVectors(), floats(d), 4, B, C, d);
      }
      slopeOfTanh(dUnits, run.hidden + floats(t * B * S), S, S, B);
      if (t > 0) {
        const dBefore = dNext - floats(B * d);
        product(run, dBefore, floats(d), dUnits, floats(S), 4, selectorHistory, 4, floats(S), B, S, d);
        if (t < later) addTransposed(run, dBefore, dNext, historyRecurrent, B, d, d);
      }
      if (t == T - 1) memory.copy(dOfQuestion, dUnits, floats(B * S));
      else addTo(dOfQuestion, dUnits, B * S);
    }
    product(run, dOperations, floats(d), dOperationScores, 4, floats(O), run.hidden, floats(S), 4, O, T * B, d);
    if (C > 1) {
      const units = run.hidden + floats(d);
      product(run, dColumnVectors, floats(d), dColumnScores, 4, floats(C), units, floats(S), 4, C, T * B, d);
    } else memory.fill(dColumnVectors, 0, floats(C * d));
    products(run, dSelectorHistory, run.history, dHidden + floats(B * S), later * B, d, S);
    products(run, dHistoryRecurrent, run.history, dHistory + floats(B * d), max(0, T - 2) * B, d, d);
    products(run, dOfOperations, run.operationsAt(choices, 0), dHistory, later * B, O, d);
    products(run, dOfColumns, run.columnsAt(choices, 0), dHistory, later * B, C, d);
    products(run, dSelectorQuestion, run.question, dOfQuestion, B, d, S);
    product(run, dQuestion, floats(d), dOfQuestion, floats(S), 4, selectorQuestion, 4, floats(S), B, S, d);
    products(run, dHistoryOperation, operations, dOfOperations, O, d, d);
    addTransposed(run, dOperations, dOfOperations, historyOperation, O, d, d);
    products(run, dHistoryColumn, run.columnVectors(), dOfColumns, C, d, d);
    addTransposed(run, dColumnVectors, dOfColumns, historyColumn, C, d, d);

    memory.fill(dStates, 0, floats(Q * B * d));
    for (let b = 0; b < B; b++) {
      const from = dQuestion + floats(b * d);
      addTo(dStates + floats(((Q - 1) * B + b) * d), from, own);
      const start = isTwoWay ? index(run.example(b), Field.Start, Q) : -1;
      if (start >= 0) addTo(dStates + floats((start * B + b) * d + own), from + floats(own), own);
    }
    if (learnable != 0) selectNumbersGradient(run, dStates, dOperations, dChoices);
    memory.fill(dWords, 0, floats(V * d));
    readQuestionsGradient(run, dWords, dForwardInput, dForwardRecurrent, dStates, dInputs, forwardInput, forwardRecurrent, false);
    if (isTwoWay)
      readQuestionsGradient(run, dWords, dBackwardInput, dBackwardRecurrent, dStates, dInputs, backwardInput, backwardRecurrent, true);
    addTo(dWords + floats(firstColumn * d), dColumnVectors, C * d);

    const choiceBytes = floats(B * (T * (O + C) + 2 * NUMBERS));
    dChoices += choiceBytes;
    choices += choiceBytes;
    tape += tapeBytes(run);
    words += floats(V * d);
    dWords += floats(V * d);
    forwardInput += floats(d * own);
    dForwardInput += floats(d * own);
    forwardRecurrent += floats(own * own);
    dForwardRecurrent += floats(own * own);
    if (isTwoWay) {
      backwardInput += floats(d * own);
      dBackwardInput += floats(d * own);
      backwardRecurrent += floats(own * own);
      dBackwardRecurrent += floats(own * own);
    }
    operations += floats(O * d);
    dOperations += floats(O * d);
    selectorQuestion += floats(d * S);
    dSelectorQuestion += floats(d * S);
    selectorHistory += floats(d * S);
    dSelectorHistory += floats(d * S);
    historyOperation += floats(d * d);
    dHistoryOperation += floats(d * d);
    historyColumn += floats(d * d);
    dHistoryColumn += floats(d * d);
    historyRecurrent += floats(d * d);
    dHistoryRecurrent += floats(d * d);
  }
}

function layOut(
  scratch: usize,
  workspace: usize,
  B: i32,
  T: i32,
  V: i32,
  d: i32,
  C: i32,
  Q: i32,
  firstColumn: i32,
  stride: i32,
  isTwoWay: bool,
): Run {
  const run = changetype<Run>(scratch);
  run.workspace = workspace;
  run.B = B;
  run.T = T;
  run.V = V;
  run.d = d;
  run.own = isTwoWay ? d / 2 : d;
  run.C = C;
  run.O = operationCount(0);
  run.Q = Q;
  run.S = C > 1 ? 2 * d : d;
  run.firstColumn = firstColumn;
  run.exampleBytes = floats(stride);
  run.spare = scratch + HEADER_BYTES;
  run.panel = run.spare + floats(spareFloats(B, V, d, C, run.O));
  run.rest = run.panel + floats(panelFloats(B, T, V, d, C, Q));
  return run;
}

function placeTape(run: Run, tape: usize): void {
  const size = floats(run.B * run.d);
  run.states = tape;
  run.question = tape + size * run.Q;
  run.hidden = run.question + size;
  run.history = run.hidden + floats(run.T * run.B * run.S);
  run.ofOperations = run.history + size * (run.T - 1);
  run.ofColumns = run.ofOperations + floats(run.O * run.d);
}

function tapeBytes(run: Run): usize {
  return floats(run.B * ((run.Q + run.T) * run.d + run.T * run.S) + (run.O + run.C) * run.d);
}

/** One direction of the question RNN. A word's vector is multiplied before it is looked up. */
function readQuestions(run: Run, input: usize, recurrent: usize, isBackward: bool): void {
  const own = run.own;
  const part: usize = isBackward ? floats(own) : 0;
  const inputs = run.rest;
  multiply(run, inputs, run.words, input, run.V, run.d, own);
  for (let i = 0; i < run.Q; i++) {
    const q = isBackward ? run.Q - 1 - i : i;
    const state = run.stateAt(q) + part;
    if (i > 0) {
      const before = run.stateAt(isBackward ? q + 1 : q - 1) + part;
      product(run, state, floats(run.d), before, floats(run.d), 4, recurrent, floats(own), 4, run.B, own, own);
    }
    for (let b = 0; b < run.B; b++) {
      const to = state + floats(b * run.d);
      if (i == 0) memory.fill(to, 0, floats(own));
      const word = run.word(b, q);
      if (word >= 0) addTo(to, inputs + floats(word * own), own);
      tanhOf(run.workspace, to, own);
    }
  }
}

/**
 * Gradients through `readQuestions`, of the parameters and, added to, of the words. What is carried from one word to the next, and
 * its gradient, are those of positions q and q + 1, where q is no padding.
 */
function readQuestionsGradient(
  run: Run,
  dWords: usize,
  dInput: usize,
  dRecurrent: usize,
  dStates: usize,
  dInputs: usize,
  input: usize,
  recurrent: usize,
  isBackward: bool,
): void {
  const own = run.own;
  const row = floats(run.d);
  const part: usize = isBackward ? floats(own) : 0;
  const step = floats(run.B * run.d);
  const allCarried = dInputs + floats(run.V * own);
  const allGradients = allCarried + floats((run.Q - 1) * run.B * own);
  memory.fill(dInputs, 0, floats(run.V * own));
  for (let i = run.Q - 1; i >= 0; i--) {
    const q = isBackward ? run.Q - 1 - i : i;
    const d = dStates + step * q + part;
    for (let b = 0; b < run.B; b++) {
      if (q < run.begin(b)) continue;
      slopeOfTanh(d + row * b, run.stateAt(q) + part + row * b, own, own, 1);
      const word = run.word(b, q);
      if (word >= 0) addTo(dInputs + floats(word * own), d + row * b, own);
    }
    if (i == 0) break;
    const first = isBackward ? q : q - 1;
    const before = isBackward ? q + 1 : q - 1;
    const place = floats(run.carriedUpTo(first) * own);
    const gradients = allGradients + place;
    const count = gather(run, gradients, d, first);
    gather(run, allCarried + place, run.stateAt(before) + part, first);
    product(run, run.spare, floats(own), gradients, floats(own), 4, recurrent, 4, floats(own), count, own, own);
    addToBegun(run, dStates + step * before + part, run.spare, first);
  }
  products(run, dRecurrent, allCarried, allGradients, run.carriedUpTo(run.Q - 1), own, own);
  products(run, dInput, run.words, dInputs, run.V, run.d, own);
  addTransposed(run, dWords, dInputs, input, run.V, own, run.d);
}

/** Copies the rows of questions that have begun at position q; returns how many. */
function gather(run: Run, to: usize, rows: usize, q: i32): i32 {
  let count = 0;
  for (let b = 0; b < run.B; b++) {
    if (q < run.begin(b)) continue;
    memory.copy(to + floats(count * run.own), rows + floats(b * run.d), floats(run.own));
    count += 1;
  }
  return count;
}

/** Adds to the same rows. */
function addToBegun(run: Run, rows: usize, from: usize, q: i32): void {
  for (let b = 0; b < run.B; b++) {
    if (q < run.begin(b)) continue;
    addTo(rows + floats(b * run.d), from, run.own);
    from += floats(run.own);
  }
}

/** Backwards the padding comes last, so that the final state is the one at the first word. */
function finalState(run: Run, b: i32): void {
  const own = run.own;
  const to = run.question + floats(b * run.d + own);
  const start = index(run.example(b), Field.Start, run.Q);
  if (start < 0) memory.fill(to, 0, floats(own));
  else memory.copy(to, run.stateAt(start) + floats(b * run.d + own), floats(own));
}

/** Step t's distributions over operations and columns; `run.rest` has what the question adds to the selector. */
function select(run: Run, t: i32, selectorHistory: usize): void {
  const B = run.B, d = run.d, S = run.S, C = run.C, O = run.O;
  const hidden = run.hidden + floats(t * B * S);
  if (t > 0) multiply(run, hidden, run.history + floats((t - 1) * B * d), selectorHistory, B, d, S);
  else memory.fill(hidden, 0, floats(B * S));
  addTo(hidden, run.rest, B * S);
  tanhOf(run.workspace, hidden, B * S);
  const operations = run.operationsAt(run.choices, t);
  product(run, operations, floats(O), hidden, floats(S), 4, run.operations, 4, floats(d), B, d, O);
  for (let b = 0; b < B; b++) shift(operations + floats(b * O), O, O);
  exponentials(run.workspace, operations, B * O);
  for (let b = 0; b < B; b++) normalise(operations + floats(b * O), O, O);
  const columns = run.columnsAt(run.choices, t);
  if (C == 1) {
    for (let b = 0; b < B; b++) store<f32>(columns + floats(b), 1);
    return;
  }
  product(run, columns, floats(C), hidden + floats(d), floats(S), 4, run.columnVectors(), 4, floats(d), B, d, C);
  for (let b = 0; b < B; b++) shift(columns + floats(b * C), run.ownColumns(b), C);
  exponentials(run.workspace, columns, B * C);
  for (let b = 0; b < B; b++) normalise(columns + floats(b * C), run.ownColumns(b), C);
}

/** The history after step t. */
function remember(run: Run, t: i32, historyRecurrent: usize): void {
  const B = run.B, d = run.d;
  const next = run.history + floats(t * B * d);
  multiply(run, next, run.operationsAt(run.choices, t), run.ofOperations, B, run.O, d);
  multiply(run, run.spare, run.columnsAt(run.choices, t), run.ofColumns, B, run.C, d);
  addTo(next, run.spare, B * d);
  if (t > 0) {
    multiply(run, run.spare, next - floats(B * d), historyRecurrent, B, d, d);
    addTo(next, run.spare, B * d);
  }
  tanhOf(run.workspace, next, B * d);
}

/** Distributions over the questions' numbers. */
function selectNumbers(run: Run): void {
  const B = run.B;
  const pivots = run.pivotsAt(run.choices, 0);
  for (let b = 0; b < B; b++) {
    for (let n = 0; n < NUMBERS; n++) {
      const left = index(run.example(b), Field.Lefts + n, run.Q);
      for (let q = 0; q < 2; q++) {
        const vector = run.operations + floats((Operation.Greater + q) * run.d);
        const score = left >= 0 ? dot(run.stateAt(left) + floats(b * run.d), vector, run.d) : 0;
        store<f32>(pivots + floats((b * 2 + q) * NUMBERS + n), score);
      }
    }
    for (let q = 0; q < 2; q++) shift(pivots + floats((b * 2 + q) * NUMBERS), run.ownNumbers(b), NUMBERS);
  }
  exponentials(run.workspace, pivots, B * 2 * NUMBERS);
  for (let b = 0; b < B; b++)
    for (let q = 0; q < 2; q++) normalise(pivots + floats((b * 2 + q) * NUMBERS), run.ownNumbers(b), NUMBERS);
}

function selectNumbersGradient(run: Run, dStates: usize, dOperations: usize, dChoices: usize): void {
  const d = run.d;
  for (let b = 0; b < run.B; b++) {
    const p = run.pivotsAt(run.choices, b);
    const dp = run.pivotsAt(dChoices, b);
    for (let q = 0; q < 2; q++) {
      const vector = floats((Operation.Greater + q) * d);
      let mean: f32 = 0;
      for (let n = 0; n < NUMBERS; n++) mean += entry(p, q * NUMBERS + n) * entry(dp, q * NUMBERS + n);
      for (let n = 0; n < NUMBERS; n++) {
        const left = index(run.example(b), Field.Lefts + n, run.Q);
        if (left < 0) continue;
        const score = entry(p, q * NUMBERS + n) * (entry(dp, q * NUMBERS + n) - mean);
        const place = floats((left * run.B + b) * d);
        addScaled(dStates + place, score, run.operations + vector, d);
        addScaled(dOperations + vector, score, run.states + place, d);
      }
    }
  }
}

/** Subtracts the largest of the first `own` scores from them, which makes them no more than 0; the others become 0, too. */
function shift(scores: usize, own: i32, count: i32): void {
  let largest = entry(scores, 0);
  for (let i = 1; i < own; i++) largest = entry(scores, i) > largest ? entry(scores, i) : largest;
  for (let i = 0; i < count; i++) store<f32>(scores + floats(i), i < own ? entry(scores, i) - largest : 0);
}

/** Powers to probabilities: the first `own`, the others are 0. */
function normalise(powers: usize, own: i32, count: i32): void {
  let sum: f32 = 0;
  for (let i = 0; i < own; i++) sum += entry(powers, i);
  for (let i = 0; i < count; i++) store<f32>(powers + floats(i), i < own ? entry(powers, i) / sum : 0);
}

/** Gradients of scores from those of their softmaxes, in place: p (dp - sum_j p_j dp_j). */
function softmaxGradient(d: usize, p: usize, rows: i32, count: i32): void {
  for (let r = 0; r < rows; r++) {
    let mean: f32 = 0;
    for (let i = 0; i < count; i++) mean += entry(p, i) * entry(d, i);
    for (let i = 0; i < count; i++) store<f32>(d + floats(i), entry(p, i) * (entry(d, i) - mean));
    p += floats(count);
    d += floats(count);
  }
}

function exponentials(workspace: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = x + floats(i);
    storeLanes(at, exponential(workspace, loadLanes(at, count - i)), count - i);
  }
}

function tanhOf(workspace: usize, x: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const at = x + floats(i);
    const value = loadLanes(at, count - i);
    const e = exponential(workspace, f32x4.mul(f32x4.abs(value), f32x4.splat(-2)));
    const y = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
    storeLanes(at, v128.bitselect(value, y, i32x4.splat(0x80000000)), count - i);
  }
}

/** d *= 1 - y^2, for rows of `count` numbers `stride` apart. */
function slopeOfTanh(d: usize, y: usize, count: i32, stride: i32, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < count; i += 4) {
      const at = floats(i);
      const value = loadLanes(y + at, count - i);
      const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(value, value));
      storeLanes(d + at, f32x4.mul(loadLanes(d + at, count - i), slope), count - i);
    }
    d += floats(stride);
    y += floats(stride);
  }
}

/** to += x */
function addTo(to: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    storeLanes(to + at, f32x4.add(loadLanes(to + at, count - i), loadLanes(x + at, count - i)), count - i);
  }
}

function product(
  run: Run,
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  m: i32,
  k: i32,
  n: i32,
): void {
  blockProduct(out, outRow, a, b, 0, run.panel, m, k, n, aRow, aColumn, bRow, bColumn, false);
}

/** out [m, n] = a [m, k] b [k, n] */
function multiply(run: Run, out: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  product(run, out, floats(n), a, floats(k), 4, b, floats(n), 4, m, k, n);
}

/** out [m, n] = a [k, m]^T b [k, n] */
function products(run: Run, out: usize, a: usize, b: usize, k: i32, m: i32, n: i32): void {
  product(run, out, floats(n), a, 4, floats(m), b, floats(n), 4, m, k, n);
}

/** out [m, n] += a [m, k] b [n, k]^T */
function addTransposed(run: Run, out: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  product(run, run.spare, floats(n), a, floats(k), 4, b, 4, floats(k), m, k, n);
  addTo(out, run.spare, m * n);
}
