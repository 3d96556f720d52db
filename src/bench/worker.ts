import { parseArgs } from 'node:util';
import { openBackend } from '../backends/index.js';
import type { BackendName } from '../backends/names.js';
import { stepperOf } from './network.js';
import { networks } from './networks.js';
import { serve } from './serve.js';

// One process of ours in a contest: `node worker.js --network mnist20 --backend wasm --processes 2`.

const { values } = parseArgs({
  options: {
    network: { type: 'string' },
    backend: { type: 'string' },
    // As many as train at once.
    processes: { type: 'string', default: '1' },
  },
});
const choice = {
  backend: values.backend as BackendName,
  device: 'auto',
  threads: 0,
  verbose: false,
} as const;
await openBackend(choice, Number(values.processes));

await serve(async (replicas, noise) => {
  const stepper = await stepperOf(networks[values.network!]!, replicas, noise);
  return async (steps) => {
    for (let i = 0; i < steps; i++) stepper.step();
    await stepper.finish();
  };
});
