// Prints how fast this machine draws noise and trains the experiments' networks: `npm run build && npm run bench -- --help`.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import { openBackend } from '../dist/backends/index.js';
import { backendNames } from '../dist/backends/names.js';
import { contest, median } from '../dist/bench/contest.js';
import { networks } from '../dist/bench/networks.js';
import { kernelNormalsPerSecond, referenceNormalsPerSecond } from '../dist/bench/normals.js';
import { wholeNumber } from '../dist/cli/options.js';
import { exitCodes, namesOf, positiveNumber, wholeNumbers } from './options.js';

const cores = availableParallelism();
const options = new Command('npm run bench --')
  .description('Prints how fast this machine draws noise and trains the networks of the experiments.')
  .option(
    '--networks <names>',
    'which of src/bench/networks.ts',
    namesOf(Object.keys(networks)),
    Object.keys(networks),
  )
  .option('--populations <sizes>', 'replicas in lockstep in each process', wholeNumbers, [1, 40])
  .option('--backends <names>', 'where present', namesOf(backendNames), ['tensorflow', 'wasm'])
  .option('--jobs <number>', 'processes at once where there is more than one replica', wholeNumber(1), cores)
  .option('--seconds <number>', 'of training per round', positiveNumber, 1)
  .option('--rounds <number>', 'of which the median counts', wholeNumber(1), 5)
  .option('--peers', 'PyTorch, JAX and others beside ours, in turn with them: see scripts/peers/README.md')
  .option('--python <path>', 'the Python that has them', 'python3')
  .exitOverride(exitCodes)
  .parse()
  .opts();
const { seconds, rounds, jobs } = options;

const normals = [['normals', 'millions per second', 'times the reference']];
const backends = await timeNormals(options.backends);
console.log(`${markdownTable(normals, { align: ['l', 'r', 'r'] })}\n`);

const training = [
  ['network', 'replicas', 'by', 'processes', 'ms per replica-step', "noise's share", 'best peer / it'],
];
for (const name of options.networks)
  for (const replicas of options.populations) await timeTraining(name, replicas);
console.log(markdownTable(training, { align: ['l', 'r', 'l', 'r', 'r', 'r', 'r'] }));
process.exit(0);

/** Adds a row per backend; returns those that are present. */
async function timeNormals(asked) {
  const reference = await referenceNormalsPerSecond(seconds);
  normals.push(['TypeScript reference', (reference / 1e6).toFixed(1), '1.0']);
  const present = [];
  for (const backend of asked) {
    const choice = { backend, device: 'auto', threads: 0, verbose: false };
    const opened = await openBackend(choice).catch((error) => {
      console.error(`${backend}: not present (${error.message.split('\n')[0]})`);
    });
    if (!opened) continue;
    const kernels = opened.kernels ?? opened.deviceName;
    const rate = await kernelNormalsPerSecond(seconds);
    normals.push([`${backend}, ${kernels}`, (rate / 1e6).toFixed(1), (rate / reference).toFixed(1)]);
    present.push({ backend, kernels, processes: opened.processes === 1 ? 1 : jobs });
  }
  return present;
}

async function timeTraining(name, replicas) {
  const ours = backends.flatMap((backend) =>
    [true, false].map((noise) => own(name, replicas, backend, noise)),
  );
  const peers = options.peers ? peersOf(name) : [];
  const outcomes = await contest([...ours, ...peers], { replicas, rounds, seconds });
  const times = new Map(outcomes.map((outcome) => [outcome.contestant, timeOf(outcome)]));
  const best = Math.min(...peers.map((peer) => times.get(peer) ?? Number.POSITIVE_INFINITY));
  for (const contestant of [...ours, ...peers]) {
    const time = times.get(contestant);
    if (!contestant.noise || time === undefined) continue;
    const quiet = times.get(ours.find((other) => other.name === contestant.name && !other.noise));
    training.push([
      name,
      `${replicas}`,
      contestant.name,
      `${contestant.processes}`,
      time.toFixed(3),
      quiet === undefined ? '' : `${((100 * (time - quiet)) / time).toFixed(0)}%`,
      Number.isFinite(best) ? (best / time).toFixed(2) : '',
    ]);
    console.error(
      `${name}, ${replicas} replicas, ${contestant.name}: ${time.toFixed(3)} ms per replica-step`,
    );
  }
}

/** Ours, as it is used: a process per core, but where there is but one trial to train, which gets all cores. */
function own(network, replicas, { backend, kernels, processes }, noise) {
  const worker = fileURLToPath(new URL('../dist/bench/worker.js', import.meta.url));
  const members = replicas === 1 ? 1 : processes;
  const args = ['--network', network, '--backend', backend, '--processes', `${members}`];
  return {
    name: `gnoise (${backend}, ${kernels})`,
    command: [process.execPath, worker, ...args],
    processes: members,
    noise,
  };
}

/** What of `scripts/peers` trains the network; one process each, in Python with a thread per core. */
function peersOf(network) {
  const runs = {
    'torch.py': {
      name: 'PyTorch',
      run: (script) => [options.python, script, '--serve', '--threads', `${cores}`],
    },
    'jax.py': { name: 'JAX', run: (script) => [options.python, script, '--serve', '--threads', `${cores}`] },
    'tfjs.js': { name: 'stock TensorFlow.js (wasm)', run: (script) => [process.execPath, script] },
    'jaxjs.js': { name: 'jax-js (wasm)', run: (script) => [process.execPath, script] },
  };
  return Object.entries(runs).flatMap(([ending, { name, run }]) => {
    const file = `peers/${network.replaceAll('-', '_')}_${ending}`;
    const script = fileURLToPath(new URL(file, import.meta.url));
    return existsSync(script) ? [{ name, command: run(script), processes: 1, noise: true }] : [];
  });
}

function timeOf(outcome) {
  if (outcome.error === undefined) return median(outcome.rounds);
  const lines = outcome.error.split('\n');
  const why = lines.find((line) => /Error/.test(line)) ?? lines.at(-1);
  console.error(
    `${outcome.contestant.name}: not timed (${why}); scripts/peers/README.md says how to install peers`,
  );
  return undefined;
}
