import { babiNetwork } from './babi.js';
import { kthElementNetwork } from './kth-element.js';
import { mnist20Network } from './mnist20.js';
import type { Network } from './network.js';
import { neuralGpuNetwork } from './neural-gpu.js';
import { tableQaNetwork } from './table-qa.js';

/** What `npm run bench` trains, by name; each file says what exactly it is. */
export const networks: { readonly [name: string]: Network } = {
  mnist20: mnist20Network,
  babi: babiNetwork,
  'neural-gpu': neuralGpuNetwork,
  'kth-element': kthElementNetwork,
  'table-qa': tableQaNetwork('single column'),
  'table-qa-five-columns': tableQaNetwork('five columns'),
  'table-qa-text-entries': tableQaNetwork('text entries'),
};
