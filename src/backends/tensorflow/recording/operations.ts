import { PbfReader } from 'pbf';

/** An input or an output of an operation; one with a `count` stands for as many tensors as that attribute says. */
export interface Place {
  readonly name: string;
  /** The attribute that is its type; undefined where that is fixed. */
  readonly type: string | undefined;
  readonly count: string | undefined;
}

/** What TensorFlow says about an operation (tensorflow/core/framework/op_def.proto). */
export interface Operation {
  readonly name: string;
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  /** Values of attributes where none is given, each a serialised tensorflow.AttrValue. */
  readonly defaults: ReadonlyMap<string, Uint8Array>;
}

/** All operations by their names, from a serialised tensorflow.OpList. */
export function readOperations(list: Uint8Array): ReadonlyMap<string, Operation> {
  const operations = new Map<string, Operation>();
  new PbfReader(list).readFields((tag, all, reader) => {
    if (tag !== 1) return;
    const operation = readOperation(reader);
    all.set(operation.name, operation);
  }, operations);
  return operations;
}

function readOperation(reader: PbfReader): Operation {
  const operation = {
    name: '',
    inputs: [] as Place[],
    outputs: [] as Place[],
    defaults: new Map<string, Uint8Array>(),
  };
  return reader.readMessage((tag, result) => {
    if (tag === 1) result.name = reader.readString();
    else if (tag === 2) result.inputs.push(readPlace(reader));
    else if (tag === 3) result.outputs.push(readPlace(reader));
    else if (tag === 4) readDefault(reader, result.defaults);
  }, operation);
}

function readPlace(reader: PbfReader): Place {
  const place: { name: string; type?: string; count?: string } = { name: '' };
  reader.readMessage((tag, result) => {
    if (tag === 1) result.name = reader.readString();
    else if (tag === 4) result.type = reader.readString();
    else if (tag === 5) result.count = reader.readString();
  }, place);
  return { name: place.name, type: place.type, count: place.count };
}

function readDefault(reader: PbfReader, defaults: Map<string, Uint8Array>): void {
  const attribute: { name: string; value?: Uint8Array } = { name: '' };
  reader.readMessage((tag, result) => {
    if (tag === 1) result.name = reader.readString();
    else if (tag === 3) result.value = reader.readBytes();
  }, attribute);
  if (attribute.value) defaults.set(attribute.name, attribute.value);
}
