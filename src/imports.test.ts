import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The folders and single files of `src`, lowest first: each may import those above its own line, and none below or beside
 * it on another line. A new folder is put where its imports need it.
 */
const LAYERS = [
  ['errors', 'excerpt', 'json', 'suggest', 'paper', 'random'],
  ['files', 'kernels', 'optional', 'trials'],
  ['ops'],
  ['backends', 'data', 'method', 'results'],
  ['doctor', 'optimiser', 'tables', 'tfjs'],
  ['export', 'plots'],
  ['experiments', 'index', 'report'],
  ['config', 'trainer'],
  ['bench', 'planning'],
  ['runner'],
  ['queue'],
  ['cli'],
];

const level = new Map(
  LAYERS.flatMap((folders, height) => folders.map((folder) => [folder, height] as const)),
);
const SOURCE = import.meta.dirname;

test('every folder of src has its place among the layers', () => {
  const unplaced = new Set(
    sources()
      .map(placeOf)
      .filter((place) => !level.has(place)),
  );
  expect([...unplaced]).toEqual([]);
});

test('imports point one way: to a lower layer, never up or across', () => {
  const wrong = sources().flatMap((file) =>
    importsOf(file)
      .filter((target) => placeOf(target) !== placeOf(file))
      .filter((target) => level.get(placeOf(target))! >= level.get(placeOf(file))!)
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('the library needs TensorFlow.js’s core and nothing else: its package runs in browsers', () => {
  const reached = new Set(['index.ts']);
  for (const file of reached) for (const target of importsOf(file)) reached.add(target);
  const packages = [...reached].flatMap((file) => specifiersOf(file).filter((name) => !name.startsWith('.')));
  expect(reached.size).toBeGreaterThan(30);
  expect([...new Set(packages)]).toEqual(['@tensorflow/tfjs-core']);
});

/** Product code: what tests need besides does not count, nor do the kernels, which are another program. */
function sources(): string[] {
  return (readdirSync(SOURCE, { recursive: true }) as string[]).filter(
    (file) =>
      file.endsWith('.ts') && !/\.test(-helper)?\.ts$/.test(file) && !file.startsWith('kernels/assembly'),
  );
}

/** Files of `src` that a file imports, statically or when it is called. */
function importsOf(file: string): string[] {
  return specifiersOf(file)
    .filter((specifier) => /^\..*\.js$/.test(specifier))
    .map((specifier) => `${normalize(join(dirname(file), specifier)).replace(/\.js$/, '')}.ts`);
}

function specifiersOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8').replace(/^ \*.*$/gm, '');
  return [...text.matchAll(/(?:^|[;}\s])(?:from|import)\s*\(?\s*'([^'\s]+)'/g)].map(
    ([, specifier]) => specifier!,
  );
}

/** The folder directly below `src`, or the name of a file that stands there. */
function placeOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '');
}
