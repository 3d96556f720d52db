import { babi } from './babi/experiment.js';
import type { Experiment } from './experiment.js';
import { kthElement } from './kth-element/experiment.js';
import { mnist20 } from './mnist20/experiment.js';
import { multiplication, neuralGpu } from './neural-gpu/experiment.js';
import { tableQa } from './table-qa/experiment.js';

const all: readonly Experiment[] = [mnist20, babi, multiplication, neuralGpu, kthElement, tableQa];

/** Every experiment, by the name a config gives in `experiment`. */
export const experiments: ReadonlyMap<string, Experiment> = new Map(
  all.map((experiment) => [experiment.name, experiment]),
);
