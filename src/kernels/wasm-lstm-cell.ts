import * as tf from '@tensorflow/tfjs';
import { LSTM_CELL, LSTM_CELL_GRADIENT } from './kernel-names.js';
import type { WasmHeap } from './wasm-heap.js';

/** The part of src/kernels/assembly that this registers. */
export interface LstmModule {
  lstmCell(
    output: number,
    newCell: number,
    gates: number,
    cell: number,
    workspace: number,
    rows: number,
    units: number,
  ): void;
  lstmCellGradient(
    dGates: number,
    dCell: number,
    gates: number,
    cell: number,
    dOutput: number,
    dNewCell: number,
    workspace: number,
    rows: number,
    units: number,
  ): void;
}

export function registerLstmCell(module: LstmModule, heap: WasmHeap, workspace: number): void {
  heap.register(LSTM_CELL, ({ inputs }) => {
    const { gates, cell } = inputs as { [name: string]: tf.TensorInfo };
    const outputs = [cell!, cell!].map(({ shape }) => heap.output(shape));
    const [output, newCell, g, c] = [...outputs, gates!, cell!].map((t) => heap.address(t));
    module.lstmCell(output!, newCell!, g!, c!, workspace, ...sizes(cell!));
    return outputs;
  });

  heap.register(LSTM_CELL_GRADIENT, ({ inputs }) => {
    const { gates, cell, dOutput, dNewCell } = inputs as { [name: string]: tf.TensorInfo };
    const outputs = [gates!, cell!].map(({ shape }) => heap.output(shape));
    const [dg, dc, g, c, dh, dn] = [...outputs, gates!, cell!, dOutput!, dNewCell!].map((t) =>
      heap.address(t),
    );
    module.lstmCellGradient(dg!, dc!, g!, c!, dh!, dn!, workspace, ...sizes(cell!));
    return outputs;
  });
}

/** Rows and units. */
function sizes({ shape }: tf.TensorInfo): [number, number] {
  const units = shape.at(-1)!;
  return [tf.util.sizeFromShape(shape) / units, units];
}
