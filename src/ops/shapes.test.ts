import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('layer', { x: 'R|1 B I', w: 'R I O' });
const gates = shapeCheck('cell', { gates: '... 4U', cell: '... U' });

describe('shapes written in letters', () => {
  it.each([
    [
      [3, 5, 2],
      [3, 2, 7],
    ],
    [
      [1, 5, 2],
      [3, 2, 7],
    ],
    [
      [3, 0, 2],
      [3, 2, 0],
    ],
  ])('allow what agrees: %j and %j', (x, w) => {
    expect(() => check({ x: tf.zeros(x), w: tf.zeros(w) })).not.toThrow();
  });

  it.each([
    [[2, 5, 2], [3, 2, 7], 'another number of replicas'],
    [[3, 5, 4], [3, 2, 7], 'another inner size'],
    [[5, 2], [3, 2, 7], 'an axis too few'],
    [[3, 5, 2, 1], [3, 2, 7], 'an axis too many'],
    [[3, 5, 2], [1, 2, 7], 'one where only the other may be shared'],
  ])('refuse %j and %j: %s', (x, w, _) => {
    expect(() => check({ x: tf.zeros(x), w: tf.zeros(w) })).toThrow(RangeError);
  });

  it('say what is needed and what was given', () => {
    expect(() => check({ x: tf.zeros([3, 5, 4]), w: tf.zeros([3, 2, 7], 'int32') })).toThrow(
      'layer needs x [R|1, B, I], w [R, I, O]; it got x [3, 5, 4], w int32 [3, 2, 7].',
    );
  });

  it('count multiples of a size, behind any axes that agree', () => {
    const run = (a: number[], b: number[]) => () => gates({ gates: tf.zeros(a), cell: tf.zeros(b) });
    expect(run([2, 3, 20], [2, 3, 5])).not.toThrow();
    expect(run([20], [5])).not.toThrow();
    expect(run([2, 3, 20], [3, 2, 5])).toThrow('cell needs gates [..., 4U], cell [..., U]');
    expect(run([2, 3, 20], [6, 5])).toThrow(RangeError);
    expect(run([2, 3, 20], [2, 3, 4])).toThrow(RangeError);
  });

  it('take numbers as they stand, axes behind a name, and the type that is asked for', () => {
    const seeds = shapeCheck('noise', { x: 'R ...', seeds: 'int32 R 2' });
    const x = tf.zeros([3, 1, 4]);
    expect(() => seeds({ x, seeds: tf.zeros([3, 2], 'int32') })).not.toThrow();
    expect(() => seeds({ x, seeds: tf.zeros([3, 3], 'int32') })).toThrow(RangeError);
    expect(() => seeds({ x, seeds: tf.zeros([4, 2], 'int32') })).toThrow(RangeError);
    expect(() => seeds({ x, seeds: tf.zeros([3, 2]) })).toThrow(
      'noise needs x [R, ...], seeds int32 [R, 2]; it got x [3, 1, 4], seeds [3, 2].',
    );
    expect(() => seeds({ x: tf.zeros([]), seeds: tf.zeros([3, 2], 'int32') })).toThrow(RangeError);
    expect(() => seeds({ x: tf.zeros([3], 'bool'), seeds: tf.zeros([3, 2], 'int32') })).toThrow(RangeError);
  });

  it('hold sizes that are known beforehand', () => {
    const logits = shapeCheck('step', { logits: 'N K' });
    expect(() => logits({ logits: tf.zeros([2, 6]) }, { K: 6 })).not.toThrow();
    expect(() => logits({ logits: tf.zeros([2, 5]) }, { K: 6 })).toThrow(
      'step needs logits [N, K], where K = 6; it got logits [2, 5].',
    );
  });
});
