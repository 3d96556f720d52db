import { PbfWriter } from 'pbf';
import type { Attribute, Binding } from '../binding.js';
import type { Constant } from '../constants.js';
import type { Operation, Place } from './operations.js';
import type { Step, Trace, Traced } from './trace.js';

type AttributeTypes = Pick<
  Binding,
  'TF_ATTR_STRING' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_ATTR_SHAPE'
>;

/**
 * A traced program as a function of TensorFlow: a serialised tensorflow.FunctionDef (fields by number as in function.proto,
 * node_def.proto, attr_value.proto and tensor.proto of tensorflow/core/framework). It takes the trace's arguments in their order.
 * @param results what it returns, each an output of an operation.
 * @throws Error where an operation is called in a way that cannot be written down.
 */
export function functionDefinition(
  name: string,
  trace: Trace,
  results: readonly Traced[],
  operations: ReadonlyMap<string, Operation>,
  types: AttributeTypes,
): Uint8Array {
  const calls = trace.steps.map((step) => new Call(step, definitionOf(step, operations), types));
  const reference = ({ source }: Traced) => {
    switch (source.kind) {
      case 'argument':
        return `a${source.index}`;
      case 'constant':
        return `c${source.index}:output:0`;
      case 'output':
        return `n${source.step}:${calls[source.step]!.outputName(source.index)}`;
    }
  };
  const writer = new PbfWriter();
  writer.writeMessage(1, writeSignature, { name, arguments: trace.arguments, results });
  trace.constants.forEach((constant, i) => {
    writer.writeMessage(3, writeConstant, { name: `c${i}`, constant });
  });
  trace.steps.forEach(({ operation, inputs }, i) => {
    const { attributes } = calls[i]!;
    writer.writeMessage(3, writeNode, {
      name: `n${i}`,
      operation,
      inputs: inputs.map(reference),
      attributes,
    });
  });
  results.forEach((result, i) => {
    writer.writeMessage(4, writeEntry, [`r${i}`, Buffer.from(reference(result))] as const);
  });
  return writer.finish();
}

function definitionOf({ operation }: Step, operations: ReadonlyMap<string, Operation>): Operation {
  const definition = operations.get(operation);
  if (!definition) throw new Error(`TensorFlow has no operation ${operation}.`);
  return definition;
}

/** A call of an operation with all of its attributes: those that are given, those that follow from the inputs, and defaults. */
class Call {
  /** Each a serialised tensorflow.AttrValue. */
  readonly attributes: Map<string, Uint8Array>;
  readonly #counts = new Map<string, number>();

  constructor(
    private readonly step: Step,
    private readonly definition: Operation,
    types: AttributeTypes,
  ) {
    const given = step.attributes.map(
      (attribute) => [attribute.name, attributeValue(attribute, types)] as const,
    );
    this.attributes = new Map([...definition.defaults, ...given]);
    for (const { name, value } of step.attributes)
      if (typeof value === 'number') this.#counts.set(name, value);
    this.#infer(new Set(given.map(([name]) => name)));
  }

  /** The name of an output within its node: that of the place in the definition, and the number in it. */
  outputName(index: number): string {
    let rest = index;
    for (const place of this.definition.outputs) {
      const count = this.#countOf(place) ?? 1;
      if (rest < count) return `${place.name}:${rest}`;
      rest -= count;
    }
    throw new Error(`${this.definition.name} has no output ${index}.`);
  }

  /** What eager execution takes from the inputs themselves: their types, and how many there are. */
  #infer(given: ReadonlySet<string>): void {
    const { inputs } = this.definition;
    const tensors = this.step.inputs;
    const open = inputs.filter((place) => this.#countOf(place) === undefined);
    const fixed = inputs.reduce((sum, place) => sum + (this.#countOf(place) ?? 0), 0);
    if (open.length > 1) throw new Error(`${this.definition.name} takes several lists of tensors.`);
    let at = 0;
    for (const place of inputs) {
      const count = this.#countOf(place) ?? tensors.length - fixed;
      if (place.count && !given.has(place.count)) {
        this.#counts.set(place.count, count);
        this.attributes.set(place.count, integer(count));
      }
      const first = tensors[at];
      if (place.type && first && !given.has(place.type)) this.attributes.set(place.type, type(first.dtype));
      at += count;
    }
    if (at !== tensors.length) throw new Error(`${this.definition.name} is given ${tensors.length} tensors.`);
  }

  /** How many tensors stand in a place; undefined where that is not known yet. */
  #countOf({ count }: Place): number | undefined {
    return count === undefined ? 1 : this.#counts.get(count);
  }
}

function attributeValue({ name, type: kind, value }: Attribute, types: AttributeTypes): Uint8Array {
  switch (kind) {
    case types.TF_ATTR_STRING:
      return message((writer) => writer.writeStringField(2, value as string));
    case types.TF_ATTR_INT:
      if (!Array.isArray(value)) return integer(value as number);
      return listOf((writer) => writer.writePackedVarint(3, value));
    case types.TF_ATTR_FLOAT:
      if (!Array.isArray(value)) return message((writer) => writer.writeFloatField(4, value as number));
      return listOf((writer) => writer.writePackedFloat(4, value));
    case types.TF_ATTR_BOOL:
      return message((writer) => writer.writeBooleanField(5, value as boolean));
    case types.TF_ATTR_TYPE:
      return type(value as number);
    case types.TF_ATTR_SHAPE:
      return message((writer) => writer.writeMessage(7, writeShape, value as number[]));
    default:
      throw new Error(`Attributes such as ${name} are not known here.`);
  }
}

const integer = (value: number) => message((writer) => writer.writeVarintField(3, value));

const type = (dtype: number) => message((writer) => writer.writeVarintField(6, dtype));

const listOf = (write: (writer: PbfWriter) => void) =>
  message((writer) => writer.writeMessage(1, (_, list) => write(list), null));

function message(write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

function writeEntry([key, value]: readonly [string, Uint8Array], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeBytesField(2, value);
}

function writeSignature(
  signature: { name: string; arguments: readonly { dtype: number }[]; results: readonly Traced[] },
  writer: PbfWriter,
): void {
  writer.writeStringField(1, signature.name);
  signature.arguments.forEach(({ dtype }, i) => {
    writer.writeMessage(2, writePlace, { name: `a${i}`, dtype });
  });
  signature.results.forEach(({ dtype }, i) => {
    writer.writeMessage(3, writePlace, { name: `r${i}`, dtype });
  });
}

function writePlace({ name, dtype }: { name: string; dtype: number }, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeVarintField(3, dtype);
}

interface Node {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Uint8Array>;
}

function writeNode({ name, operation, inputs, attributes }: Node, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeStringField(2, operation);
  for (const input of inputs) writer.writeStringField(3, input);
  for (const entry of attributes) writer.writeMessage(5, writeEntry, entry);
}

function writeConstant({ name, constant }: { name: string; constant: Constant }, writer: PbfWriter): void {
  const attributes = new Map([
    ['dtype', type(constant.dtype)],
    ['value', message((value) => value.writeMessage(8, writeTensor, constant))],
  ]);
  writeNode({ name, operation: 'Const', inputs: [], attributes }, writer);
}

function writeTensor({ dtype, shape, values }: Constant, writer: PbfWriter): void {
  writer.writeVarintField(1, dtype);
  writer.writeMessage(2, writeShape, shape);
  writer.writeBytesField(4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function writeShape(shape: readonly number[], writer: PbfWriter): void {
  for (const size of shape)
    writer.writeMessage(2, (own: number, dimension) => dimension.writeVarintField(1, own), size);
}
