import type { Command } from 'commander';
import { UserError } from '../errors.js';
import { dataOption, wholeNumber } from './options.js';
import type { Streams } from './streams.js';

/** `gnoise backend ...` */
export function addBackend(program: Command, streams: Streams): void {
  const backend = program.command('backend').description('installs, lists and removes native TensorFlow');
  backend
    .command('install')
    .description("gets TensorFlow from Python's package index and builds TensorFlow.js's binding against it")
    .option('--gpu', 'for NVIDIA cards')
    .option('--version <version>', 'of TensorFlow')
    .option('--force', 'also when it is installed already')
    .action(async (flags) => (await import('./backend.js')).installBackend(flags, streams));
  backend
    .command('list', { isDefault: true })
    .description('what is installed, and what is used')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./backend.js')).listBackends(flags, streams));
  backend
    .command('remove')
    .description('removes what was installed')
    .option('--gpu', 'only the one for NVIDIA cards')
    .option('--version <version>', 'only this version of TensorFlow')
    .action(async (flags) => (await import('./backend.js')).removeBackends(flags, streams));
}

/** `gnoise data ...` */
export function addData(program: Command, streams: Streams, setCode: (code: number) => void): void {
  const data = program.command('data').description('lists, fetches and verifies data sets');
  const request = async (name: string | undefined, { data: folder }: { data?: string }) => {
    const { dataFolders } = await import('../data/folders.js');
    return { name, folders: dataFolders(folder), ...streams };
  };
  data
    .command('list [name]', { isDefault: true })
    .description('what is there, and where')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).listData(await request(name, flags))),
    );
  data
    .command('fetch [name]')
    .description('downloads what is missing')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).fetchData(await request(name, flags))),
    );
  data
    .command('verify [name]')
    .description('compares every file with its published checksum')
    .addOption(dataOption())
    .action(async (name, flags) =>
      setCode(await (await import('./data.js')).verifyData(await request(name, flags))),
    );
  data
    .command('generate <name>')
    .description("writes bAbI's tasks anew, in its own format: unlimited fresh stories")
    .option('--tasks <range>', 'tasks, e.g. 1-20 or 1,4,15', '1-20')
    .option('--questions <number>', 'questions of each file', wholeNumber(1), 1000)
    .option('--seed <number>', 'another seed, other stories', wholeNumber(0), 0)
    .option('--out <folder>', 'where the files go', 'babi-generated')
    .action(async (name: string, { out: folder, ...request }) => {
      if (name !== 'babi') throw new UserError(`Only babi can be generated so, not ${name}.`);
      const { generateBabi } = await import('./generate.js');
      setCode(await generateBabi({ ...request, folder, out: streams.out }));
    });
}
