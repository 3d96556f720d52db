import { HostStream } from '../../random/streams.js';
import { type Counted, errorOf } from '../curriculum.js';
import type { NeuralGpuSettings } from './settings.js';

/** What a replica's curriculum has come to: host-side state, saved in checkpoints. */
export type Progress = {
  /** Largest size that is trained on regularly. */
  readonly level: number;
  /** Weight of the relaxed sets' squared distance from their mean. */
  readonly pull: number;
  /** Whether all steps share one set of parameters. */
  readonly shared: boolean;
  /** Share of wrong sequences, of sizes up to the level, in the last period; 1 at the start. */
  readonly error: number;
};

export function startingProgress({ data, model, train }: NeuralGpuSettings): Progress {
  const level = Math.min(train.curriculum.start, data.maximum);
  return { level, pull: train.relaxation.pull, shared: model.sets === 1 || level === data.maximum, error: 1 };
}

/**
 * The next period's progress: below the threshold the level rises, and with it the pull; the sets become one when the
 * largest size is reached. [NGPU section 3.3]
 * @param counted sequences of sizes up to the level.
 */
export function nextProgress(
  before: Progress,
  { data, train }: NeuralGpuSettings,
  counted: Counted,
): Progress {
  const now = errorOf(counted);
  const error = now ?? before.error;
  const passed = now !== null && now < train.curriculum.threshold && before.level < data.maximum;
  if (!passed) return { ...before, error };
  const level = before.level + 1;
  return {
    level,
    pull: before.pull * train.relaxation.factor,
    shared: before.shared || level === data.maximum,
    error,
  };
}

/** The stream of sizes is everybody's: it is not keyed by a trial's seed. */
const COMMON_SEED = 0;

/** What all trials share of the size of update `step`; how it becomes a size depends on a trial's own level. */
export type SizeDraw = (level: number, maximum: number) => number;

/**
 * The size of the sequences of update `step` (0 is the first): with probability 20% uniform in 1 .. maximum [NGPU
 * section 3.3]; else uniform in 1 .. level, and with probability 60% the larger of two such numbers [public code].
 *
 * The uniform numbers behind it depend on the step alone. Trials of equal level therefore draw equal sizes, and those of
 * near levels near ones: a population wastes little on padding, and yet a trial's sizes depend on nothing but itself.
 */
export function drawSize(step: number): SizeDraw {
  const stream = new HostStream(COMMON_SEED, 'task', step);
  const [which, first, whether, second] = [1, 2, 3, 4].map(() => stream.uniform()) as [
    number,
    number,
    number,
    number,
  ];
  return (level, maximum) => {
    const among = (count: number, uniform: number) => 1 + Math.floor(count * uniform);
    if (which < 0.2) return among(maximum, first);
    return among(level, whether < 0.6 ? Math.max(first, second) : first);
  };
}
