import { type Calls, kernel, type Value, type Values } from './calls.js';

/** The unit of the Neural GPU, of which a training step has two for every position; src/ops/convolutional-gru.ts explains it. */
export function registerBandedGru(): void {
  kernel('BandedGru', forwards);
  kernel('BandedGruGradient', backwards);
}

/** Positions that meet in a kernel. */
const TAPS = 3;
/** Gates are min(1, max(0, 1.2 sigmoid - 0.1)). */
const CUT_SCALE = 1.2;
const CUT_SHIFT = 0.1;

// Images are [R, n, B, C]; products take their rows, [R, n B, C].

function forwards(calls: Calls, inputs: Values<'BandedGru'>): Value[] {
  const { state, gates, gateBias, candidate, candidateBias, hold } = inputs;
  const [R, n] = state.shape as Shape;
  const one = calls.scalar(1);
  const sigmoid = calls.call('Sigmoid', [affine(calls, state, gates, gateBias)]);
  const gate = calls.sub(calls.mul(sigmoid, calls.scalar(CUT_SCALE)), calls.scalar(CUT_SHIFT));
  const opened = calls.call('Minimum', [
    calls.call('Maximum', [image(calls, gate, state), calls.reshape(hold, [R, n, 1, 1])]),
    one,
  ]);
  const [u, r] = separate(calls, opened);
  const reset = calls.mul(r, state);
  const proposal = image(calls, calls.call('Tanh', [affine(calls, reset, candidate, candidateBias)]), state);
  // Where u is 1 this is the state to the bit.
  const next = calls.add(calls.mul(u, state), calls.mul(calls.sub(one, u), proposal));
  return [next, opened, proposal];
}

function backwards(calls: Calls, inputs: Values<'BandedGruGradient'>): Value[] {
  const { dy, state, gates, candidate, opened, proposal } = inputs;
  const [u, r] = separate(calls, opened);
  const towards = calls.mul(dy, calls.sub(calls.scalar(1), u));
  const dCandidate = rows(calls, calls.call('TanhGrad', [proposal, towards]));
  const dReset = patchesTransposed(calls, calls.matMul(dCandidate, candidate, false, true), state);
  const dOpened = [calls.mul(dy, calls.sub(state, proposal)), calls.mul(dReset, state)];
  const dGates = rows(calls, throughCut(calls, calls.concat(dOpened, 3), opened));
  const dStates = [
    calls.mul(dy, u),
    calls.mul(dReset, r),
    patchesTransposed(calls, calls.matMul(dGates, gates, false, true), state),
  ];
  return [
    calls.sumOf(dStates),
    calls.matMul(patches(calls, state), dGates, true),
    calls.sum(dGates, [1], true),
    calls.matMul(patches(calls, calls.mul(r, state)), dCandidate, true),
    calls.sum(dCandidate, [1], true),
  ];
}

type Shape = [R: number, n: number, B: number, C: number];

/** Patches of an image times a matrix plus a bias, in rows. */
function affine(calls: Calls, x: Value, matrix: Value, bias: Value): Value {
  return calls.add(calls.matMul(patches(calls, x), matrix), bias);
}

/** Every position beside its neighbours, [R, n B, 3 C]; zeros beyond the ends. */
function patches(calls: Calls, x: Value): Value {
  const ones = [1, 1, 1, 1];
  return rows(
    calls,
    calls.call(
      'ExtractImagePatches',
      [x],
      [
        calls.integer('ksizes', [1, TAPS, 1, 1]),
        calls.integer('strides', ones),
        calls.integer('rates', ones),
        calls.text('padding', 'SAME'),
      ],
    ),
  );
}

/** The transpose of `patches` as a linear map, for `dy` [R, n B, 3 C]: an image like `x`. */
function patchesTransposed(calls: Calls, dy: Value, x: Value): Value {
  const [R, n, B, C] = x.shape as Shape;
  return calls.tidy(() => {
    const parts = calls.split(image(calls, dy, x), new Array<number>(TAPS).fill(C), 3);
    const spread = parts.map((part, tap) =>
      calls.pad(part, [
        [0, 0],
        [tap, TAPS - 1 - tap],
        [0, 0],
        [0, 0],
      ]),
    );
    return calls.slice(calls.sumOf(spread), [0, 1, 0, 0], [R, n, B, C]);
  });
}

/** The gradient of what a gate is made of, for that of the gate, `dy`: 0 where it is cut off or held. */
function throughCut(calls: Calls, dy: Value, gate: Value): Value {
  const sigmoid = calls.mul(calls.add(gate, calls.scalar(CUT_SHIFT)), calls.scalar(1 / CUT_SCALE));
  const above = calls.call('ReluGrad', [dy, gate]);
  const inside = calls.call('ReluGrad', [above, calls.sub(calls.scalar(1), gate)]);
  return calls.mul(calls.call('SigmoidGrad', [sigmoid, inside]), calls.scalar(CUT_SCALE));
}

/** Update and reset gate, which lie side by side. */
function separate(calls: Calls, opened: Value): [u: Value, r: Value] {
  const C = opened.shape[3]! / 2;
  return calls.split(opened, [C, C], 3) as [Value, Value];
}

/** Rows as an image like `x`. */
function image(calls: Calls, x: Value, { shape: [R, n, B] }: Value): Value {
  return calls.reshape(x, [R!, n!, B!, x.shape.at(-1)!]);
}

/** The rows of an image. */
function rows(calls: Calls, x: Value): Value {
  const [R, n, B, C] = x.shape as Shape;
  return calls.reshape(x, [R, n * B, C]);
}
