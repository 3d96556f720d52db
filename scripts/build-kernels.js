// Compiles the AssemblyScript kernels to dist/kernels/gnoise.wasm. `npm run build:kernels`; vitest runs it first, too.
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src/kernels/assembly');
const output = join(root, 'dist/kernels/gnoise.wasm');

/** Vitest's global set-up: builds only when the output is missing or older than its source. */
export async function setup() {
  if (!(await isFresh())) {
    await build();
  }
}

async function isFresh() {
  const built = await stat(output).catch(() => undefined);
  const files = await readdir(source, { recursive: true });
  const sources = await Promise.all(
    [...files.map((file) => join(source, file)), fileURLToPath(import.meta.url)].map((file) => stat(file)),
  );
  return built !== undefined && sources.every(({ mtimeMs }) => mtimeMs <= built.mtimeMs);
}

async function build() {
  await mkdir(dirname(output), { recursive: true });
  // Renamed into place, so that a process that starts meanwhile never reads half a module.
  const unfinished = `${output}.${process.pid}`;
  const { error, stderr } = await asc.main([
    join(source, 'index.ts'),
    ...['--outFile', unfinished],
    ...['--optimizeLevel', '3', '--noAssert', '--converge'],
    ...['--enable', 'simd', '--runtime', 'stub'],
    // The memory, and everything in it, is TensorFlow.js's: no data of ours, and no call for abort.
    ...['--importMemory', '--noExportMemory', '--use', 'abort='],
  ]);
  if (error) {
    throw new Error(`The kernels in ${source} do not compile:\n${stderr}`, { cause: error });
  }
  await rename(unfinished, output);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
}
