import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Origin, Problem } from './problem.js';
import { type Entry, mapTree, type Tree } from './tree.js';

/** Values in a config after its aliases are written out. The largest real config has a few hundred. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 50;
/** The parser's time and memory grow with the square of one line's nesting (`- - - -`): refused before it starts. */
const MAX_LINE = 10_000;

/** Turns an offset in the text into an origin. */
type Locate = (offset: number) => Origin;

/** YAML 1.2 text as a tree, with every syntax error, duplicate key, unknown tag, and loop or bomb of aliases. */
export function parseYaml(text: string, file: string): { tree: Tree; problems: Problem[] } {
  const lines = new LineCounter();
  const locate = (offset: number): Origin => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return parse(text, locate, lines);
}

/** The value of a command line option, in YAML's flow style: `0.1`, `none`, `{ at: 10 }`, `[1, 2]`. */
export function parseOption(text: string, option: string): { tree: Tree; problems: Problem[] } {
  return parse(text, () => ({ option }), new LineCounter());
}

function parse(text: string, locate: Locate, lineCounter: LineCounter): { tree: Tree; problems: Problem[] } {
  const start = { kind: 'scalar', origin: locate(0), value: null } as const;
  const long = text.split('\n').findIndex((line) => line.length > MAX_LINE);
  if (long >= 0) {
    return {
      tree: start,
      problems: [other(start.origin, `line ${long + 1} is longer than ${MAX_LINE} characters.`)],
    };
  }
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    // Duplicate keys are found below, where the key's name is at hand.
    uniqueKeys: false,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const problems = [...document.errors, ...document.warnings].map((error) =>
    other(locate(error.pos[0]), syntaxText(error)),
  );
  if (problems.length > 0) return { tree: start, problems };
  const reader = new Reader(document, locate);
  return {
    tree: document.contents === null ? start : reader.read(document.contents, 0),
    problems: reader.problems,
  };
}

/** Copies a YAML document into a tree, writing out aliases. */
class Reader {
  readonly problems: Problem[] = [];
  private values = 0;

  constructor(
    private readonly document: Document,
    private readonly locate: Locate,
  ) {}

  read(node: Node | null, depth: number): Tree {
    const origin = this.locate(node?.range?.[0] ?? 0);
    if (++this.values > MAX_VALUES || depth > MAX_DEPTH) return this.refuse(origin);
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target !== undefined) return this.read(target, depth + 1);
      this.problems.push(
        other(origin, `*${node.source} is an alias of nothing; no value has the anchor &${node.source}.`),
      );
    }
    if (isMap(node)) return mapTree(origin, this.entries(node.items, depth));
    if (isSeq(node))
      return { kind: 'list', origin, items: node.items.map((item) => this.read(item as Node, depth + 1)) };
    return { kind: 'scalar', origin, value: isScalar(node) ? (node.value as string) : null };
  }

  private entries(items: readonly unknown[], depth: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const pair of items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const key = String(pair.key.value);
      const origin = this.locate(pair.key.range?.[0] ?? 0);
      const value = pair.value === null ? empty(origin) : this.read(pair.value as Node, depth + 1);
      if (entries.has(key)) this.problems.push(other(origin, `the key ${key} is already there above.`));
      else entries.set(key, { origin, value });
    }
    return entries;
  }

  private refuse(origin: Origin): Tree {
    const message =
      this.values > MAX_VALUES
        ? `the file has more than ${MAX_VALUES} values once its aliases are written out.`
        : `values are nested more than ${MAX_DEPTH} deep; does an alias contain itself?`;
    // One such sentence is enough: a bomb would give thousands.
    if (!this.problems.some((problem) => problem.kind === 'other' && problem.message === message)) {
      this.problems.push(other(origin, message));
    }
    return empty(origin);
  }
}

function syntaxText({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second YAML document begins here; a config is one document.';
  return `not valid YAML: ${message.trim().replace(/\.?$/, '.')}`;
}

function empty(origin: Origin): Tree {
  return { kind: 'scalar', origin, value: null };
}

function other(origin: Origin, message: string): Problem {
  return { kind: 'other', origin, path: '', message };
}
