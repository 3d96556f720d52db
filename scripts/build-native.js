// Compiles the native kernels to dist/kernels/prebuilds/<platform>-<architecture>/gnoise.node, where a C++ compiler is found:
// without them the wasm kernels serve, with the same results. `npm run build:native`; vitest runs it first, too.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { include_dir as nodeApiHeaders } from 'node-api-headers';
import { prebuild } from './native-platforms.js';

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src/kernels/native');
const output = prebuild(`${platform()}-${arch()}`);

/** Options for each instruction set of an architecture; what a processor has is found out when the module is loaded. */
const INSTRUCTION_SETS = {
  x64: {
    // Not less: the wasm kernels need SSE4.1, too.
    sse4: ['-msse4.1'],
    avx2: ['-mavx2'],
    avx512: ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl'],
  },
  arm64: { neon: [] },
};

/** No contraction and no fast-math: the results are those of the wasm kernels, to the bit. */
const OPTIONS = [
  ...['-std=c++17', '-O3', '-fPIC', '-fvisibility=hidden'],
  ...['-fno-exceptions', '-fno-rtti', '-fno-strict-aliasing'],
  ...['-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'],
  '-w',
];

/** How a shared library that finds Node-API in the process that loads it is linked. */
const LINK = {
  // It is never unloaded: its threads may still be in it.
  linux: ['-shared', '-s', '-Wl,--as-needed', '-Wl,-z,noexecstack', '-Wl,-z,nodelete'],
  darwin: ['-bundle', '-undefined', 'dynamic_lookup'],
};

/** That this machine cannot compile them: no fault of the source. */
class Unavailable extends Error {}

/** Vitest's global set-up: where a compiler is, source that does not compile fails the tests instead of skipping them. */
export async function setup() {
  if (await isFresh()) return;
  await compile().catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    report(error);
  });
}

/** Leaves things as they are when the module is newer than its source. */
async function build() {
  if (await isFresh()) return;
  try {
    await compile();
  } catch (error) {
    if (process.argv.includes('--verbose')) console.error(error.stderr ?? error.message);
    report(error);
  }
}

function report(error) {
  console.log(
    `Native kernels were not built (${reasonOf(error)}); the wasm kernels serve, slower and with the same results. ` +
      'To get native ones install a C++ compiler, such as g++ or clang++, and run `npm run build:native`.',
  );
}

async function isFresh() {
  const built = await stat(output).catch(() => undefined);
  const files = await readdir(source, { recursive: true });
  const sources = files.filter((file) => !file.endsWith('.ts')).map((file) => join(source, file));
  const times = await Promise.all([...sources, fileURLToPath(import.meta.url)].map((file) => stat(file)));
  return built !== undefined && times.every(({ mtimeMs }) => mtimeMs <= built.mtimeMs);
}

async function compile() {
  const sets = INSTRUCTION_SETS[arch()];
  const link = LINK[platform()];
  if (!sets || !link) throw new Unavailable(`they are not made for ${platform()} on ${arch()}`);
  const compiler = await findCompiler();
  const folder = await mkdtemp(join(tmpdir(), 'gnoise-kernels-'));
  try {
    const units = [
      { file: 'addon.cpp', object: join(folder, 'addon.o'), options: ['-I', nodeApiHeaders] },
      { file: 'pool.cpp', object: join(folder, 'pool.o'), options: [] },
      ...Object.entries(sets).map(([set, options]) => ({
        file: 'instruction-set.cpp',
        object: join(folder, `${set}.o`),
        options: [`-DINSTRUCTION_SET=${set}`, ...options],
      })),
    ];
    await Promise.all(
      units.map(({ file, object, options }) =>
        compiler([...OPTIONS, ...options, '-c', join(source, file), '-o', object]),
      ),
    );
    await mkdir(dirname(output), { recursive: true });
    // Renamed into place, so that a process that starts meanwhile never loads half a module.
    const unfinished = `${output}.${process.pid}`;
    await compiler([...link, '-o', unfinished, ...units.map(({ object }) => object)]);
    await rename(unfinished, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A function that runs the first compiler that is there. */
async function findCompiler() {
  for (const command of [process.env.CXX, 'c++', 'g++', 'clang++']) {
    const [program, ...options] = command?.split(' ').filter(Boolean) ?? [];
    if (!program) continue;
    const found = await run(program, [...options, '--version']).catch(() => undefined);
    if (found) return (more) => run(program, [...options, ...more]);
  }
  throw new Unavailable('there is no C++ compiler');
}

function reasonOf({ message, cmd }) {
  return cmd ? `${cmd.split(' ', 1)} failed` : message;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
}
