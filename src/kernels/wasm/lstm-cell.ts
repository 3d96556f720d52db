import * as tf from '@tensorflow/tfjs';
import type { Declarations } from './declaration.js';

export const lstmCell = {
  LstmCell: {
    run: 'lstmCell',
    inputs: ['gates', 'cell'],
    outputs: ({ inputs: { cell } }) => [cell.shape, cell.shape],
    numbers: ({ inputs: { cell }, workspace }) => [workspace, ...rowsAndUnits(cell.shape)],
  },
  LstmCellGradient: {
    run: 'lstmCellGradient',
    inputs: ['gates', 'cell', 'dOutput', 'dNewCell'],
    outputs: ({ inputs: { gates, cell } }) => [gates.shape, cell.shape],
    numbers: ({ inputs: { cell }, workspace }) => [workspace, ...rowsAndUnits(cell.shape)],
  },
} satisfies Declarations;

function rowsAndUnits(shape: number[]): [number, number] {
  const units = shape.at(-1)!;
  return [tf.util.sizeFromShape(shape) / units, units];
}
