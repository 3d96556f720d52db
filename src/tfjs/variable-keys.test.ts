import { describe, expect, it } from 'vitest';
import { VariableKeys } from './variable-keys.js';

const named = (...names: string[]) => names.map((name) => ({ name, shape: [2] }));
const keysOf = (keys: VariableKeys, ...names: string[]) => names.map((name) => keys.of(name));

describe('the keys of variables', () => {
  it('are their names, and never whole numbers, which records put first', () => {
    const keys = new VariableKeys();
    keys.add(named('dense/kernel', '12'));
    expect(keysOf(keys, 'dense/kernel', '12')).toEqual(['dense/kernel', 'variable 12']);
    expect(keys.nameOf('variable 12')).toBe('12');
    expect(keys.nameOf('dense/bias')).toBeUndefined();
  });

  it('in a loaded state are those of the same names, whatever the order', () => {
    const keys = new VariableKeys(named('a', 'b', 'variable 3'));
    keys.add(named('3', 'b', 'a'));
    expect(keysOf(keys, 'a', 'b', '3')).toEqual(['a', 'b', 'variable 3']);
  });

  it.each([
    ['a number that TensorFlow.js has added', ['k', 'b'], ['b_1', 'k_1'], ['b', 'k']],
    ['a number that is gone', ['k_2', 'b_2'], ['k', 'b'], ['k_2', 'b_2']],
    ['numbers alone', ['variable 4', 'variable 5'], ['17', '18'], ['variable 4', 'variable 5']],
  ])('and else of those that are alike but for %s', (_what, loaded, names, expected) => {
    const keys = new VariableKeys(named(...loaded));
    keys.add(named(...names));
    expect(keysOf(keys, ...names)).toEqual(expected);
  });

  it('and else one by one, if what is left of both is of equal shapes', () => {
    const keys = new VariableKeys(named('dense_Dense1/kernel', 'dense_Dense1/bias'));
    keys.add(named('dense_Dense7/kernel', 'dense_Dense7/bias'));
    expect(keysOf(keys, 'dense_Dense7/kernel', 'dense_Dense7/bias')).toEqual([
      'dense_Dense1/kernel',
      'dense_Dense1/bias',
    ]);
    const other = new VariableKeys(named('dense_Dense1/kernel', 'dense_Dense1/bias'));
    other.add(named('dense_Dense7/kernel'));
    expect(other.of('dense_Dense7/kernel')).toBe('dense_Dense7/kernel');
  });

  it('are not those of a variable of another shape', () => {
    const keys = new VariableKeys([{ name: 'k', shape: [3] }]);
    keys.add(named('k'));
    expect(keys.of('k')).toBe("k'");
  });

  it('stay when others join', () => {
    const keys = new VariableKeys(named('a', 'b'));
    keys.add(named('a_1'));
    keys.add(named('a_1', 'a', 'b'));
    expect(keysOf(keys, 'a_1', 'a', 'b')).toEqual(['a', "a'", 'b']);
  });
});
