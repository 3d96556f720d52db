import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../errors.js';
import { useCompiled } from '../results/compiled.test-helper.js';
import type { DataFile } from './archive.js';
import { type FetchOptions, fetchFiles } from './download.js';
import { DownloadError } from './mirrors.js';

const compiled = useCompiled('data/download');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
const half = content.length / 2;

let folder: string;
let server: Server;
let base: string;
/** What the server does at each path. */
let answers: Record<string, Answer>;
/** Path and range of every request. */
let requests: string[];

beforeEach(async () => {
  // A proxy of the machine that runs the tests must not come between.
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('no_proxy', '127.0.0.1');
  folder = await mkdtemp(join(tmpdir(), 'gnoise Daten ✎ '));
  answers = {};
  requests = [];
  server = createServer((request, response) => {
    requests.push([request.url, request.headers.range].filter(Boolean).join(' '));
    (answers[request.url!] ?? status(404))(request, response);
  });
  base = await listen(server);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

async function listen(listener: Server): Promise<string> {
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

/** A file of the data set, to be had at the given paths of the server. */
function file(paths: string[], name = 'data.bin', bytes = content): DataFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, bytes: bytes.length, sha256, mirrors: paths.map((path) => base + path) };
}

const fetchOne = (paths: string[], options?: FetchOptions) => fetchFiles([file(paths)], folder, options);
const part = () => join(folder, 'data.bin.part');
const onlyTheWholeFile = async () => {
  expect(await readdir(folder)).toEqual(['data.bin']);
  expect((await readFile(join(folder, 'data.bin'))).equals(content)).toBe(true);
};

/** A server that knows ranges. */
const ranged: Answer = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, start > 0 ? headers : {}).end(content.subarray(start));
};
const whole: Answer = (_, response) => response.end(content);
const sends =
  (bytes: Buffer): Answer =>
  (_, response) =>
    response.end(bytes);
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end('no');
/** Sends the start of the answer and breaks the connection. */
const breaksAfter =
  (bytes: number): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes), () => response.destroy());
  };
const silent: Answer = (_, response) => response.writeHead(200).write(content.subarray(0, 10));

