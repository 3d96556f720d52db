import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../../errors.js';
import { provideRecorder } from '../../kernels/recorder.js';
import { type Binding, hasFunctions } from './binding.js';
import { commonJsLoader } from './commonjs.js';
import { damageOf } from './damage.js';
import { absent, describeDiagnosis, loadFailure, type Trouble } from './diagnosis.js';
import { type NativeOptions, nativeEnvironment } from './environment.js';
import { findGpus } from './gpu.js';
import { registerTensorflowKernels } from './kernels/index.js';
import { type Candidate, type Located, locateTensorflow } from './locate.js';
import { whileMuted } from './mute.js';
import { gnoiseBackend } from './node-backend.js';
import { TensorflowRecorder } from './recording/recorder.js';

export interface OpenTensorflow {
  readonly tensorflowVersion: string;
  /** e.g. `['CPU', 'GPU']`. */
  readonly devices: readonly string[];
  /** Where the arithmetic happens. */
  readonly device: 'cpu' | 'gpu';
  /** The card's name, or `CPU`. */
  readonly deviceName: string;
  readonly source: Candidate['source'];
}

let opened: Promise<OpenTensorflow> | undefined;

/**
 * Loads native TensorFlow into this process and makes it TensorFlow.js's backend `tensorflow`. Nothing native is
 * loaded before this is called. The library reads its settings once: a second call answers with what is open, whatever
 * it asks for.
 * @throws UserError when there is none that works, with what was looked for and how to repair it; when a GPU is asked
 *   for and none is visible.
 */
export function openTensorflow(options: NativeOptions = {}): Promise<OpenTensorflow> {
  opened ??= open(options).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function open(options: NativeOptions): Promise<OpenTensorflow> {
  const { device = 'auto', verbose = Boolean(process.env.GNOISE_VERBOSE) } = options;
  Object.assign(process.env, nativeEnvironment({ ...options, verbose }));
  const { candidate, binding } = await loadBinding(await locateTensorflow(device), verbose);
  const gpu = binding.isUsingGpuDevice();
  if (device === 'gpu' && !gpu) throw new UserError(await noGpu(candidate, binding));
  // Warnings of TensorFlow.js about running without a native library, and the like.
  if (!verbose) tf.env().set('PROD', true);
  await registerBackend(candidate, binding);
  return {
    tensorflowVersion: binding.TF_Version,
    devices: gpu ? ['CPU', 'GPU'] : ['CPU'],
    device: gpu ? 'gpu' : 'cpu',
    deviceName: gpu ? ((await findGpus())[0]?.name ?? 'GPU') : 'CPU',
    source: candidate.source,
  };
}

/** The first candidate's binding that loads. */
async function loadBinding(
  { candidates, lookedFor }: Located,
  verbose: boolean,
): Promise<{ candidate: Candidate; binding: Binding }> {
  const require = createRequire(import.meta.url);
  let first: Trouble | undefined;
  for (const candidate of candidates) {
    const damage = await damageOf(candidate);
    if (damage !== null) {
      first ??= damage;
      continue;
    }
    try {
      const load = () => require(candidate.binding) as Binding;
      return { candidate, binding: verbose ? load() : whileMuted(candidate.binding, load) };
    } catch (error) {
      first ??= loadFailure(candidate, (error as Error).message);
    }
  }
  throw new UserError(
    `${describeDiagnosis(first ?? absent(lookedFor))}\n  or go on without it: --backend wasm`,
  );
}

/** Does what the package's own index.js does, without its search for the binding, which fails outside node_modules. */
async function registerBackend({ packageFolder }: Candidate, binding: Binding): Promise<void> {
  // The CommonJS faces of the modules that `import * as tf` gives: one engine.
  const require = createRequire(import.meta.url);
  const provided = new Map<string, unknown>([
    ['@tensorflow/tfjs', require('@tensorflow/tfjs')],
    ['@tensorflow/tfjs-core', require('@tensorflow/tfjs-core')],
    ['os', await import('node:os')],
    // Node 23 removed a function that the package still calls.
    ['util', { ...util, isNullOrUndefined: (value: unknown) => value === null || value === undefined }],
    // Only used to export models; it would need google-protobuf.
    ['./proto/api_pb', {}],
  ]);
  const load = commonJsLoader(provided);
  load(join(packageFolder, 'dist', 'register_all_kernels.js'));
  const { NodeJSKernelBackend } = load(join(packageFolder, 'dist', 'nodejs_kernel_backend.js')) as {
    NodeJSKernelBackend: Parameters<typeof gnoiseBackend>[0];
  };
  const backend = new (gnoiseBackend(NodeJSKernelBackend))(binding, '@tensorflow/tfjs-node-gpu');
  tf.registerBackend('tensorflow', () => backend, 3);
  if (hasFunctions(binding)) provideRecorder('tensorflow', new TensorflowRecorder(backend, binding));
  registerTensorflowKernels();
  await tf.setBackend('tensorflow');
}

async function noGpu(candidate: Candidate, binding: Binding): Promise<string> {
  const gpus = await findGpus();
  const wanted = '--device gpu: TensorFlow sees no GPU.';
  if (gpus.length === 0) {
    return `${wanted} nvidia-smi reports no card: this machine has none, or NVIDIA's driver is not loaded. Use --device auto or cpu.`;
  }
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  return (
    `${wanted} The driver reports ${gpus[0]!.name} (driver ${gpus[0]!.driver}), but TensorFlow ${binding.TF_Version} ` +
    `from ${candidate.packageFolder} cannot use it: it was built without CUDA, its CUDA libraries are missing, the ` +
    `driver is too old for them, or the card is hidden (CUDA_VISIBLE_DEVICES is ${visible}). Run gnoise backend install ` +
    '--gpu; GNOISE_VERBOSE=1 shows what TensorFlow says.'
  );
}
