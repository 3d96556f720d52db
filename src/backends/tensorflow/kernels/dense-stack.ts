import { type Calls, kernel, listed, type Value, type Values } from './calls.js';

/** Layers one after another in the least operations: a network of 20 layers is little else. */
export function registerDenseStack(): void {
  kernel('DenseStack', forwards);
  kernel('DenseStackGradient', backwards);
  kernel('ReluGradientPerReplica', (calls, { dy, y }) => {
    const dz = reluGradient(calls, dy, y);
    return [dz, calls.sum(dz, [1])];
  });
}

function forwards(calls: Calls, inputs: Values<'DenseStack'>): Value[] {
  const biases = asRows(calls, listed(inputs, 'b'));
  const activities: Value[] = [];
  for (const [l, w] of listed(inputs, 'w').entries()) {
    const z = calls.add(calls.matMul(activities[l - 1] ?? inputs.x!, w), biases[l]!);
    activities.push(l < biases.length - 1 ? calls.call('Relu', [z]) : z);
  }
  return activities;
}

/** Biases [R, O] as [R, 1, O], which broadcast against a batch: all of them in three operations. */
function asRows(calls: Calls, biases: readonly Value[]): Value[] {
  const side = calls.concat(biases, 1);
  const [R, width] = side.shape as [number, number];
  const sizes = biases.map(({ shape }) => shape[1]!);
  return calls.split(calls.reshape(side, [R, 1, width]), sizes, 2);
}

function backwards(calls: Calls, inputs: Values<'DenseStackGradient'>): Value[] {
  const weights = listed(inputs, 'w');
  const taken = [inputs.x!, ...listed(inputs, 'y')];
  const gradients: Value[] = [];
  let dz = inputs.dy!;
  for (let l = weights.length - 1; l >= 0; l--) {
    gradients.unshift(calls.matMul(taken[l]!, dz, true), calls.sum(dz, [1]));
    if (l > 0) {
      // Freed as they are taken: together they are as large as all activities.
      const dx = calls.matMul(dz, weights[l]!, false, true);
      calls.free(dz);
      dz = reluGradient(calls, dx, taken[l]!);
      calls.free(dx);
    }
  }
  return gradients;
}

/** `dy` where `y` > 0 and else 0. */
function reluGradient(calls: Calls, dy: Value, y: Value): Value {
  return calls.call('ReluGrad', [dy, y]);
}
