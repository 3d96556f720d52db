import { describe, expect, it } from 'vitest';
import type { Binding } from '../binding.js';
import { Constants } from '../constants.js';
import { functionDefinition } from './function-definition.js';
import type { Operation } from './operations.js';
import { Trace } from './trace.js';

const types = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
};

const place = (name: string, count?: string) => ({ name, type: 'T', count });

const operations = new Map<string, Operation>(
  [
    { name: 'Neg', inputs: [place('x')], outputs: [place('y')], defaults: new Map() },
    { name: 'Two', inputs: [place('a', 'N'), place('b', 'M')], outputs: [place('y')], defaults: new Map() },
  ].map((operation) => [operation.name, operation]),
);

/** Of a program that calls one operation on two tensors from outside. */
function definition(operation: string, attributes: { name: string; type: number; value: number }[] = []) {
  const trace = new Trace(new Constants({} as Binding));
  trace.argument(1, {}, 1);
  trace.argument(2, {}, 1);
  trace.operation(operation, attributes, [1, 2], [{ id: 3, shape: [], dtype: 1 }]);
  return () => functionDefinition('f', trace, [trace.find(3)!], operations, types);
}

describe('a function definition', () => {
  it.each([
    ['an operation that TensorFlow does not have', definition('Nope'), /no operation Nope/],
    ['more tensors than an operation takes', definition('Neg'), /Neg is given 2 tensors/],
    ['two lists of unknown lengths', definition('Two'), /several lists/],
    [
      'an attribute of a kind unknown here',
      definition('Neg', [{ name: 'k', type: 9, value: 1 }]),
      /such as k/,
    ],
  ])('refuses %s', (_, make, words) => {
    expect(make).toThrow(words);
  });

  it('takes lists whose lengths are given', () => {
    const lengths = ['N', 'M'].map((name) => ({ name, type: types.TF_ATTR_INT, value: 1 }));
    expect(Buffer.from(definition('Two', lengths)()).toString('latin1')).toMatch(/n0.*Two.*a0.*a1/s);
  });
});
