import * as tf from '@tensorflow/tfjs';
import type { Experiment, Metrics, OpenData, Program } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import { disposeTree, mapTree, tensorsByPath } from '../method/tensor-tree.js';
import type { Chain } from '../method/transformation.js';
import { squaredNorm } from '../ops/squared-norm.js';
import { optimiserOf } from '../optimiser/chain.js';
import type { StoredTensor } from '../results/binary.js';
import type { CurvePoint } from '../results/record.js';
import type { Weights } from '../results/weights.js';
import type { Trial } from '../trials/trial.js';
import { annealing } from './anneal.js';
import { Replays } from './replays.js';
import { settingsOf } from './settings.js';
import {
  gradientNorms,
  type LockstepState,
  listed,
  replicated,
  type Stepping,
  startingState,
  zeroSums,
} from './step.js';

/** A replica's figures at one report. */
export interface Report {
  readonly trial: Trial;
  /** Mean training loss since the last report. */
  readonly loss: number;
  /** False once its loss is NaN or infinite, or its parameters are, or the sum of their squares (beyond 1e38). */
  readonly finite: boolean;
}

/** What of a population has to be stored to continue it bit for bit. */
export interface Snapshot {
  readonly ids: readonly string[];
  readonly step: number;
  readonly curves: readonly (readonly CurvePoint[])[];
  /** The program's host-side state, one value per replica; null where it has none. */
  readonly host: readonly Json[] | null;
  /** Step of the last report: the loss has been summed from there. */
  readonly reportedAt: number;
  /** Parameters, the optimiser's state and the sums, by their paths in the state; each begins with the replica axis. */
  readonly tensors: readonly StoredTensor[];
}

/**
 * Trials of equal structure that are trained in lockstep, as one tensor program with a leading replica axis.
 * Owns its tensors; call `dispose` when done.
 */
export class Population {
  readonly curves: CurvePoint[][];
  /** Updates done, which is the number of the next batch. */
  step = 0;
  private reportedAt = 0;
  private readonly optimiser: Chain;
  private stepping: Stepping;
  private steps: Replays;
  private state: LockstepState;

  /**
   * Starts the trials from their seeds, or where `snapshot` left them. All must have an equal structure.
   * A snapshot may hold other trials too; they are left out.
   * @throws Error if a trial is missing from the snapshot or its tensors do not fit.
   */
  constructor(
    private readonly experiment: Experiment,
    public trials: readonly Trial[],
    private readonly data: OpenData,
    snapshot: Snapshot | null = null,
  ) {
    const replicas = trials.map(({ description }) => ({
      seed: description.seed,
      train: settingsOf(this.experiment, description).train,
    }));
    this.optimiser = optimiserOf(replicas);
    this.stepping = this.buildStepping();
    this.steps = new Replays(this.stepping);
    this.curves = trials.map(() => []);
    this.state = startingState(this.program, this.optimiser, trials.length);
    if (snapshot) this.restore(snapshot);
  }

  /** The parameters now, each [R, ...]; they stay the population's. */
  get parameters(): readonly tf.Tensor[] {
    return listed(this.program, this.state.parameters);
  }

  /** Updates that were replayed instead of made, since replicas were last left out. */
  get replayed(): number {
    return this.steps.replayed;
  }

  /** One update of every replica. */
  update(): void {
    this.state = this.steps.advance(this.state, this.program.batch(this.step));
    this.step += 1;
  }

  /** Mean losses since the last report, in one read-back; tells the program what its monitors saw. */
  async report(): Promise<Report[]> {
    const replicas = this.trials.length;
    const updates = Math.max(1, this.step - this.reportedAt);
    const [losses, squares, ...monitors] = await this.readSums();
    this.reportedAt = this.step;
    this.program.observe?.(monitors, updates);
    this.reform();
    const sums = zeroSums(this.program, replicas);
    disposeTree(this.state.sums);
    this.state = { ...this.state, sums };
    return this.trials.map((trial, r) => {
      const loss = losses![r]! / updates;
      return { trial, loss, finite: Number.isFinite(loss) && Number.isFinite(squares![r]!) };
    });
  }

  /** Figures of every replica on held-out data. */
  evaluate(): Promise<Metrics[]> {
    return this.program.evaluate(this.parameters);
  }

  /** The gradient of every replica at the next update, before clipping: what its noise is to be compared with. */
  async gradients(): Promise<Required<CurvePoint>['gradient'][]> {
    const result = gradientNorms(this.stepping, this.state, this.program.batch(this.step));
    const values = await result.data();
    result.dispose();
    const entries = this.program.parameters.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    return [...values].map((norm) => ({ norm, rms: norm / Math.sqrt(entries) }));
  }

