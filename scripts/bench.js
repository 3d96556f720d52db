// Prints how fast this machine draws noise and trains the 20-layer network: `npm run build && npm run bench`.
// Options: --seconds 3 (per figure), --backends wasm,cpu (default: all that are present), --populations 1,8,40.
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import { openBackend } from '../dist/backends/index.js';
import { replicaStepsPerSecond } from '../dist/bench/network.js';
import { kernelNormalsPerSecond, referenceNormalsPerSecond } from '../dist/bench/normals.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    backends: { type: 'string', default: 'tensorflow,wasm,cpu' },
    populations: { type: 'string', default: '1,8,40' },
  },
});
const seconds = Number(values.seconds);
const populations = values.populations.split(',').map(Number);

const reference = await referenceNormalsPerSecond(seconds);
const normals = [['normals', 'millions per second', 'times the reference']];
normals.push(['TypeScript reference', millions(reference), '1.0']);
const network = [
  ['20-layer network', 'replicas', 'replica-steps per second', 'ms per replica-step', 'times one replica'],
];

for (const backend of values.backends.split(',')) {
  const opened = await openBackend({ backend, device: 'auto', threads: 0, verbose: false }).catch((error) => {
    console.log(`${backend}: not present (${error.message.split('\n')[0]})`);
  });
  if (!opened) continue;
  const name = `${backend} (${opened.deviceName})`;
  const rate = await kernelNormalsPerSecond(seconds);
  normals.push([name, millions(rate), (rate / reference).toFixed(1)]);
  let alone;
  for (const replicas of populations) {
    const speed = await replicaStepsPerSecond(replicas, seconds);
    alone ??= speed;
    network.push([
      name,
      `${replicas}`,
      speed.toFixed(1),
      (1000 / speed).toFixed(3),
      (speed / alone).toFixed(2),
    ]);
  }
}

const alignment = { align: ['l', 'r', 'r', 'r', 'r'] };
console.log(`\n${markdownTable(normals, alignment)}\n\n${markdownTable(network, alignment)}`);
process.exit(0);

function millions(rate) {
  return (rate / 1e6).toFixed(1);
}
