import type { Environment } from '../../files/cache-folder.js';
import { programsIn } from './programs.js';

/** What a binding says about itself and computes. */
export interface Probe {
  readonly tensorflowVersion: string;
  readonly gpu: boolean;
  /** Whether it takes functions, so that steps can be replayed (binding.ts). */
  readonly functions: boolean;
  /** [[1, 2], [3, 4]] times itself, row by row. */
  readonly product: readonly number[];
  /** The first four `StatelessRandomNormal` numbers of seed [1, 2]. */
  readonly normals: readonly number[];
}

/** [1 2; 3 4] squared. */
const product = [7, 10, 15, 22];

/** TensorFlow's documentation of stateless_normal, seed [1, 2]. */
const normals = [0.5441101, 0.20738031, 0.07356433, 0.04643455];

/**
 * Runs in a bare Node process, so it is text: loads one binding, without TensorFlow.js, and prints a Probe. A crash
 * of the native library ends that process only.
 */
const program = `
const tf = require(process.argv[1]);
const tensor = (shape, type, values) => tf.createTensor(shape, type, values);
const type = (name, value) => ({ name, type: tf.TF_ATTR_TYPE, value });
const run = (op, attributes, inputs) => Array.from(tf.tensorDataSync(tf.executeOp(op, attributes, inputs, 1)[0].id));
const matrix = tensor([1, 2, 2], tf.TF_FLOAT, Float32Array.of(1, 2, 3, 4));
const product = run('BatchMatMulV2', [
  type('T', tf.TF_FLOAT),
  { name: 'adj_x', type: tf.TF_ATTR_BOOL, value: false },
  { name: 'adj_y', type: tf.TF_ATTR_BOOL, value: false },
], [matrix, matrix]);
const normals = run('StatelessRandomNormal', [
  type('dtype', tf.TF_FLOAT), type('T', tf.TF_INT32), type('Tseed', tf.TF_INT32),
], [tensor([1], tf.TF_INT32, Int32Array.of(4)), tensor([2], tf.TF_INT32, Int32Array.of(1, 2))]);
process.stdout.write(JSON.stringify({ tensorflowVersion: tf.TF_Version, gpu: tf.isUsingGpuDevice(), functions: 'addFunction' in tf,
  product, normals }));
`;

export type ProbeResult =
  | { readonly ok: true; readonly probe: Probe }
  /** `message` is what the loader or the library said; `signal` is set when the process crashed. */
  | { readonly ok: false; readonly message: string; readonly signal?: string };

/** Loads a binding in a child process and lets it compute. Never throws. */
export async function probeBinding(
  binding: string,
  environment: Environment = process.env,
): Promise<ProbeResult> {
  const child = await programsIn(environment)(process.execPath, ['--eval', program, binding], {
    timeout: 120_000,
  });
  if (child.timedOut) return { ok: false, message: 'did not answer within two minutes' };
  if (child.signal) return { ok: false, message: lastLines(child.stderr), signal: child.signal };
  if (child.failed) return { ok: false, message: errorLine(child.stderr) };
  const probe = JSON.parse(child.stdout) as Probe;
  const wrong = wrongNumbers(probe);
  return wrong ? { ok: false, message: wrong } : { ok: true, probe };
}

function wrongNumbers(probe: Probe): string | undefined {
  const close = (got: readonly number[], wanted: readonly number[]) =>
    got.length === wanted.length && got.every((value, i) => Math.abs(value - wanted[i]!) < 1e-6);
  if (!close(probe.product, product)) return `computes a wrong matrix product: ${probe.product}`;
  if (!close(probe.normals, normals)) return `draws other random numbers than TensorFlow's: ${probe.normals}`;
  return undefined;
}

const errorLine = (text: string) => /^(?:\w*Error: )(.*)$/m.exec(text)?.[1] ?? lastLines(text);
const lastLines = (text: string) => text.trim().split('\n').slice(-3).join('\n');
