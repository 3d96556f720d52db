import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { UserError } from '../cli/errors.js';

export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export const deviceNames = ['auto', 'gpu', 'cpu'] as const;
export type DeviceName = (typeof deviceNames)[number];

/** What the user asked for. */
export interface BackendChoice {
  readonly backend: BackendName | 'auto';
  readonly device: DeviceName;
  /** Threads of the native library; 0 leaves it to TensorFlow. The other backends use one. */
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
  /** How many processes can share the machine with profit. */
  readonly processes: number;
}

/**
 * Chooses and readies the backend; nothing else in the product knows which one it is. `auto` takes the native library
 * where it works and WebAssembly elsewhere.
 * @throws UserError when what was asked for cannot be had, saying why and what would repair it.
 */
export async function openBackend(choice: BackendChoice): Promise<OpenBackend> {
  const wantsGpu = choice.device === 'gpu';
  if (wantsGpu && choice.backend !== 'auto' && choice.backend !== 'tensorflow')
    throw new UserError(
      `--device gpu needs --backend tensorflow; ${choice.backend} runs on the processor only.`,
    );
  switch (choice.backend) {
    case 'tensorflow':
      return openNative(choice);
    case 'wasm':
      return openWasm();
    case 'cpu':
      return openPlain('cpu');
    case 'auto':
      return wantsGpu || (await nativeIsInstalled(choice.device)) ? openNative(choice) : openWasm();
  }
}

/** A look at the disk only: what is installed and does not load is an error with a remedy, not a silent fallback. */
async function nativeIsInstalled(device: DeviceName): Promise<boolean> {
  const { locateTensorflow } = await import('./tensorflow/locate.js');
  const { candidates } = await locateTensorflow(device);
  return candidates.some(({ binding }) => existsSync(binding));
}

async function openNative({ device, threads, verbose }: BackendChoice): Promise<OpenBackend> {
  const { openTensorflow } = await import('./tensorflow/load.js');
  const opened = await openTensorflow({ device, verbose, ...(threads > 0 ? { threads } : {}) });
  return {
    name: 'tensorflow',
    device: opened.device,
    deviceName: opened.deviceName,
    tensorflowVersion: opened.tensorflowVersion,
    // Kernels of the native library use all cores by themselves.
    processes: 1,
  };
}

async function openWasm(): Promise<OpenBackend> {
  await import('@tensorflow/tfjs-backend-wasm');
  const backend = await openPlain('wasm');
  const { registerWasmKernels } = await import('../kernels/wasm.js');
  await registerWasmKernels();
  return backend;
}

async function openPlain(name: 'wasm' | 'cpu'): Promise<OpenBackend> {
  // Silences the advice to install tfjs-node, which `gnoise doctor` gives better.
  tf.env().set('PROD', true);
  await tf.setBackend(name);
  await tf.ready();
  return {
    name,
    device: 'cpu',
    deviceName: 'cpu',
    tensorflowVersion: null,
    // One thread each.
    processes: availableParallelism(),
  };
}
