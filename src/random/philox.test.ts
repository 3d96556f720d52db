import { describe, expect, it } from 'vitest';
import { generateKey, normals, philox, uniforms, words } from './philox.js';
import { hexFloats, hexWords, largestUlps, TENSORFLOW_VECTORS } from './vectors.test-helper.js';

describe('Philox4x32', () => {
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the known answer of Random123 for counter %s', (counter, key, answer) => {
    expect(philox(hexWords(counter), hexWords(key))).toEqual(hexWords(answer));
  });

  it('gives another known answer after seven rounds', () => {
    expect(philox([0, 0, 0, 0], [0, 0], 7)).toEqual(hexWords('5f6fb709 0d893f64 4f121f81 4f730a48'));
  });
});

describe.each(TENSORFLOW_VECTORS)('the stream of seed $seed', (vector) => {
  it('has the key and counter TensorFlow generates', () => {
    expect(generateKey(vector.seed)).toEqual(hexWords(vector.key));
  });

  it("has TensorFlow's words", () => {
    expect(words(vector.seed, 8)).toEqual(hexWords(vector.words));
  });

  it("has TensorFlow's normals within 4 units in the last place", () => {
    expect(largestUlps(normals(vector.seed, 10), hexFloats(vector.normals))).toBeLessThanOrEqual(4);
  });
});

it("draws TensorFlow's uniforms exactly", () => {
  expect(uniforms([0, 0], 5)).toEqual(
    Float32Array.of(0.21101546, 0.70601, 0.8000634, 0.77079225, 0.38858867),
  );
  expect(uniforms([1, 2], 5)).toEqual(
    Float32Array.of(0.8440604, 0.19204533, 0.9962232, 0.1603874, 0.27199018),
  );
});

it('extends a shorter draw and starts at any block', () => {
  const long = normals([3, 4], 41);
  expect(normals([3, 4], 7)).toEqual(long.subarray(0, 7));
  expect(normals([3, 4], 9, 8)).toEqual(long.subarray(32));
  expect(words([3, 4], 5, 2)).toEqual(words([3, 4], 13).subarray(8));
});

it('draws normals of mean 0 and variance 1', () => {
  const count = 200_000;
  const sample = normals([7, 0], count);
  const mean = sample.reduce((sum, x) => sum + x, 0) / count;
  const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
});
