import type * as tf from '@tensorflow/tfjs';
import type { FunctionName, KernelFunctions } from '../functions.js';
import { type Inputs, type KernelArguments, type KernelName, registerKernel } from '../registry.js';
import type { WasmHeap } from './heap.js';

/** Bytes of a float32. */
export const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** What all kernels of a backend work with. */
export interface Tools {
  readonly heap: WasmHeap;
  readonly functions: KernelFunctions;
  /** Address of the functions' workspace. */
  readonly workspace: number;
}

/** One run of a kernel: its inputs and attributes, and what it can need besides. */
export type Call<K extends KernelName> = Pick<KernelArguments<K>, 'inputs' | 'attrs'> & Tools;

/**
 * A kernel as a function of src/kernels/assembly. Its arguments are the addresses of outputs and inputs, that of scratch if
 * it needs any, and numbers.
 */
export interface Declaration<K extends KernelName> {
  readonly run: FunctionName;
  /** Shapes of the outputs. Where it is null the function leaves an output out: it gets 0 for an address. */
  readonly outputs: (call: Call<K>) => readonly (readonly number[] | null)[];
  /** Names of the inputs, in the function's order. Where it is null, or not given, the function goes without, and gets 0. */
  readonly inputs: readonly (keyof Inputs<K> | null)[];
  /** Bytes of working memory. */
  readonly scratch?: (call: Call<K>) => number;
  readonly numbers: (call: Call<K>) => readonly number[];
  /** Int32 inputs that say where in another tensor to look: their least value, and the one behind the largest. */
  readonly ranges?: (call: Call<K>) => { readonly [N in keyof Inputs<K>]?: readonly [number, number] };
}

/** Declarations of some of the kernels. */
export type Declarations = { readonly [K in KernelName]?: Declaration<K> };

/** Registers a kernel for the wasm backend. Runs some hundred times in a training step, hence the plain loops. */
export function registerDeclared<K extends KernelName>(
  tools: Tools,
  name: K,
  declaration: Declaration<K>,
): void {
  const { run, outputs: shapesOf, inputs: order, scratch, numbers, ranges } = declaration;
  const { heap, functions, workspace } = tools;
  const compute = functions[run];
  registerKernel('wasm', name, ({ inputs, attrs }) => {
    const call = { inputs, attrs, heap, functions, workspace };
    if (ranges) checkRanges(name, heap, inputs, ranges(call));
    const outputs: tf.TensorInfo[] = [];
    const args: number[] = [];
    for (const shape of shapesOf(call)) {
      if (shape) outputs.push(heap.output(shape));
      args.push(shape ? heap.address(outputs.at(-1)!) : 0);
    }
    for (const input of order) {
      const tensor = input === null ? undefined : inputs[input];
      args.push(tensor === undefined ? 0 : heap.address(tensor));
    }
    if (scratch) args.push(heap.scratch(scratch(call)));
    args.push(...numbers(call));
    compute(...args);
    return outputs;
  });
}

/** Memory beyond a tensor must not be read, whatever the indices. */
function checkRanges(
  name: string,
  heap: WasmHeap,
  inputs: object,
  ranges: { readonly [input: string]: readonly [number, number] | undefined },
): void {
  for (const [input, range] of Object.entries(ranges)) {
    const [first, behind] = range!;
    const values = heap.int32((inputs as { [name: string]: tf.TensorInfo })[input]!);
    // An iterator would take several times as long, which is felt.
    for (let i = 0; i < values.length; i++)
      if (values[i]! < first || values[i]! >= behind)
        throw new RangeError(
          `${name}: a number of ${input} is ${values[i]}, which is not in [${first}, ${behind})`,
        );
  }
}
