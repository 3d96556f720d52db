import type * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { TrainSettings } from '../config/train.js';
import type { Json } from '../trials/trial.js';

/** The three sections of a config that describe one trial, validated and complete. */
export interface Settings {
  readonly data: { readonly [key: string]: unknown };
  readonly model: { readonly [key: string]: unknown };
  readonly train: TrainSettings;
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

/** One minibatch for every replica; each tensor begins with the replica axis, [R, B, ...]. The trainer disposes it. */
export type Batch = { readonly [name: string]: tf.Tensor };

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
   * Training loss of every replica, [R], in training mode (dropout from each replica's `dropout` stream).
   * A pure, differentiable function of tensors: no read-back, no data-dependent branch.
   * @param step int32 scalar on the device, the update's number from 0.
   */
  loss(parameters: readonly tf.Tensor[], batch: Batch, step: tf.Scalar): tf.Tensor1D;
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

/** Data that several populations share, opened once per process. */
export interface OpenData {
  dispose(): void;
}

/** Where data is looked for and how its loading is reported. */
export interface DataContext {
  /** Folders to look in before the network, first match wins: `--data`, GNOISE_DATA, the cache folder. */
  readonly folders: readonly string[];
  /** Plain-text notices for the user (e.g. a fallback in use); goes to standard error. */
  notice(message: string): void;
}

/** A task, a model, a metric and their settings: all that the trainer and the config layer need to know of one. */
export interface Experiment<S extends Settings = Settings, D extends OpenData = OpenData> {
  readonly name: string;
  /** Raised when a change of this experiment's code moves results; part of every trial's id. */
  readonly revision: number;
  /** Zod schemas of the config sections `data`, `model` and `train`; strict objects with a description per key. */
  readonly schema: {
    readonly data: z.ZodObject;
    readonly model: z.ZodObject;
    readonly train: z.ZodObject;
  };
  /** What `evaluate` reports, by name, with a sentence on what it is; `success.metric` must be one of these. */
  readonly metrics: { readonly [name: string]: string };
  /** Combinations that make no sense, as (dotted path, sentence); an empty list when all is well. */
  check?(settings: S): { path: string; message: string }[];
  /** What fixes the shapes and the program: trials for which this is equal can train in lockstep. */
  structure(settings: S): Json;
  budget(settings: S): Budget;
  /** Rough bytes of device memory that one replica takes during training. */
  bytesPerReplica(settings: S): number;
  /**
   * Settles which data a trial will really use before its id is made, e.g. `{ source: 'mnist' }` becomes
   * `{ source: 'synthetic-digits' }` on a machine that has neither MNIST nor a network.
   */
  resolveData?(data: S['data'], context: DataContext): Promise<S['data']>;
  /** Loads the data that `data` names onto the device. */
  openData(data: S['data'], context: DataContext): Promise<D>;
  /** The tensor program of a population; all replicas have an equal `structure`. */
  program(replicas: readonly Replica<S>[], data: D): Program;
}
