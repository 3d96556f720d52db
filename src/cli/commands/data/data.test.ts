import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DataFile } from '../../../data/archive.js';
import { main } from '../../main.js';
import { capture } from '../../streams.test-helper.js';

/** The only data set there is: two files on a local server. */
const toy = vi.hoisted(() => ({
  name: 'toy',
  title: 'Toy',
  licence: 'CC0',
  source: 'us',
  files: [] as DataFile[],
}));
vi.mock('../../../data/registry.js', () => ({ dataSetsNamed: () => [toy] }));

const contents = { a: Buffer.alloc(300_000, 'a'), b: Buffer.from('b') };

let folder: string;
let folders: string[];
let server: Server;

beforeEach(async () => {
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('no_proxy', '127.0.0.1');
  folder = await mkdtemp(join(tmpdir(), 'gnoise Befehl ✎ '));
  folders = [join(folder, 'first'), join(folder, 'second')];
  vi.stubEnv('GNOISE_DATA', folders[1]);
  server = createServer((request, response) => response.end(contents[request.url!.slice(1) as 'a' | 'b']));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  toy.files = Object.entries(contents).map(([name, bytes]) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, bytes: bytes.length, sha256, mirrors: [`http://127.0.0.1:${port}/${name}`] };
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** Runs `gnoise data ...` with the two folders, and collects what it writes. */
async function data(command: string, { isTTY = false, names = [] as string[] } = {}) {
  const streams = capture({ isTTY });
  const code = await main(['data', command, ...names, '--data', folders[0]!], streams);
  return { code, ...streams.text };
}

async function place(path: string, files: Record<string, string | Buffer>): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
}

test('list names a data set, its licence and source, where it was looked for and what to do', async () => {
  const { code, out } = await data('list');
  expect(code).toBe(0);
  expect(out).toContain(
    `toy: Toy (CC0)\n  from us\n  not found: run 'gnoise data fetch toy' (0.3 MB)\n` +
      `Looked in:\n  ${folders[0]}\n  ${folders[1]}\n`,
  );
});

test('list tells a complete data set from a partial and a damaged one', async () => {
  await place(folders[0]!, { a: contents.a });
  expect((await data('list')).out).toContain(
    `incomplete in ${folders[0]}: run 'gnoise data fetch toy'\n  missing: b`,
  );
  await place(join(folders[1]!, 'toy'), { a: contents.a, b: 'x' });
  expect((await data('list')).out).toContain(`incomplete in ${join(folders[1]!, 'toy')}`);
  expect((await data('list')).out).toContain(
    `damaged: ${join(folders[1]!, 'toy', 'b')}: it is not the published`,
  );
  await place(join(folders[1]!, 'toy'), { b: 'b' });
  expect((await data('list')).out).toContain(`complete, checksums right, in ${join(folders[1]!, 'toy')}`);
});

test('list and verify say the same as JSON', async () => {
  await place(folders[0]!, { a: contents.a, b: 'x' });
  const listed = JSON.parse((await data('list', { names: ['--json'] })).out);
  expect(listed.folders.slice(0, 2)).toEqual(folders);
  expect(listed.dataSets[0]).toMatchObject({
    name: 'toy',
    place: folders[0],
    intact: false,
    files: [
      { name: 'a', state: 'good', problem: null },
      { name: 'b', state: 'damaged' },
    ],
  });
  const verified = await data('verify', { names: ['--json'] });
  expect([verified.code, JSON.parse(verified.out)]).toEqual([1, listed.dataSets]);
});

test('fetch downloads into the first folder, with dated lines of progress where there is no terminal', async () => {
  const { code, out, err } = await data('fetch');
  expect(code).toBe(0);
  expect(out).toBe(`toy: 2 of 2 files downloaded to ${join(folders[0]!, 'toy')}\n`);
  expect(err).toMatch(/^\d{4}-\d\d-\d\dT.* toy: 0\.\d of 0\.3 MB$/m);
  expect(err.trimEnd().split('\n').at(-1)).toContain('toy: 0.3 of 0.3 MB');
  expect((await readdir(join(folders[0]!, 'toy'))).sort()).toEqual(['a', 'b']);
});

test('fetch shows a bar on a terminal', async () => {
  const { err } = await data('fetch', { names: ['toy'], isTTY: true });
  expect(err).toContain('100% | toy | 0.3 of 0.3 MB');
});

test('fetch repairs what is damaged and leaves what is complete', async () => {
  await place(join(folders[0]!, 'toy'), { a: contents.a, b: 'x' });
  expect((await data('fetch')).out).toContain('1 of 2 files downloaded');
  expect(await readFile(join(folders[0]!, 'toy', 'b'), 'utf8')).toBe('b');
  expect((await data('fetch')).out).toBe(`toy: already complete in ${join(folders[0]!, 'toy')}\n`);
});

test('verify fails for a damaged data set, and for an absent one if it was named', async () => {
  expect((await data('verify')).code).toBe(0);
  expect((await data('verify', { names: ['toy'] })).code).toBe(1);
  await place(folders[1]!, { a: contents.a, b: 'x' });
  expect(await data('verify')).toMatchObject({
    code: 1,
    out: expect.stringContaining(`damaged: ${join(folders[1]!, 'b')}`),
  });
  await place(folders[1]!, { b: 'b' });
  expect(await data('verify', { names: ['toy'] })).toMatchObject({ code: 0 });
});

test('list looks in the cache folder that GNOISE_CACHE names', async () => {
  vi.stubEnv('GNOISE_CACHE', join(folder, 'cache'));
  expect((await data('list')).out).toContain(`  ${folders[1]}\n  ${join(folder, 'cache')}\n`);
});
