import { z } from 'zod';
import { mapsOf, schemaAt, unwrap } from './shape.js';
import { type MapTree, plain, type Tree } from './tree.js';

/**
 * `base` with `overlay` on top: maps are merged key by key, everything else is replaced, lists and null too.
 * Where a value may be one of several kinds of map, an overlay of another kind replaces as well: Adam over SGD, or
 * noise of a constant `deviation` over noise with an `eta`.
 */
export function merge(base: Tree, overlay: Tree, schema: z.ZodType): Tree {
  if (base.kind !== 'map' || overlay.kind !== 'map' || isAnotherKind(base, overlay, schema)) return overlay;
  return mergeMaps(base, overlay, schema);
}

/** `merge` of two maps that are known to be of one kind. */
export function mergeMaps(base: MapTree, overlay: MapTree, schema: z.ZodType): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of overlay.entries) {
    const below = base.entries.get(key);
    const value = below
      ? merge(below.value, entry.value, schemaAt(schema, [key]) ?? z.unknown())
      : entry.value;
    entries.set(key, value === entry.value || !below ? entry : { origin: below.origin, value });
  }
  return { ...base, entries };
}

function isAnotherKind(base: MapTree, overlay: MapTree, schema: z.ZodType): boolean {
  const kinds = mapsOf(schema);
  const kind = kinds.find((candidate) => fits(base, candidate));
  return kind !== undefined && !fits(overlay, kind) && kinds.some((candidate) => fits(overlay, candidate));
}

/** Whether a map has only keys of this kind of map, and its tags (literals such as an optimiser's name) agree. */
function fits(map: MapTree, kind: z.ZodObject): boolean {
  return [...map.entries].every(([key, { value }]) => {
    const schema = Object.hasOwn(kind.shape, key) ? unwrap(kind.shape[key] as z.ZodType) : undefined;
    return (
      schema !== undefined && (!(schema instanceof z.ZodLiteral) || schema.safeParse(plain(value)).success)
    );
  });
}
