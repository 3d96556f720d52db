import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { disposeTree, mapTree, mergeTrees, tensorsByPath, tensorsOf } from './tensor-tree.js';

const make = () => ({
  a: { 'w/kernel': tf.scalar(1), count: 7 },
  list: [tf.scalar(2), { b: tf.scalar(3) }],
  none: {},
});

describe('a tree of tensors', () => {
  it('lists its tensors by their paths', () => {
    const tree = make();
    const found = [...tensorsByPath(tree)].map(([path, tensor]) => [path, tensor.dataSync()[0]]);
    expect(found).toEqual([
      ['a/w/kernel', 1],
      ['list/0', 2],
      ['list/1/b', 3],
    ]);
    expect(tensorsOf(tree)).toEqual([...tensorsByPath(tree).values()]);
  });

  it('is mapped to a tree of the same form, numbers of the host untouched', () => {
    const paths: string[] = [];
    const mapped = mapTree(make(), (tensor, path) => {
      paths.push(path);
      return tf.mul(tensor, 10);
    });
    expect(paths).toEqual(['a/w/kernel', 'list/0', 'list/1/b']);
    expect(mapped.a.count).toBe(7);
    expect(mapped.none).toEqual({});
    expect(mapped.list[0]).toBeInstanceOf(tf.Tensor);
    expect(tensorsOf(mapped).map((tensor) => tensor.dataSync()[0])).toEqual([10, 20, 30]);
  });

  it('keeps what it has when another is merged in, and takes over what it lacks', () => {
    const [old, fresh] = [
      { x: { a: 1 }, y: tf.scalar(1) },
      { x: { a: 2, b: 2 }, y: tf.scalar(2), z: 2 },
    ];
    expect(mergeTrees<object>(old, fresh)).toEqual({ x: { a: 1, b: 2 }, y: old.y, z: 2 });
    expect(mergeTrees<object>({}, fresh)).toEqual(fresh);
  });

  it('keeps its own order when another is merged in: what comes later is last', () => {
    expect(Object.keys(mergeTrees<object>({ b: 1, a: 2 }, { c: 3, a: 4 }))).toEqual(['b', 'a', 'c']);
  });

  it('frees its tensors but those that another tree holds too', () => {
    const tree = make();
    const kept = { elsewhere: tree.list[0]! };
    disposeTree(tree, kept);
    expect(tensorsOf(tree).map(({ isDisposed }) => isDisposed)).toEqual([true, false, true]);
    disposeTree(kept);
    expect(tensorsOf(tree).every(({ isDisposed }) => isDisposed)).toBe(true);
  });
});
