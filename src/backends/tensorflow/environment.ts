import type { Environment } from '../../files/cache-folder.js';

/** Which device computes: a GPU or nothing, the CPU even where there is a GPU, or the best there is. */
export type Device = 'gpu' | 'cpu' | 'auto';

export interface NativeOptions {
  readonly device?: Device;
  /** Threads for one operation, and operations at a time; TensorFlow's choice (one per core) where it is left out. */
  readonly threads?: number;
  /** Let TensorFlow log to standard error. */
  readonly verbose?: boolean;
}

/**
 * The variables that TensorFlow reads when its library is loaded, and that therefore must be set before. Variables
 * that the user has set win, except where an option contradicts them.
 */
export function nativeEnvironment(
  { device = 'auto', threads, verbose = false }: NativeOptions,
  given: Environment = process.env,
): Record<string, string> {
  const defaults: Record<string, string> = {
    // By default TensorFlow takes the whole card at once, so that a second process finds none left.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Tensor cores would round the inputs of matrix products to 10 bits of mantissa; the paper's float32 has 23.
    NVIDIA_TF32_OVERRIDE: '0',
    // A card would add up the rows of a table's gradient in another order each time: a trial would not end in the same bits again,
    // and its steps would not be replayed.
    TF_USE_DETERMINISTIC_SEGMENT_REDUCTIONS: 'true',
    CUDA_VISIBLE_DEVICES: '0',
    TF_CPP_MIN_LOG_LEVEL: verbose ? '0' : '3',
  };
  const untold = Object.entries(defaults).filter(([name]) => given[name] === undefined);
  const forced: Record<string, string> = {};
  // The binding keeps its tensors on the last card it sees, and TensorFlow computes on the first: a process gets one.
  // Several are for several processes (`cards.ts`).
  const cards = given.CUDA_VISIBLE_DEVICES?.split(',') ?? [];
  if (cards.length > 1) forced.CUDA_VISIBLE_DEVICES = cards[0]!;
  if (device === 'cpu') forced.CUDA_VISIBLE_DEVICES = '-1';
  if (threads !== undefined) {
    forced.TF_NUM_INTRAOP_THREADS = String(threads);
    forced.TF_NUM_INTEROP_THREADS = String(threads);
    forced.OMP_NUM_THREADS = String(threads);
  }
  return { ...Object.fromEntries(untold), ...forced };
}
