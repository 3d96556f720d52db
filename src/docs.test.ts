import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const documents = [
  'README.md',
  'CHANGELOG.md',
  'packages/gnoise-tfjs/README.md',
  ...filesBelow('src', 'README.md'),
  ...filesBelow('scripts', 'README.md'),
];

function filesBelow(folder: string, name: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => path.endsWith(name)).map((path) => join(folder, path));
}

describe.each(documents)('%s', (document) => {
  const text = readFileSync(document, 'utf8');

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)|src(?:set)?="([^"]+)"/g)].map(
      ([, link, picture]) => link ?? picture!,
    );
    const local = links.filter((target) => !/^[a-z]+:/.test(target));
    for (const target of local) expect(existsSync(join(dirname(document), target)), target).toBe(true);
  });

  it('names configs that exist', () => {
    const named = [...text.matchAll(/configs\/[\w-]+\.yaml/g)].map(([path]) => path);
    for (const path of named) expect(existsSync(path), path).toBe(true);
  });
});
