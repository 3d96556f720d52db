import { z } from 'zod';

// Questions to a zod schema, and the schema of an overlay made from that of the whole.

/** The schema under `optional`, `default` and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}

/** The maps a value may be: the members of a union that are maps, or the one there is. */
export function mapsOf(schema: z.ZodType): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap((option) => mapsOf(option as z.ZodType)) : [];
}

/** The schema of the value at a path, or undefined where the schema knows no such path. */
export function schemaAt(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const child = childOf(schema, key);
  return child && schemaAt(child, rest);
}

function childOf(schema: z.ZodType, key: string | number): z.ZodType | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
  const map = mapsOf(inner).find((candidate) => Object.hasOwn(candidate.shape, key));
  return map?.shape[key] as z.ZodType | undefined;
}

/** The keys that a map at this place may have. */
export function keysOf(schema: z.ZodType | undefined): string[] {
  return schema === undefined ? [] : [...new Set(mapsOf(schema).flatMap((map) => Object.keys(map.shape)))];
}

/** Every dotted path below a schema with the schema of its value: `train`, `train.clip`, `train.clip.at`, ... */
export function dottedPaths(schema: z.ZodType, prefix = ''): [string, z.ZodType][] {
  const paths = new Map<string, z.ZodType>();
  for (const key of keysOf(schema)) {
    const child = schemaAt(schema, [key])!;
    paths.set(prefix + key, child);
    for (const [path, inner] of dottedPaths(child, `${prefix}${key}.`)) paths.set(path, inner);
  }
  return [...paths];
}

/** The same schema with every key of every map left optional and without defaults: what an overlay may hold. */
export function deepPartial(schema: z.ZodType): z.ZodType {
  const description = schema.description;
  const inner = unwrap(schema);
  // Editors show the default of a key that may be left out.
  const standard = schema instanceof z.ZodDefault ? { default: schema.def.defaultValue } : {};
  const partial = partialOf(inner);
  if (description === undefined && schema === inner) return partial;
  return partial.meta({ ...(description === undefined ? {} : { description }), ...standard });
}

function partialOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries(schema.shape).map(([key, value]) => [
      key,
      deepPartial(value as z.ZodType).optional(),
    ]);
    return z.strictObject(Object.fromEntries(shape));
  }
  if (schema instanceof z.ZodUnion)
    return z.union(schema.options.map((option) => deepPartial(option as z.ZodType)));
  return schema;
}
