// Writes a step of a network in numbers, for the peers: `npm run build && node scripts/peers/example.js mnist20`.
import { openBackend } from '../../dist/backends/index.js';
import { exampleOf } from '../../dist/bench/example.js';
import { networks } from '../../dist/bench/networks.js';

/** Replicas in it. */
const REPLICAS = 4;

const [name] = process.argv.slice(2);
if (!(name in networks)) {
  console.error(`No such network: ${name}. There are ${Object.keys(networks).join(', ')}.`);
  process.exit(2);
}
await openBackend({ backend: 'wasm', device: 'cpu', threads: 0, verbose: false });
const example = JSON.stringify(await exampleOf(networks[name], REPLICAS));
process.stdout.write(`${example}\n`, () => process.exit(0));
