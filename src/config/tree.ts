import type { Json } from '../json.js';
import type { Origin } from './problem.js';

/**
 * A config value that remembers, down to every key, where it was written. Trees are merged rather than plain values,
 * so that a mistake which shows only after merging can still be reported at the line it came from.
 */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly origin: Origin;
  readonly value: null | boolean | number | string;
}

export interface ListTree {
  readonly kind: 'list';
  readonly origin: Origin;
  readonly items: readonly Tree[];
}

export interface MapTree {
  readonly kind: 'map';
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A map's value and the place of its key. */
export interface Entry {
  readonly origin: Origin;
  readonly value: Tree;
}

export type Path = readonly (string | number)[];

export function mapTree(origin: Origin, entries: Iterable<readonly [string, Entry]> = []): MapTree {
  return { kind: 'map', origin, entries: new Map(entries) };
}

/** The value without its origins. */
export function plain(tree: Tree): Json {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** A value as a tree, all of it written at one place. */
export function treeOf(value: Json, origin: Origin): Tree {
  if (value === null || typeof value !== 'object') return { kind: 'scalar', origin, value };
  if (isList(value)) return { kind: 'list', origin, items: value.map((item) => treeOf(item, origin)) };
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [[key, { origin, value: treeOf(inner, origin) }] as const],
  );
  return mapTree(origin, entries);
}

/** `Array.isArray`, which does not know of readonly arrays. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value at a path, or undefined where there is none. */
export function at(tree: Tree | undefined, path: Path): Tree | undefined {
  let here = tree;
  for (const key of path) {
    if (here?.kind === 'map') here = here.entries.get(String(key))?.value;
    else if (here?.kind === 'list') here = here.items[Number(key)];
    else return undefined;
  }
  return here;
}

/** The map at a path; an empty one where there is none or something else, which the schema complains about. */
export function mapAt(tree: Tree, path: Path): MapTree {
  const found = at(tree, path);
  return found?.kind === 'map' ? found : mapTree(found?.origin ?? tree.origin);
}

/** Where the value at a path was written; for a value that was not written, where its nearest ancestor was. */
export function originOf(tree: Tree, path: Path): Origin {
  for (let length = path.length; length > 0; length--) {
    const found = at(tree, path.slice(0, length));
    if (found !== undefined)
      return length === path.length ? found.origin : keyOrigin(tree, path.slice(0, length));
  }
  return tree.origin;
}

/** Where the last key of a path was written; for a list item, where the item begins. */
export function keyOrigin(tree: Tree, path: Path): Origin {
  const parent = at(tree, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.origin ?? at(tree, path)?.origin ?? tree.origin;
}

/**
 * The tree with `value` put at a path of map keys, making maps on the way.
 * Undefined where the path leads through something that is not a map, e.g. `noise.eta` where noise is `none`.
 */
export function put(tree: MapTree, path: readonly string[], value: Tree): MapTree | undefined {
  const [key, ...rest] = path as [string, ...string[]];
  const child = tree.entries.get(key);
  if (rest.length === 0) return withEntry(tree, key, { origin: value.origin, value });
  const inner = child?.value ?? mapTree(value.origin);
  const changed = inner.kind === 'map' ? put(inner, rest, value) : undefined;
  return changed && withEntry(tree, key, { origin: child?.origin ?? value.origin, value: changed });
}

export function withEntry(tree: MapTree, key: string, entry: Entry): MapTree {
  return { ...tree, entries: new Map(tree.entries).set(key, entry) };
}

/** `a.b[0]` */
export function pathText(path: Path): string {
  return path
    .map((key, position) => (typeof key === 'number' ? `[${key}]` : position === 0 ? key : `.${key}`))
    .join('');
}
