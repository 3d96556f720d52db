import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { bindingPath, napiVersion } from './folders.js';
import { writeFunctionsSource } from './functions-source.js';
import { mutePath, writeMuteSource } from './mute.js';
import { fetchPackage, type NpmWork, type Source } from './npm-package.js';
import { programsIn } from './programs.js';

/**
 * The first working C++ compiler among the variable CXX, c++, g++ and clang++.
 * @returns the command and the first line it says about itself.
 * @throws UserError when there is none.
 */
export async function findCompiler(
  environment: Environment = process.env,
): Promise<{ command: string; description: string }> {
  const candidates = [environment.CXX, 'c++', 'g++', 'clang++'].filter((name) => name !== undefined);
  for (const command of candidates) {
    const asked = await programsIn(environment)(command, ['--version']);
    if (!asked.failed) return { command, description: asked.stdout.split('\n')[0]! };
  }
  throw new UserError(
    `No C++ compiler was found (looked for ${candidates.join(', ')}). Install one (Debian, Ubuntu: apt install g++; ` +
      'Fedora: dnf install gcc-c++), or name one in the variable CXX.',
  );
}

/** Node's headers as its own installers place them, beside the executable's folder. */
export function nodeHeaders(executable: string = process.execPath): string | undefined {
  const folder = join(dirname(dirname(executable)), 'include', 'node');
  return existsSync(join(folder, 'node_api.h')) ? folder : undefined;
}

/**
 * A folder with `node_api.h`: Node's own, or the headers that the Node project publishes as an npm package, for
 * systems that split Node into several packages. Node-API is stable, so their versions need not match.
 */
export async function provideNodeHeaders(
  target: string,
  work: NpmWork,
  executable?: string,
): Promise<{ folder: string; source?: Source }> {
  const own = nodeHeaders(executable);
  if (own) return { folder: own };
  const source = await fetchPackage('node-api-headers', target, work);
  return { folder: join(target, 'include'), source };
}

export interface Compile {
  readonly compiler: string;
  /** Holds `tensorflow/` (libraries and headers) and `tfjs-node/` (the binding's sources, and afterwards the binding). */
  readonly folder: string;
  readonly nodeHeaders: string;
  readonly environment: Environment;
}

/**
 * Compiles TensorFlow.js's Node-API binding against the TensorFlow in the folder, and the add-on that keeps its
 * library quiet.
 * @throws UserError with the compiler's words when it fails.
 */
export async function compileBinding(options: Compile): Promise<void> {
  const { folder, nodeHeaders } = options;
  const tensorflow = join(folder, 'tensorflow');
  const sources = join(folder, 'tfjs-node', 'binding');
  const output = bindingPath(join(folder, 'tfjs-node'));
  await mkdir(dirname(output), { recursive: true });
  const common = [
    '-shared',
    '-fPIC',
    '-std=c++17',
    '-O2',
    `-DNAPI_VERSION=${napiVersion}`,
    `-I${nodeHeaders}`,
  ];
  await compile(options, [...common, await writeMuteSource(sources), '-o', mutePath(output)]);
  await compile(options, [
    ...common,
    `-I${join(tensorflow, 'include')}`,
    // functions.cc includes tfjs_binding.cc.
    ...['-fno-access-control', join(sources, 'tfjs_backend.cc'), await writeFunctionsSource(sources)],
    ...['-o', output],
    ...['cc', 'framework'].map((part) => join(tensorflow, `libtensorflow_${part}.so.2`)),
    // Relative to the binding, so that the folder can be moved. TensorFlow's own libraries look for NVIDIA's in
    // ../nvidia in the same way, which is where they are put.
    '-Wl,-rpath,$ORIGIN/../../../tensorflow',
  ]);
}

async function compile({ compiler, environment }: Compile, options: readonly string[]): Promise<void> {
  const { failed, stderr, shortMessage } = await programsIn(environment)(compiler, options);
  if (!failed) return;
  const words = stderr.trim().split('\n').slice(0, 12).join('\n') || shortMessage;
  throw new UserError(
    `${compiler} could not compile the binding. It must know C++17 (g++ 8, clang++ 7 or newer); another compiler can ` +
      `be named in the variable CXX. It said:\n${words}`,
  );
}
