import type * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Json } from '../json.js';
import type { NamedTensors } from '../method/named-tensors.js';
import type { ChainState } from '../method/state.js';
import type { TrainSettings } from '../optimiser/settings.js';
import type { MetricsByName } from '../trials/metric.js';
import type { Section } from '../trials/trial.js';

/** The three sections of a config that describe one trial, validated and complete. */
export interface Settings {
  readonly data: Section;
  readonly model: Section;
  readonly train: TrainSettings;
}

/** What the sections of a config are under these schemas. */
export type SettingsUnder<Schema extends { readonly [section in keyof Settings]: z.ZodType }> = {
  [section in keyof Settings]: z.infer<Schema[section]>;
};

/**
 * Names some of a value's keys, at any depth: `{ dropout: true, curriculum: { start: true } }`. Below a key that may hold
 * any JSON it is not checked which.
 */
export type Mask<T> = {
  readonly [key in keyof T]?:
    | true
    | (T[key] extends object ? Mask<T[key]> : Json extends T[key] ? Json : never);
};

/** Settings that make no sense together. */
export interface SettingProblem {
  /** Dotted path of the setting to change. */
  readonly path: string;
  readonly message: string;
}

/** One member of a population: its seed and its settings. */
export interface Replica<S extends Settings = Settings> {
  readonly seed: number;
  readonly settings: S;
}

/** How long a trial trains and how often it is looked at, in updates. */
export interface Budget {
  readonly steps: number;
  /** Updates between two reports: the only times at which the device is read. */
  readonly reportEvery: number;
  /** Updates between two evaluations, a multiple of `reportEvery`; the end of training is always evaluated. */
  readonly evaluateEvery: number;
}

/** Name and shape of one trainable tensor, without the replica axis. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * One minibatch for every replica; each tensor begins with the replica axis, [R, B, ...], or has what several replicas share
 * once. The trainer disposes it.
 */
export type Batch = { readonly [name: string]: tf.Tensor };

/** What a training step computes besides gradients. */
export interface Losses {
  /** Training loss of every replica, [R]; differentiated. */
  readonly loss: tf.Tensor1D;
  /**
   * Figures to watch, each [R, ...], in the same order at every step, e.g. how many outputs were wrong at each level of a
   * curriculum. They are summed on the device and handed to `observe` at the next report.
   */
  readonly monitors?: readonly tf.Tensor[];
}

/** A replica's figures, e.g. `{ testAccuracy: 0.967 }`. */
export type Metrics = { readonly [name: string]: number };

/**
 * The tensor program of a population: what one experiment computes for R replicas in lockstep.
 * Tensors handed to it stay the trainer's; tensors it returns become the trainer's.
 */
export interface Program {
  readonly parameters: readonly ParameterSpec[];
  /** Starting weights, one tensor [R, ...shape] per parameter, from each replica's `init` stream. */
  initialise(): tf.Tensor[];
  /** The minibatch of update `step` (0 is the first), from each replica's `batches` stream. */
  batch(step: number): Batch;
  /**
   * Training losses in training mode (dropout from each replica's `dropout` stream). A pure, differentiable function
   * of tensors: no read-back, no data-dependent branch, and nothing that changes during training but its arguments, as the
   * trainer may record it once for all batches of the same shapes.
   * @param step int32 scalar on the device, the update's number from 0.
   */
  loss(parameters: readonly tf.Tensor[], batch: Batch, step: tf.Scalar): Losses;
  /** Shapes of the monitors, without the replica axis; left out where there are none. */
  readonly monitors?: readonly (readonly number[])[];
  /**
   * Told at every report what the monitors summed to since the last one: where a curriculum moves on, by replica.
   * @param sums one list per monitor, its [R, ...] numbers in row-major order.
   * @param updates how many updates were summed.
   */
  observe?(sums: readonly Float32Array[], updates: number): void;
  /**
   * Called after `observe`: new parameters and optimiser state of the replicas where an event asks for it (an average
   * over relaxed parameter sets, a changed rate), or null where nothing changes. Tensors may come back unchanged.
   * @param parameters by their names, each [R, ...].
   * @param optimiser the state of the population's chain.
   */
  reform?(
    parameters: NamedTensors,
    optimiser: ChainState,
  ): { parameters: NamedTensors; optimiser: ChainState } | null;
  /**
   * What the learning rate is multiplied by at update `step`, besides what `train.anneal` makes of it: a scalar, or [R].
   * Left out: nothing. Runs inside the step's tidy.
   * @param step int32 scalar on the device, the update's number from 0.
   */
  rateFactor?(step: tf.Scalar): tf.Scalar | tf.Tensor1D;
  /** What must hold of the parameters after every update, e.g. rows that stay zero. Runs inside the step's tidy. */
  constrain?(parameters: readonly tf.Tensor[]): tf.Tensor[];
  /** Figures of every replica on held-out data, in evaluation mode. */
  evaluate(parameters: readonly tf.Tensor[]): Promise<Metrics[]>;
  /**
   * Host-side state that is not in the tensors (a curriculum's level), one JSON value per replica; saved in checkpoints.
   * A program that has none leaves both out.
   */
  save?(): Json[];
  restore?(states: readonly Json[]): void;
  /** Frees what the program made for itself. Shared data belongs to whoever opened it. */
  dispose(): void;
}

