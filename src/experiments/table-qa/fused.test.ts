import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useWasm } from '../../kernels/wasm/use-wasm.test-helper.js';
import { encodeExamples, type Sizes, sizesOf } from './encoding.js';
import { type SomeSettings, settings } from './example.test-helper.js';
import { fusedLoss, fusedSelect, hasFusedNetwork, packSelections } from './fused.js';
import { meanLoss } from './loss.js';
import { runMachine } from './machine.js';
import { initialise, parametersOf, select } from './network.js';
import { Packing } from './packing.js';
import { TrainingExamples } from './questions.js';

useWasm();

const worlds: [string, SomeSettings][] = [
  ['a single column', {}],
  ['many rows and units', { data: { rows: { least: 30, most: 100, test: 100 } }, model: { units: 37 } }],
  ['learnable pivots', { model: { pivots: 'learnable' } }],
  ['three columns, read in both directions', { data: { numericColumns: 3 }, model: { bidirectional: true } }],
  [
    'five columns, synonyms and learnable pivots in both directions, six steps',
    {
      data: { numericColumns: 5, wordVariability: true },
      model: { bidirectional: true, pivots: 'learnable', steps: 6 },
    },
  ],
  ['text columns', { data: { numericColumns: 2, textColumns: 2, wordVariability: true } }],
  ['a text column and learnable pivots', { data: { textColumns: 1 }, model: { pivots: 'learnable' } }],
];

describe.each(worlds)('the kernels for %s', (_, world) => {
  const own = settings(world);
  const { model } = own;
  const sizes = sizesOf(own.data);
  const source = new TrainingExamples(own.data);
  const drawn = [0, 1].map((seed) => Array.from({ length: 12 }, (_, index) => source.draw(seed, index)));
  // The lists are packed the other way round.
  const packed = (own: Sizes) => ({
    examples: new Packing(own).pack(2, 12, (r, b) => drawn[1 - r]![b]!),
    lists: tf.tensor1d([1, 0], 'int32'),
  });
  const inputs = () => ({ delta: tf.tensor1d([10, 3]), lambda: tf.tensor1d([25, 4]) });
  const start = () =>
    initialise(
      parametersOf(model, sizes),
      [3, 4].map((seed) => ({ seed, ...model })),
    );

  /** Losses of two replicas, and the gradients of their weighted sum. */
  function outcome(lossOf: (parameters: tf.Tensor[]) => tf.Tensor1D) {
    const weighted = (...p: tf.Tensor[]) => tf.sum(tf.mul(lossOf(p), [1, 0.5])) as tf.Scalar;
    const losses = lossOf(start()).dataSync();
    return {
      losses,
      gradients: tf
        .grads(weighted)(start())
        .map((gradient) => gradient.dataSync()),
    };
  }

  it('agree with ops on the cpu backend, in losses and all gradients', async () => {
    const fused = outcome((parameters) => {
      const batch = packed(sizes);
      const choices = hasFusedNetwork(sizes, false)
        ? fusedSelect(model, sizes, parameters, batch)
        : packSelections(select(model, sizes, parameters, encodeExamples(drawn, sizes)));
      return fusedLoss(model, sizes, { choices, ...batch, ...inputs() });
    });
    await tf.setBackend('cpu');
    const composed = outcome((parameters) => {
      const encoded = encodeExamples(drawn, sizes);
      const output = runMachine(select(model, sizes, parameters, encoded), encoded, model.pivots);
      const { delta, lambda } = inputs();
      return meanLoss(output, encoded, delta, lambda);
    });
    expect(furthest(fused.losses, composed.losses)).toBeLessThan(1e-5);
    for (const [i, { name }] of parametersOf(model, sizes).entries())
      expect(furthest(fused.gradients[i]!, composed.gradients[i]!), name).toBeLessThan(1e-4);
  });

  it('refuse examples of another size', () => {
    const batch = packed({ ...sizes, rows: sizes.rows + 1 });
    expect(() => fusedSelect(model, sizes, start(), batch)).toThrow(RangeError);
    const choices = packSelections(select(model, sizes, start(), encodeExamples(drawn, sizes)));
    expect(() => fusedLoss(model, sizes, { choices, ...batch, ...inputs() })).toThrow(RangeError);
  });
});

/** The largest difference, relative to the largest number. */
function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  expect(x.every(Number.isFinite)).toBe(true);
  const size = Math.max(...y.map(Math.abs));
  expect(size).toBeGreaterThan(0);
  return Math.max(...x.map((value, i) => Math.abs(value - y[i]!))) / size;
}
