import { PbfWriter } from 'pbf';
import type { TrialRecord } from '../results/record.js';
import { figuresOf } from './figures.js';
import { tfRecord } from './tfrecord.js';

/**
 * A trial's curve as an event file of TensorBoard: its loss, its metrics and the gradient's size as scalars by step (fields by number as in
 * tensorflow/core/util/event.proto and framework/summary.proto). All carry the time at which training ended; records
 * keep no other.
 */
export function eventFile({ curve, provenance }: TrialRecord): Uint8Array {
  const time = Date.parse(provenance.finishedAt) / 1000;
  const first = event(time, 0, (writer) => writer.writeStringField(3, 'brain.Event:2'));
  const points = curve.map((point) =>
    event(time, point.step, (writer) => writer.writeMessage(5, writeSummary, figuresOf(point))),
  );
  return Buffer.concat([first, ...points].map(tfRecord));
}

function event(time: number, step: number, write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  writer.writeDoubleField(1, time);
  writer.writeVarintField(2, step);
  write(writer);
  return writer.finish();
}

function writeSummary(scalars: { readonly [tag: string]: number }, writer?: PbfWriter): void {
  for (const scalar of Object.entries(scalars)) writer!.writeMessage(1, writeScalar, scalar);
}

function writeScalar([tag, value]: readonly [string, number], writer?: PbfWriter): void {
  writer!.writeStringField(1, tag);
  writer!.writeFloatField(2, value);
}
