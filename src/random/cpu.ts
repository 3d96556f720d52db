import * as tf from '@tensorflow/tfjs';
import { ADD_STATELESS_NORMAL, STATELESS_NORMAL, STATELESS_UNIFORM } from './kernel-names.js';
import { normals, type Seed, uniforms } from './philox.js';

/** The part of TensorFlow.js's plain JavaScript backend that these kernels use. */
interface CpuBackend {
  readSync(dataId: object): tf.TypedArray;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

/** Registers the reference kernels for the `cpu` backend. */
export function registerCpuKernels(): void {
  register(STATELESS_NORMAL, (args) => perReplica(args, normals));
  register(STATELESS_UNIFORM, (args) => perReplica(args, uniforms));
  register(ADD_STATELESS_NORMAL, addNormals);
}

interface KernelArguments {
  inputs: Record<string, tf.TensorInfo>;
  backend: CpuBackend;
  attrs: Record<string, number>;
}

function register(kernelName: string, kernel: (args: KernelArguments) => tf.TensorInfo): void {
  tf.registerKernel({ kernelName, backendName: 'cpu', kernelFunc: kernel as unknown as tf.KernelFunc });
}

function perReplica(
  { inputs, backend, attrs }: KernelArguments,
  draw: (seed: Seed, count: number) => Float32Array,
): tf.TensorInfo {
  const seeds = seedPairs(backend, inputs.seeds!);
  const size = attrs.size!;
  const values = new Float32Array(seeds.length * size);
  seeds.forEach((seed, replica) => {
    values.set(draw(seed, size), replica * size);
  });
  return backend.makeTensorInfo([seeds.length, size], 'float32', values);
}

function addNormals({ inputs, backend, attrs }: KernelArguments): tf.TensorInfo {
  const x = inputs.x!;
  const values = Float32Array.from(backend.readSync(x.dataId));
  const deviations = backend.readSync(inputs.deviation!.dataId);
  const seeds = seedPairs(backend, inputs.seeds!);
  const size = values.length / seeds.length;
  seeds.forEach((seed, replica) => {
    const deviation = deviations[replica]!;
    if (deviation !== 0) {
      const noise = normals(seed, size, attrs.offset! / 4);
      const start = replica * size;
      for (let i = 0; i < size; i++) {
        values[start + i] = values[start + i]! + Math.fround(deviation * noise[i]!);
      }
    }
  });
  return backend.makeTensorInfo(x.shape, 'float32', values);
}

function seedPairs(backend: CpuBackend, seeds: tf.TensorInfo): Seed[] {
  const values = backend.readSync(seeds.dataId);
  return Array.from({ length: seeds.shape[0]! }, (_, r): Seed => [values[2 * r]!, values[2 * r + 1]!]);
}
