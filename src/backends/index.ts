import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { UserError } from '../errors.js';
import type { BackendName, DeviceName } from './names.js';
import { type Card, visibleCards } from './tensorflow/cards.js';
import { findGpus } from './tensorflow/gpu.js';
import { threadsOf } from './threads.js';

/** What the user asked for. */
export interface BackendChoice {
  readonly backend: BackendName | 'auto';
  readonly device: DeviceName;
  /** Threads of each process; 0 leaves it to native TensorFlow, and shares the cores out among processes with wasm. */
  readonly threads: number;
  /** Shows the native library's own log lines. */
  readonly verbose: boolean;
}

/** What was opened. */
export interface OpenBackend {
  readonly name: BackendName;
  readonly device: 'cpu' | 'gpu';
  /** For people and records, e.g. `NVIDIA H200`. */
  readonly deviceName: string;
  /** Version of the native library, where there is one. */
  readonly tensorflowVersion: string | null;
  /** Of the wasm backend, what its kernels are made of: `wasm`, or an instruction set where they are native. */
  readonly kernels: string | null;
  /** The GPUs that training can use, one for each process; none where the processor computes. */
  readonly cards: readonly Card[];
  /** Free memory of a process's device in bytes; null where that is the machine's own memory. */
  readonly deviceBytes: number | null;
  /** How many processes can share the machine with profit. */
  readonly processes: number;
}

/** What `openBackend` would take, by a look at the disk alone: for planning, and for parents of worker processes. */
export async function backendFor(
  choice: BackendChoice,
): Promise<Pick<OpenBackend, 'name' | 'device' | 'cards' | 'deviceBytes' | 'processes'>> {
  const wantsGpu = choice.device === 'gpu';
  if (wantsGpu && choice.backend !== 'auto' && choice.backend !== 'tensorflow')
    throw new UserError(
      `--device gpu needs --backend tensorflow; ${choice.backend} runs on the processor only.`,
    );
  const native = choice.backend === 'auto' && (wantsGpu || (await nativeIsInstalled(choice.device)));
  const name = choice.backend !== 'auto' ? choice.backend : native ? 'tensorflow' : 'wasm';
  if (name === 'wasm') await checkKernels();
  const cards = name === 'tensorflow' && choice.device !== 'cpu' ? visibleCards(await findGpus()) : [];
  return {
    name,
    device: wantsGpu || cards.length > 0 ? 'gpu' : 'cpu',
    cards,
    deviceBytes: leastFree(cards),
    // The native library uses a card, or all cores, by itself; with the others a process for each core gets most out of them.
    processes: name === 'tensorflow' ? Math.max(1, cards.length) : availableParallelism(),
  };
}

/** What is free on the fullest card; null where none is known. */
function leastFree(cards: readonly Card[]): number | null {
  const known = cards.flatMap(({ freeBytes }) => freeBytes ?? []);
  return known.length > 0 ? Math.min(...known) : null;
}

/** What is installed and does not load is an error with a remedy, not a silent fallback. */
async function nativeIsInstalled(device: DeviceName): Promise<boolean> {
  const { locateTensorflow } = await import('./tensorflow/locate.js');
  const { candidates } = await locateTensorflow(device);
  return candidates.some(({ binding }) => existsSync(binding));
}

/**
 * Readies the backend; nothing else in the product knows which one it is. `auto` takes the native library where it is
 * installed and WebAssembly elsewhere.
 * @param processes that train at once on this machine, this one among them.
 * @throws UserError when what was asked for cannot be had, saying why and what would repair it.
 */
export async function openBackend(choice: BackendChoice, processes = 1): Promise<OpenBackend> {
  const planned = await backendFor(choice);
  const plain = { ...planned, deviceName: 'cpu', tensorflowVersion: null, kernels: null };
  switch (planned.name) {
    case 'tensorflow':
      return { ...plain, ...(await openNative(choice)) };
    case 'wasm':
      return { ...plain, kernels: await openWasm(threadsOf(choice.threads, processes)) };
    case 'cpu':
      await openPlain('cpu');
      return plain;
  }
}

async function openNative({ device, threads, verbose }: BackendChoice) {
  const { openTensorflow } = await import('./tensorflow/load.js');
  const { tensorflowVersion, ...opened } = await openTensorflow({
    device,
    verbose,
    ...(threads > 0 ? { threads } : {}),
  });
  return { tensorflowVersion, device: opened.device, deviceName: opened.deviceName };
}

async function openWasm(threads: number): Promise<string> {
  await import('@tensorflow/tfjs-backend-wasm');
  await openPlain('wasm');
  const { registerWasmKernels } = await import('../kernels/wasm/index.js');
  return await registerWasmKernels(threads);
}

/** So that a wrong choice is told here, before there are workers. */
async function checkKernels(): Promise<void> {
  const { chosenKernels } = await import('../kernels/native/addon.js');
  chosenKernels();
}

async function openPlain(name: 'wasm' | 'cpu'): Promise<void> {
  // Silences the advice to install tfjs-node, which `gnoise doctor` gives better.
  tf.env().set('PROD', true);
  await tf.setBackend(name);
  await tf.ready();
}