/** A network that a trial came to. */
export interface Trained {
  /** Of one replica, each [1, ...], in the order of the program's parameters. */
  readonly parameters: readonly tf.Tensor[];
  /** What the program saved of it besides; null where it saves nothing. */
  readonly state: Json;
}

/** Which test examples something is shown on: `count` of them, `first` (from 0) and those after it. */
export interface Examples {
  readonly first: number;
  readonly count: number;
}

/** What a trained network does. */
export interface Explanation {
  /** For people: lines, tables in Markdown. */
  readonly text: string;
  /** The same for programs. */
  readonly value: { readonly [key: string]: Json };
}

/** Data that several populations share, opened once per process. */
export interface OpenData {
  dispose(): void;
}

/** Where the progress of a download goes. */
export interface DownloadReport {
  /** Bytes present so far, and in all. */
  progress(bytes: number, total: number): void;
  notice(message: string): void;
  end(): void;
}

/** Where data is looked for and how its loading is reported. */
export interface DataContext {
  /** Folders to look in before the network, first match wins: `--data`, GNOISE_DATA, the cache folder. */
  readonly folders: readonly string[];
  /** Look only, fetch nothing: for commands that plan or report. */
  readonly offline: boolean;
  /** Training follows: data that cannot be had are an error, offline too. */
  readonly needed?: boolean;
  /** Plain-text notices for the user (e.g. a fallback in use); goes to standard error. */
  notice(message: string): void;
  /** Shows the download of the data set of this name; left out where nobody watches. */
  report?(name: string): DownloadReport;
}

/** What a short training has to know in order to foretell a long one. */
export interface Calibrating<S extends Settings = Settings> {
  /** What is trained instead: such settings where an update costs most, with a test that is short. */
  settings(settings: S): S;
  /** Relative cost of update `step` (0 is the first) under the settings above. */
  work(settings: S): (step: number) => number;
  /** Cost of a test, relative to one under the settings above. */
  testWork(settings: S): number;
}

/**
 * A task, a model, a metric and their settings: all that the trainer and the config layer need to know of one.
 *
 * An experiment with settings and data of its own is an `Experiment` to everybody else (methods are bivariant): settings
 * come to it from `settingsOf`, which reads them by its schema, and data from its own `openData`.
 */
export interface Experiment<S extends Settings = Settings, D extends OpenData = OpenData> {
  readonly name: string;
  /** Raised when a change of this experiment's code moves results; part of every trial's id. */
  readonly revision: number;
  /** Zod schemas of the config sections `data`, `model` and `train`; strict objects with a description per key. */
  readonly schema: { readonly [section in keyof Settings]: z.ZodType<S[section]> };
  /** What `evaluate` reports, by name; `success.metric` must be one of these. */
  readonly metrics: MetricsByName;
  /** Combinations that make no sense; an empty list when all is well. */
  check?(settings: S): SettingProblem[];
  /**
   * Settings that replicas in lockstep may each have for themselves, besides those of the optimiser. All others must be
   * equal, so that one forgotten here splits populations and never mixes them.
   */
  readonly perReplica: { readonly model?: Mask<S['model']>; readonly train?: Mask<S['train']> };
  /** What of those settings fixes the program all the same, e.g. whether there is dropout at all. */
  structure?(settings: S): Json;
  budget(settings: S): Budget;
  /** Rough bytes of device memory that one replica takes during training. */
  bytesPerReplica(settings: S): number;
  /**
   * The same at the least, where kernels save most: what is beyond all memory by this can be refused before anybody knows
   * which kernels there are. Left out: kernels make no difference.
   */
  leastBytes?(settings: S): number;
  /** Rough bytes of memory that the data takes, which replicas share. Left out where its schema keeps them few. */
  dataBytes?(data: S['data']): number;
  /** For estimates of a sweep's time. Left out: all updates cost the same, and so do all tests. */
  readonly calibrating?: Calibrating<S>;
  /**
   * The data a trial may be trained on, as it goes into its description: first what the config asks for, then what may
   * stand in for it on a machine that cannot have it. Left out: the data section itself is the only variant.
   */
  dataVariants?(data: S['data']): readonly S['data'][];
  /** Whether `data` can be had here; fetches it if it must. Left out: always. */
  obtainData?(data: S['data'], context: DataContext): Promise<boolean>;
  /** Loads the data that `data` names onto the device. */
  openData(data: S['data'], context: DataContext): Promise<D>;
  /** What a trained network does, in its own words: `gnoise trace`. Asked for more examples than there are, it shows all. */
  explain(trained: Trained, settings: S, data: D, examples: Examples): Promise<Explanation>;
  /** The tensor program of a population, whose replicas differ in `perReplica` settings only. */
  program(replicas: readonly Replica<S>[], data: D): Program;
}
