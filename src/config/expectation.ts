import { z } from 'zod';
import { unwrap } from './shape.js';

// What may stand at a place, in words for people. Made once for each schema: a file can have thousands of wrong values.

/** What a value must be: `a number above 0`, `none, or a map with at, by`. */
export const expectation = oncePerSchema(describeSchema);

/** The words that are allowed there, for a suggestion. */
export const choicesOf = oncePerSchema((schema): readonly string[] => {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [json, ...(json.anyOf ?? [])].flatMap((option) =>
    [...(option.enum ?? []), option.const ?? []].flat().map(String),
  );
});

function describeSchema(schema: z.ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) {
    return [...new Set(inner.options.map((option) => expectation(option as z.ZodType)))].join(', or ');
  }
  if (inner instanceof z.ZodObject) return `a map with ${Object.keys(inner.shape).join(', ')}`;
  if (inner instanceof z.ZodRecord) return 'a map of names';
  if (inner instanceof z.ZodArray)
    return `a list of at least one; each ${expectation(inner.element as z.ZodType)}`;
  return scalarExpectation(z.toJSONSchema(inner, { io: 'input', unrepresentable: 'any' }));
}

function scalarExpectation(json: z.core.JSONSchema.JSONSchema): string {
  if (json.const !== undefined) return String(json.const);
  if (json.enum) return oneOf(json.enum.map(String));
  if (json.type === 'boolean') return 'true or false';
  if (json.type === 'string') {
    const most = json.maxLength === undefined ? '' : ` of at most ${json.maxLength} characters`;
    return `text${most}${json.minLength ? ' that is not empty' : ''}`;
  }
  if (json.type !== 'number' && json.type !== 'integer') return 'another kind of value';
  return `${json.type === 'integer' ? 'a whole number' : 'a number'}${range(json)}`;
}

function range({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
}: z.core.JSONSchema.JSONSchema): string {
  const limits = [
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : '',
    // Whole numbers that have no limits of their own are limited to what float64 holds exactly.
    minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER ? `at least ${minimum}` : '',
    exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : '',
    maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER ? `at most ${maximum}` : '',
  ].filter((limit) => limit !== '');
  return limits.length === 0 ? '' : ` ${limits.join(' and ')}`;
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function oncePerSchema<T>(make: (schema: z.ZodType) => T): (schema: z.ZodType) => T {
  const made = new WeakMap<z.ZodType, T>();
  return (schema) => {
    if (!made.has(schema)) made.set(schema, make(schema));
    return made.get(schema)!;
  };
}
