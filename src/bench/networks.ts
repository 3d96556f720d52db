import { kthElementSteps } from './kth-element.js';
import { mnist20Steps } from './mnist20.js';
import { neuralGpuSteps } from './neural-gpu.js';
import type { MakeStepper } from './stepper.js';
import { tableQaSteps } from './table-qa.js';

/** What `npm run bench` trains, by name; each file says what exactly it is. */
export const networks: { readonly [name: string]: MakeStepper } = {
  mnist20: mnist20Steps,
  'neural-gpu': neuralGpuSteps,
  'kth-element': kthElementSteps,
  'table-qa': tableQaSteps('single column'),
  'table-qa-five-columns': tableQaSteps('five columns'),
  'table-qa-text-entries': tableQaSteps('text entries'),
};
