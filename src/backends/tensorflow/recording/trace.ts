import type { Attribute, Binding, Output } from '../binding.js';
import type { Constant, Constants } from '../constants.js';

/** A tensor of a traced program: an argument, a constant or an output of an operation. */
export type Source =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'constant'; readonly index: number }
  | { readonly kind: 'output'; readonly step: number; readonly index: number };

/** A tensor's source and TensorFlow's number of its type. */
export interface Traced {
  readonly source: Source;
  readonly dtype: number;
}

/** A call of an operation. */
export interface Step {
  readonly operation: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Traced[];
  /** Types of the outputs. */
  readonly outputs: readonly number[];
}

/** The operations that a program calls one after another, and where each gets its inputs from. */
export class Trace {
  readonly steps: Step[] = [];
  readonly constants: Constant[] = [];
  /** What comes from outside: tensors that were there before the program began. */
  readonly arguments: { readonly dataId: object; readonly dtype: number }[] = [];
  /** By the binding's numbers, which it never gives again. */
  readonly #traced = new Map<number, Traced>();
  readonly #made = new Set<object>();
  #isComplete = true;

  constructor(private readonly known: Constants) {}

  /** False where the program did what operations do not show: a function of it would not be the same. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Tells that the program looked at numbers, or did something else that is no operation. */
  interrupt(): void {
    this.#isComplete = false;
  }

  /** The program has made a tensor from numbers of its own. */
  make(dataId: object): void {
    this.#made.add(dataId);
  }

  hasMade(dataId: object): boolean {
    return this.#made.has(dataId);
  }

  /** A tensor from outside, by the binding's number that it has now. */
  argument(id: number, dataId: object, dtype: number): void {
    if (this.#traced.has(id)) return;
    this.#traced.set(id, { source: { kind: 'argument', index: this.arguments.length }, dtype });
    this.arguments.push({ dataId, dtype });
  }

  constant(id: number, constant: Constant): void {
    if (this.#traced.has(id)) return;
    const source = { kind: 'constant', index: this.constants.length } as const;
    this.#traced.set(id, { source, dtype: constant.dtype });
    this.constants.push(constant);
  }

  operation(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: readonly Output[],
  ): void {
    const found = inputs.map((id) => this.find(id));
    if (found.includes(undefined)) this.interrupt();
    const step = this.steps.length;
    outputs.forEach(({ id, dtype }, index) => {
      this.#traced.set(id, { source: { kind: 'output', step, index }, dtype });
    });
    this.steps.push({
      operation,
      attributes,
      inputs: found as Traced[],
      outputs: outputs.map(({ dtype }) => dtype),
    });
  }

  /** Where a tensor comes from; undefined where the program has not used it. */
  find(id: number): Traced | undefined {
    const traced = this.#traced.get(id);
    if (traced) return traced;
    const constant = this.known.describe(id);
    if (constant) this.constant(id, constant);
    return this.#traced.get(id);
  }
}

/** The binding, and what is called through it told to the trace that is under way. */
export function traced(binding: Binding, current: () => Trace | null): Binding {
  const executeOp: Binding['executeOp'] = (operation, attributes, inputs, outputs) => {
    const results = binding.executeOp(operation, attributes, inputs, outputs);
    current()?.operation(operation, attributes, inputs, results);
    return results;
  };
  return Object.create(binding, { executeOp: { value: executeOp } }) as Binding;
}
