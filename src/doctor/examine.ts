import { access, constants, mkdir } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { diagnoseTensorflow } from '../backends/tensorflow/diagnose.js';
import { describeDiagnosis, improvementOf } from '../backends/tensorflow/diagnosis.js';
import { findGpus } from '../backends/tensorflow/gpu.js';
import { hasNvidiaDriver } from '../backends/tensorflow/locate.js';
import { cacheFolder, type Environment } from '../files/cache-folder.js';
import { freeBytes, gigabytes } from '../files/space.js';
import type { Check } from './check.js';
import { checkData } from './data.js';
import { checkKernels } from './kernels.js';
import { checkWasm } from './wasm.js';

/** What is examined; all but the folders is this process's own unless a test says otherwise. */
export interface Patient {
  /** Where data sets are looked for. */
  readonly dataFolders: readonly string[];
  readonly environment?: Environment;
  readonly nodeVersion?: string;
  /** Lets the WebAssembly backend compute, and rejects when it cannot. */
  readonly tryWasm?: () => Promise<void>;
}

/** What works on this machine, what does not and how to repair it. */
export async function examine(patient: Patient): Promise<Check[]> {
  const { dataFolders, tryWasm, environment = process.env, nodeVersion = process.version } = patient;
  return [
    checkNode(nodeVersion),
    checkMachine(),
    await checkWasm(tryWasm),
    checkKernels(environment.GNOISE_KERNELS),
    { name: 'backend cpu', status: 'ok', text: 'plain JavaScript, for debugging' },
    await checkTensorflow(environment),
    await checkGpu(),
    await checkCache(environment),
    ...(await checkData(dataFolders)),
  ];
}

/** Whether all that is needed works. */
export function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'not ok');
}

/** Versions of Node that src/cli/node-versions.test.ts runs gnoise on. */
export const TESTED_NODES: readonly number[] = [20, 22, 24];
const TESTED_TEXT = 'Node 20, 22 or 24';

function checkNode(version: string): Check {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  const supported = TESTED_NODES.includes(major);
  return {
    name: 'Node',
    status: supported ? 'ok' : 'not ok',
    text: `${version} on ${process.platform}-${process.arch}`,
    ...(!supported && { repair: `use ${TESTED_TEXT}, the versions gnoise is tested on` }),
  };
}

function checkMachine(): Check {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${gigabytes(totalmem())} of memory (${gigabytes(freemem())} free)`;
  return { name: 'machine', status: 'ok', text: `${availableParallelism()} cores, ${processor}, ${memory}` };
}

async function checkTensorflow(environment: Environment): Promise<Check> {
  const name = 'backend tensorflow';
  const diagnosis = await diagnoseTensorflow('auto', environment);
  if (diagnosis.state === 'ready') {
    const text = `${describeDiagnosis(diagnosis)}: ${diagnosis.candidate.packageFolder}`;
    const improvement = improvementOf(diagnosis);
    if (!improvement) return { name, status: 'ok', text };
    return { name, status: 'ok', text: `${text}\n${improvement.text}`, repair: improvement.repair };
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