describe('a download', () => {
  test('arrives whole and reports its progress in bytes', async () => {
    answers = { '/a': whole, '/b': sends(Buffer.from('second')) };
    const seen: [number, number][] = [];
    const files = [file(['/a']), file(['/b'], 'other.bin', Buffer.from('second'))];
    const progress = (bytes: number, total: number) => seen.push([bytes, total]);
    expect(await fetchFiles(files, folder, { progress })).toEqual(['data.bin', 'other.bin']);
    expect((await readdir(folder)).sort()).toEqual(['data.bin', 'other.bin']);
    expect(seen.at(-1)).toEqual([content.length + 6, content.length + 6]);
    expect(seen.map(([bytes]) => bytes)).toEqual(seen.map(([bytes]) => bytes).sort((a, b) => a - b));
  });

  test('does nothing when the file is there and good', async () => {
    await writeFile(join(folder, 'data.bin'), content);
    expect(await fetchOne(['/a'])).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('replaces a damaged file', async () => {
    answers = { '/a': whole };
    await writeFile(join(folder, 'data.bin'), 'damaged');
    await fetchOne(['/a']);
    await onlyTheWholeFile();
  });

  test('creates its folder', async () => {
    answers = { '/a': whole };
    await fetchFiles([file(['/a'])], join(folder, 'ü', 'new folder'));
    expect(await readdir(join(folder, 'ü', 'new folder'))).toEqual(['data.bin']);
  });

  test.each([
    ['resumes a part', ranged, content.subarray(0, half), [`/a bytes=${half}-`]],
    [
      'starts anew where the server ignores the range',
      whole,
      content.subarray(0, half),
      [`/a bytes=${half}-`],
    ],
    ['starts anew from a part larger than the file', ranged, Buffer.concat([content, content]), ['/a']],
    ['starts anew from a wrong part', ranged, Buffer.alloc(half), [`/a bytes=${half}-`, '/a']],
    ['starts anew from a wrong part of full length', ranged, Buffer.alloc(content.length), ['/a']],
    ['publishes a complete part without asking', ranged, content, []],
  ])('%s', async (_, answer, left, expected) => {
    answers = { '/a': answer };
    await writeFile(part(), left);
    await fetchOne(['/a']);
    await onlyTheWholeFile();
    expect(requests).toEqual(expected);
  });

  test('continues at once after a broken connection', async () => {
    answers = {
      '/a': (request, response) => (request.headers.range ? ranged : breaksAfter(half))(request, response),
    };
    await fetchOne(['/a']);
    await onlyTheWholeFile();
    expect(requests[1]).toMatch(/^\/a bytes=\d+-$/);
  });

  test.each([
    ['is not found', status(404), 'HTTP 404 Not Found'],
    ['fails', status(503), 'HTTP 503 Service Unavailable'],
    ['has other content', sends(Buffer.alloc(content.length)), 'does not have the published SHA-256'],
    [
      'sends too little',
      sends(content.subarray(0, half)),
      `it ends after ${half} of ${content.length} bytes`,
    ],
    ['sends too much', sends(Buffer.concat([content, content])), "more than the file's 200000 bytes"],
    ['always breaks', breaksAfter(1000), '/bad failed: '],
    ['falls silent', silent, 'nothing came for 0.2 s'],
    ['never answers', () => {}, 'nothing came for 0.2 s'],
  ])('goes on with the second mirror when the first %s', async (_, answer, problem) => {
    answers = { '/bad': answer, '/good': ranged };
    const notices: string[] = [];
    await fetchOne(['/bad', '/good'], {
      stallSeconds: 0.2,
      pauseSeconds: 0.01,
      notice: (message) => notices.push(message),
    });
    await onlyTheWholeFile();
    expect(notices.join()).toContain(problem);
  });

  test.each([429, 503, 502, 500])('asks a mirror again that answers HTTP %d for a while', async (code) => {
    let times = 0;
    answers = { '/a': (request, response) => (++times < 3 ? status(code) : whole)(request, response) };
    await fetchOne(['/a'], { pauseSeconds: 0.01 });
    await onlyTheWholeFile();
    expect(requests).toHaveLength(3);
  });

  test('waits as long as a busy mirror asks, but not for an hour', async () => {
    const busy =
      (retryAfter: string): Answer =>
      (_, response) =>
        response.writeHead(429, { 'retry-after': retryAfter }).end();
    let times = 0;
    const soon: Answer = (request, response) => (++times < 2 ? busy('1') : whole)(request, response);
    answers = { '/later': busy('3600'), '/soon': soon };
    const start = performance.now();
    await fetchOne(['/later', '/soon'], { pauseSeconds: 1000 });
    expect(requests).toEqual(['/later', '/soon', '/soon']);
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('does not follow a part that is a link', async () => {
    answers = { '/a': whole };
    await writeFile(join(folder, 'precious'), 'mine');
    await symlink(join(folder, 'precious'), part());
    await fetchOne(['/a']);
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('mine');
    await rm(join(folder, 'precious'));
    await onlyTheWholeFile();
  });

  test('says why it does not wait for a mirror that asks for a day', async () => {
    answers['/busy'] = (_request, response) => response.writeHead(429, { 'retry-after': '86400' }).end();
    await expect(fetchOne(['/busy'])).rejects.toThrow(
      /busy: HTTP 429 Too Many Requests, and it asks to wait for 86400 s/,
    );
    expect(requests).toEqual(['/busy']);
  });

  test.each([
    ['leads to itself', (response: ServerResponse) => response.writeHead(302, { location: '/odd' }).end()],
    [
      'leads to a file',
      (response: ServerResponse) => response.writeHead(302, { location: 'file:///x' }).end(),
    ],
    ['leads nowhere', (response: ServerResponse) => response.writeHead(302).end()],
    ['has no content', (response: ServerResponse) => response.writeHead(204).end()],
    [
      'has escape codes in its status',
      (response: ServerResponse) => response.socket!.end('HTTP/1.1 403 For\x1b[31mbidden\r\n\r\n'),
    ],
  ])('gives up a mirror whose answer %s, in words that a terminal does not obey', async (_case, answer) => {
    answers['/odd'] = (_request, response) => answer(response);
    const notices: string[] = [];
    const notice = (message: string) => notices.push(message);
    await expect(fetchOne(['/odd', '/404'], { notice })).rejects.toThrow(DownloadError);
    expect(notices[0]).toMatch(/\/odd failed: [ -~]+$/);
    expect(requests.at(-1)).toBe('/404');
  });

  test('names a folder that lies where its part belongs, and leaves it', async () => {
    await mkdir(join(part(), 'mine'), { recursive: true });
    const error = await fetchOne(['/a']).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(`${part()} is a folder`);
    expect(await readdir(part())).toEqual(['mine']);
  });

  test('replaces a pipe that lies where its part belongs', async () => {
    answers['/a'] = ranged;
    await execa('mkfifo', [part()]);
    await fetchOne(['/a']);
    await onlyTheWholeFile();
  });

  test('refuses a range that it did not ask for', async () => {
    const wrong: Answer = (_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 0-9/200000' }).end(content.subarray(0, 10));
    answers = { '/a': wrong };
    await writeFile(part(), content.subarray(0, half));
    await expect(fetchOne(['/a'])).rejects.toThrow(`not from byte ${half}`);
    expect((await stat(part())).size).toBe(half);
  });

  test('names every mirror and the next steps when none delivers, and leaves no file', async () => {
    const closed = 'http://127.0.0.1:1/data.bin';
    const wanted = { ...file(['/a']), mirrors: [`${base}/a`, closed] };
    const error = await fetchFiles([wanted], folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DownloadError);
    expect((error as Error).message).toContain(`${base}/a: HTTP 404 Not Found`);
    expect((error as Error).message).toMatch(/http:\/\/127\.0\.0\.1:1\/data\.bin: \S+/);
    expect((error as Error).message).toContain('HTTPS_PROXY');
    expect((error as Error).message).toContain(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  test('stops when asked to, keeps its part and gives up its turn', async () => {
    answers = { '/a': silent };
    const abort = new AbortController();
    const progress = () => abort.abort(new UserError('interrupted'));
    await expect(fetchOne(['/a'], { signal: abort.signal, progress })).rejects.toThrow('interrupted');
    expect(await readdir(folder)).toEqual(['data.bin.part']);
  });

  test('by two at once happens once', async () => {
    answers = { '/a': (request, response) => setTimeout(() => whole(request, response), 500) };
    const notices: string[] = [];
    const notice = (message: string) => notices.push(message);
    const fetched = await Promise.all([fetchOne(['/a'], { notice }), fetchOne(['/a'], { notice })]);
    expect(fetched.flat()).toEqual(['data.bin']);
    expect(requests).toEqual(['/a']);
    const holder = `process ${process.pid} on ${hostname()}`;
    expect(notices).toEqual([`Waiting for ${holder}, which is downloading into ${folder}.`]);
    await onlyTheWholeFile();
  });

  test('goes through the proxy of the environment', async () => {
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket, head) => {
      tunnels.push(request.url!);
      const upstream = connect(Number(base.split(':')[2]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
    });
    vi.stubEnv('http_proxy', await listen(proxy));
    answers = { '/a': whole };
    const wanted = { ...file([]), mirrors: ['http://mirror.invalid/a'] };
    await fetchFiles([wanted], folder);
    await onlyTheWholeFile();
    expect(tunnels).toEqual(['mirror.invalid:80']);
    proxy.closeAllConnections();
    proxy.close();
  });

  test('gives up a proxy that never answers', async () => {
    const proxy = createServer();
    const sockets: Duplex[] = [];
    proxy.on('connect', (_, socket) => sockets.push(socket));
    vi.stubEnv('http_proxy', await listen(proxy));
    const wanted = { ...file([]), mirrors: ['http://mirror.invalid/a'] };
    await expect(fetchFiles([wanted], folder, { stallSeconds: 0.2 })).rejects.toThrow(
      'nothing came for 0.2 s',
    );
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
});

describe('a disk that refuses', () => {
  test('because it is full is named, with the way out', async (context) => {
    const mounts = await execa('unshare', ['-rm', 'true'], { reject: false });
    if (mounts.failed) return context.skip('needs unshare, to mount a small disk without being root');
    answers = { '/a': whole };
    const script = `
      const { fetchFiles } = await import(${JSON.stringify(compiled('data/download'))});
      const [folder, file] = process.argv.slice(1);
      const error = await fetchFiles([JSON.parse(file)], folder).catch((error) => error);
      console.log(error.name + ' ' + error.message);
    `;
    const mounting =
      'mount -t tmpfs -o size=64k none "$0" && exec "$1" --input-type=module -e "$2" "$0" "$3"';
    const wanted = JSON.stringify(file(['/a', '/a']));
    const { stdout } = await execa('unshare', [
      '-rm',
      'sh',
      '-c',
      mounting,
      folder,
      process.execPath,
      script,
      wanted,
    ]);
    expect(stdout).toMatch(
      /^UserError .*data\.bin\.part cannot be written: the disk is full \(ENOSPC\)\. .*--data/,
    );
    expect(requests).toEqual(['/a']);
  });

  test('because a file stands in the way is named', async () => {
    await writeFile(join(folder, 'occupied'), '');
    const failure = fetchFiles([file(['/a'])], join(folder, 'occupied', 'mnist'));
    await expect(failure).rejects.toThrow(/cannot be written: a part of this path is a file/);
    await expect(failure).rejects.toBeInstanceOf(UserError);
  });

  test('because a folder has the name of the file is named', async () => {
    answers = { '/a': whole };
    await mkdir(join(folder, 'data.bin', 'sub'), { recursive: true });
    await expect(fetchOne(['/a'])).rejects.toBeInstanceOf(UserError);
  });
});
