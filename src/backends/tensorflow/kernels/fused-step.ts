import * as tf from '@tensorflow/tfjs';
import { type Calls, kernel, listed, type Value } from './calls.js';
import { normals } from './random.js';
import { SideBySide } from './side-by-side.js';

/** What a step does to all parameters, on one tensor with all of them: [R, P]. */
export function registerFusedSteps(): void {
  kernel('SquaredNormPerReplica', (calls, { x }) => [calls.stack(sumsOfSquares(calls, x))]);
  kernel('SquaredNormsOfAll', (calls, inputs, { each }) => {
    const tensors = Object.values(inputs);
    const groups = each ? tensors : [sideBySide(tensors).join(calls, tensors)];
    const sums = calls.stack(groups.flatMap((group) => sumsOfSquares(calls, group)));
    return [calls.reshape(sums, [groups.length, 2, sums.shape[1]!])];
  });
  kernel('NoisyDescent', (calls, inputs, { starts }) => {
    const parameters = listed(inputs, 'p');
    const all = sideBySide(parameters);
    const moved = calls.tidy(() => {
      const rates = factorsOf(calls, inputs.rates!);
      const moves = calls.mul(prepared(calls, all, inputs, starts), rates);
      return calls.add(all.join(calls, parameters), withFactors(calls, moves, inputs));
    });
    return all.part(calls, moved);
  });
  kernel('NoisyAdam', (calls, inputs, { starts }) => {
    const parameters = listed(inputs, 'p');
    const all = sideBySide(parameters);
    const next = calls.tidy(() => adam(calls, all, inputs, starts));
    const [moved, means, squares] = next.map((tensor) => all.part(calls, tensor));
    return parameters.flatMap((_, i) => [moved![i]!, means![i]!, squares![i]!]);
  });
}

type Inputs = { readonly [name: string]: Value };

const sideBySide = (tensors: readonly Value[]) => new SideBySide(tensors.map(({ shape }) => shape));

/** What squares are scaled with, see squaredNorm: float32 holds the square of the largest number then. */
const DOWN = 2 ** -64;

/** Of `x` [R, ...], and of 2^-64 x, [R] each. */
function sumsOfSquares(calls: Calls, x: Value): Value[] {
  const axes = x.shape.map((_, axis) => axis).slice(1);
  const sumOf = (own: Value) => calls.sum(calls.square(own), axes);
  return [calls.tidy(() => sumOf(x)), calls.tidy(() => sumOf(calls.mul(x, calls.scalar(DOWN))))];
}

/** Parameters, means and squares after the step, [R, P] each. */
function adam(calls: Calls, all: SideBySide, inputs: Inputs, starts: readonly number[]): Value[] {
  const [R] = inputs.p0!.shape as [number];
  const numbers = calls.unstack(calls.reshape(inputs.numbers!, [7, R, 1]));
  const [beta1, rest1, beta2, rest2, correction, step, epsilon] = numbers as Seven;
  const gradient = prepared(calls, all, inputs, starts);
  const mix = (name: string, old: Value, value: Value, rest: Value) =>
    calls.add(calls.mul(all.join(calls, listed(inputs, name)), old), calls.mul(value, rest));
  const mean = calls.tidy(() => mix('mean', beta1, gradient, rest1));
  const square = calls.tidy(() => mix('square', beta2, calls.square(gradient), rest2));
  const moved = calls.tidy(() => {
    const root = calls.sqrt(calls.div(square, correction));
    const moves = calls.div(calls.mul(mean, step), calls.add(root, epsilon));
    return calls.add(all.join(calls, listed(inputs, 'p')), withFactors(calls, moves, inputs));
  });
  return [moved, mean, square];
}

type Seven = [Value, Value, Value, Value, Value, Value, Value];

/** Gradients, clipped and with noise, [R, P]. */
function prepared(calls: Calls, all: SideBySide, inputs: Inputs, starts: readonly number[]): Value {
  const { scales, seeds, deviations } = inputs;
  const gradients = listed(inputs, 'g');
  return calls.tidy(() => {
    const clipped = scales ? scaled(calls, all, gradients, scales) : all.join(calls, gradients);
    if (!seeds) return clipped;
    const deviation = factorsOf(calls, deviations!);
    const noise = calls.mul(drawn(calls, all, seeds, sizesOf(gradients), starts), deviation);
    const isNoisy = calls.call('Greater', [deviation, calls.scalar(0)]);
    // Adding 0 would turn -0 into 0: without noise a gradient stays as it is to the bit.
    return calls.where(isNoisy, calls.add(clipped, noise), clipped);
  });
}

/** @param scales [1, R], or a row for each tensor. */
function scaled(calls: Calls, all: SideBySide, tensors: readonly Value[], scales: Value): Value {
  const [rows, R] = scales.shape as [number, number];
  if (rows === 1) return calls.mul(all.join(calls, tensors), calls.reshape(scales, [R, 1]));
  const own = calls.unstack(scales);
  const ones = ({ shape }: Value) => new Array<number>(shape.length - 1).fill(1);
  return all.join(
    calls,
    tensors.map((x, i) => calls.mul(x, calls.reshape(own[i]!, [R, ...ones(x)]))),
  );
}

/** Every tensor's part of its replica's stream, in the order in which tensors lie: [R, P]. */
function drawn(
  calls: Calls,
  all: SideBySide,
  seeds: Value,
  sizes: readonly number[],
  starts: readonly number[],
): Value {
  const places = sizes.map((_, i) => i).sort((a, b) => starts[a]! - starts[b]!);
  const last = places.at(-1)!;
  const stream = normals(calls, seeds, starts[last]! + sizes[last]!);
  // Between two tensors' parts there can be numbers that none of them takes.
  const pieces: { readonly size: number; readonly tensor?: number }[] = [];
  let at = 0;
  for (const tensor of places) {
    if (starts[tensor]! > at) pieces.push({ size: starts[tensor]! - at });
    pieces.push({ size: sizes[tensor]!, tensor });
    at = starts[tensor]! + sizes[tensor]!;
  }
  const cut = calls.split(
    stream,
    pieces.map(({ size }) => size),
    1,
  );
  const own = new Map(pieces.map(({ tensor }, i) => [tensor, cut[i]!]));
  return calls.concat(
    all.order.map((tensor) => own.get(tensor)!),
    1,
  );
}

/** Numbers of each replica. */
function sizesOf(tensors: readonly Value[]): number[] {
  return tensors.map(({ shape }) => tf.util.sizeFromShape(shape.slice(1)));
}

function withFactors(calls: Calls, moves: Value, { factors }: Inputs): Value {
  return factors ? calls.mul(moves, factorsOf(calls, factors)) : moves;
}

/** [R] as [R, 1]. */
function factorsOf(calls: Calls, numbers: Value): Value {
  return calls.reshape(numbers, [numbers.shape[0]!, 1]);
}
