import type { InducedProgram } from './discrete.js';
import { OPERATIONS, type OperationName } from './operations.js';
import { dataSchema, modelSchema, type TableQaSettings, tableQaTrainSchema } from './settings.js';

export interface SomeSettings {
  readonly data?: object;
  readonly model?: object;
  readonly train?: object;
}

/** Small settings, changed as told. */
export function settings({ data = {}, model = {}, train = {} }: SomeSettings = {}): TableQaSettings {
  return {
    data: dataSchema.parse({ trainExamples: 40, rows: { least: 3, most: 6, test: 8 }, ...data }),
    model: modelSchema.parse({ units: 6, initialScale: 0.8, ...model }),
    train: tableQaTrainSchema.parse({
      batchSize: 10,
      updates: 4,
      rate: 0.01,
      optimiser: { name: 'adam' },
      delta: 10,
      lambda: 25,
      ...train,
    }),
  };
}

/** A program in words, e.g. `greater C, lesser E, and, sum H`. */
export function program(text: string, pivots = { greater: 0, lesser: 1 }): InducedProgram {
  const steps = text.split(', ').map((step) => {
    const [, operation, letter = 'A'] = /^(.*?)(?: ([A-Z]))?$/.exec(step)!;
    return {
      operation: OPERATIONS.indexOf(operation as OperationName),
      column: letter.charCodeAt(0) - 'A'.charCodeAt(0),
    };
  });
  return { steps, pivots };
}
