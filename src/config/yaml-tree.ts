import { isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import { excerpt } from '../excerpt.js';
import { type Origin, other, type Problem } from './problem.js';
import { type Entry, mapTree, type Tree } from './tree.js';

/** Values in a config after its aliases are written out. The largest of gnoise's own has a few hundred. */
const MAX_VALUES = 20_000;

/** Turns an offset in the text into an origin. */
export type Locate = (offset: number) => Origin;

/** A YAML node as a tree, with what is wrong in it; aliases are written out. */
export function readTree(node: Node, locate: Locate): { tree: Tree; problems: Problem[] } {
  const reader = new Reader(locate);
  const tree = reader.read(node);
  return { tree, problems: reader.problems };
}

/** What an alias stands for: a tree, and how many values it has. */
interface Anchored {
  readonly tree: Tree;
  readonly values: number;
}

class Reader {
  readonly problems: Problem[] = [];
  private values = 0;
  /** The latest value of every anchor so far; null while it is being read. Aliases share its tree: trees never change. */
  private readonly anchors = new Map<string, Anchored | null>();
  private hasRefused = false;

  constructor(private readonly locate: Locate) {}

  read(node: Node | null): Tree {
    const origin = this.locate(node?.range?.[0] ?? 0);
    if (++this.values > MAX_VALUES) return this.refuse(origin);
    if (isAlias(node)) return this.resolve(node.source, origin);
    const before = this.values;
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.anchors.set(anchor, null);
    const tree = this.valueOf(node, origin);
    if (anchor !== undefined) this.anchors.set(anchor, { tree, values: this.values - before });
    return tree;
  }

  private valueOf(node: Node | null, origin: Origin): Tree {
    if (isMap(node)) return mapTree(origin, this.entries(node.items));
    if (isSeq(node))
      return { kind: 'list', origin, items: node.items.map((item) => this.read(item as Node)) };
    return { kind: 'scalar', origin, value: isScalar(node) ? (node.value as string) : null };
  }

  private resolve(name: string, origin: Origin): Tree {
    const anchored = this.anchors.get(name);
    if (anchored) {
      this.values += anchored.values;
      return this.values > MAX_VALUES ? this.refuse(origin) : anchored.tree;
    }
    const what = excerpt(name, 40);
    const message =
      anchored === null
        ? `*${what} is an alias of a value that it is a part of; a value cannot contain itself.`
        : `*${what} is an alias of nothing; no value above has the anchor &${what}.`;
    this.problems.push(other(origin, message));
    return empty(origin);
  }

  private entries(items: readonly unknown[]): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const key = pair.key as Node | null;
      const origin = this.locate(key?.range?.[0] ?? 0);
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
      if (isScalar(key) && key.anchor !== undefined) this.read(key);
      const value = pair.value === null ? empty(origin) : this.read(pair.value as Node);
      if (name === undefined) this.problems.push(other(origin, 'a key must be plain text.'));
      // A plain object made of the tree would have another prototype instead of a key.
      else if (name === '__proto__') this.problems.push(other(origin, 'no key can be called __proto__.'));
      else if (entries.has(name))
        this.problems.push(other(origin, `the key ${excerpt(name)} is already there above.`));
      else entries.set(name, { origin, value });
    }
    return entries;
  }

  /** Said once: a bomb of aliases would give thousands. */
  private refuse(origin: Origin): Tree {
    const message = `the file has more than ${MAX_VALUES} values once its aliases are written out.`;
    if (!this.hasRefused) this.problems.push(other(origin, message));
    this.hasRefused = true;
    return empty(origin);
  }
}

function empty(origin: Origin): Tree {
  return { kind: 'scalar', origin, value: null };
}
