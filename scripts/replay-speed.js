// Prints how long training steps take one operation after another, and recorded and replayed: `npm run build && node
// scripts/replay-speed.js --help`.
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { markdownTable } from 'markdown-table';
import { openBackend } from '../dist/backends/index.js';
import { median } from '../dist/bench/contest.js';
import { stepperOf } from '../dist/bench/network.js';
import { networks } from '../dist/bench/networks.js';
import { wholeNumber } from '../dist/cli/options.js';
import { currentRecorder, provideRecorder } from '../dist/kernels/recorder.js';
import { exitCodes, namesOf, wholeNumbers } from './options.js';

/** Steps until the first that is replayed: three are made as ever, one is recorded, and one held against a replay. */
const STEPS_BEFORE = 5;

/** Milliseconds a step of a network on the open backend, and whether all steps were replayed that should be. */
export async function replaySpeed(backend, network, { replicas, steps }) {
  const recorder = currentRecorder();
  const stepper = await stepperOf(network, replicas, true);
  const timed = async (count) => {
    const times = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      stepper.step();
      await stepper.finish();
      times.push(performance.now() - start);
    }
    return times;
  };
  provideRecorder(backend, undefined);
  await timed(1);
  const made = median(await timed(steps));
  provideRecorder(backend, recorder);
  await timed(STEPS_BEFORE);
  const replayed = median(await timed(steps));
  const isReplayed = stepper.replayed === steps;
  stepper.dispose();
  return { made, replayed, isReplayed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await print();

async function print() {
  const names = Object.keys(networks);
  const options = new Command('node scripts/replay-speed.js')
    .description('Prints milliseconds a step, made one operation after another and replayed.')
    .addOption(new Option('--backend <name>', 'which').choices(['tensorflow', 'wasm']).default('tensorflow'))
    .addOption(new Option('--device <name>', 'for tensorflow').choices(['cpu', 'gpu']).default('cpu'))
    .option('--threads <number>', 'of the backend; 0 is its own choice', wholeNumber(0), 0)
    .option('--networks <names>', 'which of src/bench/networks.ts', namesOf(names), names)
    .option('--replicas <sizes>', 'in lockstep', wholeNumbers, [1, 40])
    .option('--steps <number>', 'of which the median counts', wholeNumber(1), 20)
    .exitOverride(exitCodes)
    .parse()
    .opts();
  const { backend, device, threads, steps } = options;
  const opened = await openBackend({ backend, device, threads, verbose: false }).catch((error) => {
    console.error(error.message);
    process.exit(2);
  });
  const rows = [['network', 'replicas', 'ms a step, made', 'replayed', 'ratio']];
  for (const name of options.networks)
    for (const replicas of options.replicas) {
      const { made, replayed, isReplayed } = await replaySpeed(backend, networks[name], { replicas, steps });
      const ratio = isReplayed ? (made / replayed).toFixed(2) : 'not replayed';
      rows.push([name, `${replicas}`, made.toFixed(2), replayed.toFixed(2), ratio]);
    }
  console.log(`${backend} on ${opened.deviceName}\n`);
  console.log(markdownTable(rows, { align: ['l', 'r', 'r', 'r', 'r'] }));
  process.exit(0);
}
