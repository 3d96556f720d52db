import { type Calls, kernel, type Value, type Values } from './calls.js';

/** Embeddings and hops of memory networks; src/ops says what they compute. Sentences embedded are made again on the way back. */
export function registerMemoryNetwork(): void {
  kernel('EmbedBagsPerReplica', (calls, { table, ids, weights }) => [embed(calls, table, ids, weights)]);
  kernel('EmbedBagsGradientPerReplica', (calls, { table, ids, weights, dy }) => [
    tableGradient(calls, dy, { table, rows: rowsOf(calls, table, ids), weights }),
  ]);
  kernel('MemoryHopPerReplica', (calls, inputs) => {
    const { query, output, ids, weights } = inputs;
    const asked = asRow(calls, query);
    const scores = calls.matMul(asked, embed(calls, inputs.input, ids, weights), false, true);
    const attention = calls.where(isLinear(calls, inputs), scores, calls.softmax(scores));
    const answer = calls.matMul(attention, embed(calls, output, ids, weights));
    const [R, B, , sentences] = scores.shape as [number, number, number, number];
    return [
      calls.reshape(calls.add(asked, answer), query.shape),
      calls.reshape(attention, [R, B, sentences]),
    ];
  });
  kernel('MemoryHopGradientPerReplica', hopGradient);
}

function hopGradient(calls: Calls, inputs: Values<'MemoryHopGradientPerReplica'>): Value[] {
  const { query, input, output, ids, weights } = inputs;
  const [asked, attention, dNext] = [query, inputs.attention, inputs.dy].map((x) => asRow(calls, x)) as Three;
  const dAttention = calls.matMul(dNext, embed(calls, output, ids, weights), false, true);
  const mean = calls.sum(calls.mul(dAttention, attention), [3], true);
  const dSoftmax = calls.mul(attention, calls.sub(dAttention, mean));
  const dScores = calls.where(isLinear(calls, inputs), dAttention, dSoftmax);
  const dAsked = calls.add(dNext, calls.matMul(dScores, embed(calls, input, ids, weights)));
  const rows = rowsOf(calls, input, ids);
  return [
    calls.reshape(dAsked, query.shape),
    tableGradient(calls, calls.matMul(dScores, asked, true), { table: input, rows, weights }),
    tableGradient(calls, calls.matMul(attention, dNext, true), { table: output, rows, weights }),
  ];
}

type Three = [Value, Value, Value];

/** [R, B, n] as [R, B, 1, n]. */
function asRow(calls: Calls, x: Value): Value {
  const [R, B, n] = x.shape as [number, number, number];
  return calls.reshape(x, [R, B, 1, n]);
}

/** For every replica, [R, 1, 1, 1]. */
function isLinear(calls: Calls, { linear }: { readonly linear: Value }): Value {
  return calls.call('NotEqual', [calls.reshape(linear, [linear.shape[0]!, 1, 1, 1]), calls.scalar(0)]);
}

/** Embeddings [R, ..., width] of `ids` [R or 1, ..., slots] in `table` [R, words, width]. */
function embed(calls: Calls, table: Value, ids: Value, weights: Value): Value {
  const [shared, ...bags] = ids.shape as [number, ...number[]];
  const isShared = shared < table.shape[0]!;
  return calls.tidy(() => {
    const found = calls.gather(table, isShared ? calls.reshape(ids, bags) : ids, 1, isShared ? 0 : 1);
    return calls.sum(calls.mul(found, weights), [ids.shape.length - 1]);
  });
}

/** `ids` as rows of all replicas' tables one after another, [R, ..., slots]. */
function rowsOf(calls: Calls, table: Value, ids: Value): Value {
  const [R, words] = table.shape as [number, number];
  const starts = calls.integers(Array.from({ length: R }, (_, r) => r * words));
  return calls.add(ids, calls.reshape(starts, [R, ...ids.shape.slice(1).map(() => 1)]));
}

/** The gradient of `embed` with respect to the table, for that of its result, `dy` [R, ..., width]. */
function tableGradient(
  calls: Calls,
  dy: Value,
  { table, rows, weights }: { readonly table: Value; readonly rows: Value; readonly weights: Value },
): Value {
  const [R, words, width] = table.shape as [number, number, number];
  return calls.tidy(() => {
    const bags = calls.reshape(dy, [...rows.shape.slice(0, -1), 1, width]);
    const sums = calls.call('UnsortedSegmentSum', [
      calls.mul(bags, weights),
      rows,
      calls.integers(R * words),
    ]);
    return calls.reshape(sums, [R, words, width]);
  });
}
