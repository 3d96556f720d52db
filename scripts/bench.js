// Prints how fast this machine draws noise and trains the experiments' networks: `npm run build && npm run bench`.
// Options: --seconds 3 (per figure), --backends cpu (default: tensorflow and wasm, where present), --populations 1,8,40,
// --networks mnist20,neural-gpu,... (default: all of src/bench/networks.ts).
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import { openBackend } from '../dist/backends/index.js';
import { networks } from '../dist/bench/networks.js';
import { kernelNormalsPerSecond, referenceNormalsPerSecond } from '../dist/bench/normals.js';
import { replicaStepsPerSecond } from '../dist/bench/stepper.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    backends: { type: 'string', default: 'tensorflow,wasm' },
    populations: { type: 'string', default: '1,8,40' },
    networks: { type: 'string', default: Object.keys(networks).join() },
  },
});
const seconds = Number(values.seconds);
const populations = values.populations.split(',').map(Number);
const names = values.networks.split(',');
const unknown = names.filter((name) => !(name in networks));
if (unknown.length > 0) {
  console.error(`No such network: ${unknown}. There are ${Object.keys(networks).join(', ')}.`);
  process.exit(2);
}

const reference = await referenceNormalsPerSecond(seconds);
const normals = [
  ['normals', 'millions per second', 'times the reference'],
  ['TypeScript reference', millions(reference), '1.0'],
];
const training = [
  [
    'network',
    'backend',
    'replicas',
    'replica-steps per second',
    'ms per replica-step',
    'times the first population',
  ],
];

for (const backend of values.backends.split(',')) {
  const opened = await openBackend({ backend, device: 'auto', threads: 0, verbose: false }).catch((error) => {
    console.error(`${backend}: not present (${error.message.split('\n')[0]})`);
  });
  if (!opened) continue;
  const place = `${backend} (${opened.deviceName})`;
  const rate = await kernelNormalsPerSecond(seconds);
  normals.push([place, millions(rate), (rate / reference).toFixed(1)]);
  for (const name of names) await bench(name, place);
}

const alignment = { align: ['l', 'l', 'r', 'r', 'r', 'r'] };
console.log(`${markdownTable(normals, { align: ['l', 'r', 'r'] })}\n\n${markdownTable(training, alignment)}`);
process.exit(0);

async function bench(name, place) {
  let first;
  for (const replicas of populations) {
    const speed = await replicaStepsPerSecond(networks[name], replicas, seconds);
    first ??= speed;
    const figures = [speed.toFixed(1), (1000 / speed).toFixed(3), (speed / first).toFixed(2)];
    training.push([name, place, `${replicas}`, ...figures]);
    console.error(`${name}, ${place}, ${replicas} replicas: ${figures[1]} ms per replica-step`);
  }
}

function millions(rate) {
  return (rate / 1e6).toFixed(1);
}