  /** Goes on with some of the replicas only, so that those that are done cost nothing. */
  keep(indices: readonly number[]): void {
    if (indices.length === this.trials.length) return;
    this.trials = indices.map((i) => this.trials[i]!);
    if (indices.length === 0) return;
    const old = this.state;
    const host = this.program.save?.();
    this.steps.dispose();
    this.program.dispose();
    this.curves.splice(0, this.curves.length, ...indices.map((i) => this.curves[i]!));
    this.stepping = this.buildStepping();
    this.steps = new Replays(this.stepping);
    if (host) this.program.restore?.(indices.map((i) => host[i]!));
    const picked = tf.tidy(() => {
      const chosen = tf.tensor1d([...indices], 'int32');
      return mapTree(replicated(old), (t) => tf.gather(t, chosen));
    });
    this.state = { ...picked, step: old.step };
    disposeTree(old, this.state);
  }

  /** A copy of one replica's network on the host. */
  async weightsOf(trial: Trial): Promise<Weights> {
    const r = this.trials.indexOf(trial);
    const tensors = await Promise.all(
      this.program.parameters.map(async ({ name, shape }, i) => {
        const own = tf.tidy(() => tf.slice(this.parameters[i]!, r, 1));
        const data = (await own.data()) as Float32Array;
        own.dispose();
        return { name, shape, data };
      }),
    );
    return { tensors, state: this.program.save?.()[r] ?? null };
  }

  /** A copy of everything on the host. */
  async save(): Promise<Snapshot> {
    return {
      ids: this.trials.map(({ id }) => id),
      step: this.step,
      reportedAt: this.reportedAt,
      curves: this.curves.map((curve) => [...curve]),
      host: this.program.save?.() ?? null,
      tensors: await Promise.all(
        [...tensorsByPath(replicated(this.state))].map(async ([name, t]) => ({
          name,
          shape: t.shape,
          dtype: t.dtype as 'float32' | 'int32',
          data: (await t.data()) as Float32Array | Int32Array,
        })),
      ),
    };
  }

  dispose(): void {
    this.steps.dispose();
    this.program.dispose();
    disposeTree(this.state);
  }

  private restore(snapshot: Snapshot): void {
    const indices = this.trials.map(({ id }) => {
      const index = snapshot.ids.indexOf(id);
      if (index < 0) throw new Error(`The checkpoint does not hold trial ${id}.`);
      return index;
    });
    const stored = new Map(snapshot.tensors.map((tensor) => [tensor.name, tensor]));
    const restored = mapTree(replicated(this.state), (current, name) =>
      pickRows(stored.get(name), name, current.shape, indices),
    );
    disposeTree(this.state);
    this.state = { ...restored, step: tf.scalar(snapshot.step, 'int32') };
    this.step = snapshot.step;
    this.reportedAt = snapshot.reportedAt;
    this.curves.splice(0, this.curves.length, ...indices.map((i) => [...snapshot.curves[i]!]));
    if (snapshot.host) this.program.restore?.(indices.map((i) => snapshot.host![i]!));
  }

  /** Losses [R], squared norms of the parameters [R], monitors: packed, so that the device is read once. */
  private async readSums(): Promise<Float32Array[]> {
    const { loss, monitors } = this.state.sums;
    const sizes = [loss, loss, ...monitors].map(({ size }) => size);
    const packed = tf.tidy(() => {
      const figures = [loss, tf.addN(this.parameters.map(squaredNorm)), ...monitors];
      return tf.concat(figures.map((t) => tf.reshape(t, [-1])));
    });
    const values = (await packed.data()) as Float32Array;
    packed.dispose();
    let end = 0;
    return sizes.map((size) => {
      end += size;
      return values.subarray(end - size, end);
    });
  }

  private reform(): void {
    const { parameters, optimiser } = this.state;
    const changed = this.program.reform?.(parameters, optimiser);
    if (!changed) return;
    disposeTree({ parameters, optimiser }, changed);
    this.state = { ...this.state, ...changed };
  }

  private get program(): Program {
    return this.stepping.program;
  }

  private buildStepping(): Stepping {
    const replicas = this.trials.map(({ description }) => ({
      seed: description.seed,
      settings: settingsOf(this.experiment, description),
    }));
    const program = this.experiment.program(replicas, this.data);
    const { steps } = this.experiment.budget(replicas[0]!.settings);
    const trains = replicas.map(({ settings }) => settings.train);
    return { program, optimiser: this.optimiser, rateFactor: annealing(trains, steps, program.rateFactor) };
  }
}

/**
 * The chosen replicas' part of a stored tensor.
 * @throws Error if it is missing, or its shape is another one than `expected`, the number of replicas aside.
 */
function pickRows(
  stored: StoredTensor | undefined,
  name: string,
  expected: readonly number[],
  indices: readonly number[],
): tf.Tensor {
  if (!stored) throw new Error(`The checkpoint has no tensor ${name}.`);
  const { shape, dtype, data } = stored;
  if (shape.slice(1).join() !== expected.slice(1).join())
    throw new Error(`The checkpoint's ${name} has shape [${shape}] where [${expected}] is needed.`);
  const size = data.length / shape[0]!;
  const rows = new (dtype === 'int32' ? Int32Array : Float32Array)(size * indices.length);
  for (const [to, from] of indices.entries())
    rows.set(data.subarray(from * size, (from + 1) * size), to * size);
  return tf.tensor(rows, [indices.length, ...shape.slice(1)], dtype);
}
