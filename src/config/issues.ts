import { z } from 'zod';
import { excerpt, excerptOf } from '../excerpt.js';
import { reasons } from '../experiments/bounds.js';
import { suggest } from '../suggest.js';
import { choicesOf, expectation } from './expectation.js';
import { unknownName } from './names.js';
import type { Problem } from './problem.js';
import { keysOf, mapsOf, schemaAt, unwrap } from './shape.js';
import { at, keyOrigin, type MapTree, originOf, type Path, pathText, plain, type Tree } from './tree.js';

type Issue = z.core.$ZodIssue;

/**
 * What zod found wrong with a value in `tree`, with the place and the words a user needs.
 * @param base Path of the value that `schema` is of, and that the paths of issues begin at.
 */
export function problemsOf(
  issues: readonly Issue[],
  tree: Tree,
  schema: z.ZodType,
  base: Path = [],
): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, base, tree, schema));
}

function problemsOfIssue(issue: Issue, base: Path, tree: Tree, schema: z.ZodType): Problem[] {
  // Zod points at the tag of a union whose tag is wrong; what may stand there only the union itself knows.
  const isTag = issue.code === 'invalid_union' && issue.discriminator !== undefined;
  const relative = (isTag ? issue.path.slice(0, -1) : issue.path) as Path;
  const path = [...base, ...relative];
  const here = schemaAt(schema, relative) ?? z.unknown();
  switch (issue.code) {
    case 'unrecognized_keys':
      if (mapsOf(here).length > 1) return unionProblems(path, tree, here);
      return unknownKeys(issue.keys, path, tree, keysOf(here));
    case 'invalid_union':
      return unionProblems(path, tree, here);
    case 'custom':
      return [{ kind: 'other', origin: originOf(tree, path), path: pathText(path), message: issue.message }];
    case 'invalid_key':
      return [invalidName(path, tree)];
    case 'too_big':
      return [{ ...wrongValue(path, tree, here), ...reasons.get(unwrap(here)) }];
    default:
      return [wrongValue(path, tree, here)];
  }
}

function unknownKeys(keys: readonly string[], path: Path, tree: Tree, known: readonly string[]): Problem[] {
  return keys.map((key) => {
    const whole = [...path, key];
    return unknownName(keyOrigin(tree, whole), pathText(whole), key, 'a known key', known);
  });
}

function invalidName(path: Path, tree: Tree): Problem {
  const message =
    'a name has at most 100 letters, digits, hyphens and underscores, and begins with a letter or digit.';
  return { kind: 'other', origin: keyOrigin(tree, path), path: pathText(path), message };
}

/** Of the kinds of value that were possible, the problems of the one that was most likely meant. */
function unionProblems(path: Path, tree: Tree, schema: z.ZodType): Problem[] {
  const value = at(tree, path);
  const kinds = mapsOf(schema);
  if (value?.kind !== 'map' || kinds.length === 0) return [wrongValue(path, tree, schema)];
  const tag = wrongTag(value, kinds);
  if (tag !== undefined) return [wrongValue([...path, tag.key], tree, tag.schema)];
  const attempts = kinds.map((kind) => {
    const issues = kind.safeParse(plain(value)).error?.issues ?? [];
    return {
      cost: cost(issues),
      problems: problemsOf(issues, tree, kind, path),
    };
  });
  return attempts.reduce((best, attempt) => (attempt.cost < best.cost ? attempt : best)).problems;
}

/** The key by which kinds of map are told apart (an optimiser's name), if its value is none of the known ones. */
function wrongTag(
  value: MapTree,
  kinds: readonly z.ZodObject[],
): { key: string; schema: z.ZodType } | undefined {
  for (const key of keysOf(kinds[0])) {
    const tags = kinds.map((kind) => unwrap((kind.shape[key] as z.ZodType | undefined) ?? z.unknown()));
    const literals = tags.filter((tag) => tag instanceof z.ZodLiteral);
    if (literals.length < kinds.length || kinds.length === 1) continue;
    const schema = z.enum(literals.map((literal) => String(literal.value)));
    const written = at(value, [key]);
    const isOptional = kinds.some((kind) => !(kind.shape[key] instanceof z.ZodLiteral));
    if (written === undefined ? !isOptional : !schema.safeParse(plain(written)).success)
      return { key, schema };
  }
  return undefined;
}

/** A wrong tag counts most, then keys of another kind, then values. */
function cost(issues: readonly Issue[]): number {
  const weight = (issue: Issue) =>
    issue.code === 'invalid_value' && issue.values.length === 1
      ? 100
      : issue.code === 'unrecognized_keys'
        ? 10 * issue.keys.length
        : 1;
  return issues.reduce((sum, issue) => sum + weight(issue), 0);
}

function wrongValue(path: Path, tree: Tree, schema: z.ZodType): Problem {
  const place = { origin: originOf(tree, path), path: pathText(path) };
  const expected = expectation(schema);
  const value = at(tree, path);
  if (value === undefined) return { kind: 'missing', ...place, expected };
  const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
  const suggestion = text === undefined ? undefined : suggest(text, choicesOf(schema));
  return {
    kind: 'wrong-value',
    ...place,
    expected,
    received: describe(value),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** A value as the user wrote it, and what kind of value YAML takes it for. */
export function describe(tree: Tree): string {
  if (tree.kind === 'list') return tree.items.length === 0 ? 'an empty list' : 'a list';
  if (tree.kind === 'map')
    return tree.entries.size === 0 ? 'an empty map' : `a map with ${excerptOf([...tree.entries.keys()], 10)}`;
  if (tree.value === null) return 'nothing';
  return typeof tree.value === 'string' ? `"${excerpt(tree.value)}" (text)` : String(tree.value);
}
