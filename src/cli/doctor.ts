import { access, constants, mkdir } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { diagnoseTensorflow } from '../backends/tensorflow/diagnose.js';
import { describeDiagnosis } from '../backends/tensorflow/diagnosis.js';
import { findGpus } from '../backends/tensorflow/gpu.js';
import { hasNvidiaDriver } from '../backends/tensorflow/locate.js';
import { cacheFolder, type Environment } from '../files/cache-folder.js';
import { freeBytes, gigabytes } from '../files/space.js';
import type { Streams } from './streams.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `optional`: absent or broken, but everything else works without it. */
  readonly status: 'ok' | 'optional' | 'not ok';
  readonly text: string;
  /** How to repair it, where it is not ok. */
  readonly repair?: string;
}

export interface DoctorOptions {
  readonly json?: boolean;
  /** Looks at the data sets; they are not the doctor's to know. */
  readonly data: () => Promise<readonly Check[]>;
  /** Lets the WebAssembly backend compute, and rejects when it cannot; loading TensorFlow.js is not the doctor's either. */
  readonly tryWasm: () => Promise<void>;
  readonly environment?: Environment;
  readonly nodeVersion?: string;
}

/**
 * `gnoise doctor [--json]`: what works here, what doesn't and how to repair it.
 * @returns whether everything that is needed works.
 */
export async function doctor(options: DoctorOptions, { out }: Pick<Streams, 'out'>): Promise<boolean> {
  const checks = await examine(options);
  const well = checks.every(({ status }) => status !== 'not ok');
  out.write(options.json ? `${JSON.stringify({ ok: well, checks }, null, 2)}\n` : describeChecks(checks));
  return well;
}

async function examine(options: DoctorOptions): Promise<Check[]> {
  const { data, tryWasm, environment = process.env, nodeVersion = process.version } = options;
  return [
    checkNode(nodeVersion),
    checkMachine(),
    await checkWasm(tryWasm),
    { name: 'backend cpu', status: 'ok', text: 'plain JavaScript, for debugging' },
    await checkTensorflow(environment),
    await checkGpu(),
    await checkCache(environment),
    ...(await data()),
  ];
}

/** A line per check, and below it how to repair what is not ok. */
export function describeChecks(checks: readonly Check[]): string {
  const marks = { ok: 'ok      ', optional: 'optional', 'not ok': 'NOT OK  ' };
  const indent = '\n          ';
  return checks
    .map(({ name, status, text, repair }) => {
      const words = `${name}: ${text}`.split('\n').join(indent);
      return `${marks[status]}  ${words}${repair ? `${indent}repair: ${repair}` : ''}\n`;
    })
    .join('');
}

function checkNode(version: string): Check {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  const supported = major === 20 || major === 22;
  return {
    name: 'Node',
    status: supported ? 'ok' : 'not ok',
    text: `${version} on ${process.platform}-${process.arch}`,
    ...(!supported && { repair: 'use Node 20 or 22, the versions gnoise is tested on' }),
  };
}

function checkMachine(): Check {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${gigabytes(totalmem())} of memory (${gigabytes(freemem())} free)`;
  return { name: 'machine', status: 'ok', text: `${availableParallelism()} cores, ${processor}, ${memory}` };
}

/** A module that adds two vectors: it only compiles where WebAssembly has SIMD. */
const simdModule = Uint8Array.of(
  ...[
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
    11,
  ],
);

async function checkWasm(tryWasm: () => Promise<void>): Promise<Check> {
  const name = 'backend wasm';
  // Node's own types do not declare it.
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { validate(module: Uint8Array): boolean };
  };
  if (!WebAssembly.validate(simdModule)) {
    const text = 'this Node has no WebAssembly SIMD, so its kernels cannot run';
    return { name, status: 'not ok', text, repair: 'use an official build of Node 20 or 22' };
  }
  try {
    await tryWasm();
    return { name, status: 'ok', text: 'computes, with SIMD' };
  } catch (error) {
    const text = `does not compute: ${(error as Error).message}`;
    return { name, status: 'not ok', text, repair: 'npm ci, which restores its files' };
  }
}

async function checkTensorflow(environment: Environment): Promise<Check> {
  const name = 'backend tensorflow';
  const diagnosis = await diagnoseTensorflow('auto', environment);
  if (diagnosis.state === 'ready') {
    const { candidate } = diagnosis;
    return { name, status: 'ok', text: `${describeDiagnosis(diagnosis)}: ${candidate.packageFolder}` };
  }
  const { cause, lookedFor, said, repair } = diagnosis;
  const text = [cause, ...lookedFor.map((file) => `looked for ${file}`), ...(said ? [said] : [])].join('\n');
  // Without it, or with npm having skipped its install script, the other backends do; what was installed must work.
  const optional = diagnosis.state === 'absent' || diagnosis.state === 'no-binding';
  return { name, status: optional ? 'optional' : 'not ok', text, repair };
}

async function checkGpu(): Promise<Check> {
  const gpus = await findGpus();
  if (gpus.length > 0) {
    const cards = gpus.map(
      ({ name, totalMebibytes, usedMebibytes }) => `${name} (${usedMebibytes} of ${totalMebibytes} MiB used)`,
    );
    return { name: 'GPU', status: 'ok', text: `${cards.join(', ')}; driver ${gpus[0]!.driver}` };
  }
  const text = hasNvidiaDriver()
    ? 'NVIDIA’s driver is loaded, but nvidia-smi reports no card'
    : 'no NVIDIA card, or no driver for it';
  return { name: 'GPU', status: 'optional', text };
}

async function checkCache(environment: Environment): Promise<Check> {
  const folder = cacheFolder(environment);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { name: 'cache', status: 'ok', text: `${folder}, ${gigabytes(await freeBytes(folder))} free` };
  } catch (error) {
    const text = `${folder} cannot be written: ${(error as Error).message}`;
    return { name: 'cache', status: 'not ok', text, repair: 'name a folder you can write in GNOISE_CACHE' };
  }
}
