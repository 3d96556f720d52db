import type * as tf from '@tensorflow/tfjs';
import { normals, type Seed, uniforms } from '../random/philox.js';
import { type KernelArguments, registerKernel } from './registry.js';

/** The part of TensorFlow.js's plain JavaScript backend that these kernels use. */
interface CpuBackend {
  readSync(dataId: object): tf.TypedArray;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

/** Registers the reference of the random kernels for the backend `cpu`, which composes all others. */
export function registerCpuKernels(): void {
  registerKernel('cpu', 'StatelessRandomNormalPerReplica', drawing(normals));
  registerKernel('cpu', 'StatelessRandomUniformPerReplica', drawing(uniforms));
  registerKernel('cpu', 'AddStatelessRandomNormalPerReplica', addNormals);
}

type Drawing = 'StatelessRandomNormalPerReplica' | 'StatelessRandomUniformPerReplica';

function drawing(draw: (seed: Seed, count: number) => Float32Array) {
  return ({ inputs, attrs: { size }, backend }: KernelArguments<Drawing, CpuBackend>): tf.TensorInfo[] => {
    const seeds = seedPairs(backend, inputs.seeds);
    const values = new Float32Array(seeds.length * size);
    for (const [r, seed] of seeds.entries()) values.set(draw(seed, size), r * size);
    return [backend.makeTensorInfo([seeds.length, size], 'float32', values)];
  };
}

function addNormals({
  inputs: { x, seeds, deviation },
  attrs: { offset },
  backend,
}: KernelArguments<'AddStatelessRandomNormalPerReplica', CpuBackend>): tf.TensorInfo[] {
  const values = Float32Array.from(backend.readSync(x.dataId));
  const deviations = backend.readSync(deviation.dataId);
  const pairs = seedPairs(backend, seeds);
  const size = values.length / pairs.length;
  for (const [r, seed] of pairs.entries()) {
    if (deviations[r] === 0) continue;
    const noise = normals(seed, size, offset / 4);
    const start = r * size;
    for (let i = 0; i < size; i++)
      values[start + i] = values[start + i]! + Math.fround(deviations[r]! * noise[i]!);
  }
  return [backend.makeTensorInfo(x.shape, 'float32', values)];
}

function seedPairs(backend: CpuBackend, seeds: tf.TensorInfo): Seed[] {
  const values = backend.readSync(seeds.dataId);
  return Array.from({ length: seeds.shape[0]! }, (_, r): Seed => [values[2 * r]!, values[2 * r + 1]!]);
}
