import { Option } from '@commander-js/extra-typings';
import { UserError } from '../../../errors.js';
import { printableLines } from '../../../excerpt.js';
import { command } from '../../command.js';
import { writeJson } from '../../json.js';
import { jsonOption, pathOf, wholeNumber } from '../../options.js';

export const generate = command({
  name: 'generate',
  arguments: '<name>',
  text: "writes bAbI's tasks anew, in its own format: unlimited fresh stories",
  options: [
    new Option('--tasks <range>', 'tasks, e.g. 1-20 or 1,4,15').default('1-20'),
    new Option('--questions <number>', 'questions of each file').argParser(wholeNumber(1)).default(1000),
    new Option('--seed <number>', 'another seed, other stories').argParser(wholeNumber(0)).default(0),
    new Option('--out <folder>', 'where the files go').argParser(pathOf('folder')).default('babi-generated'),
    jsonOption,
  ],
  async action([name], { tasks, questions, seed, out: folder, json }, { out }) {
    if (name !== 'babi') throw new UserError(`Only babi can be generated so, not ${name}.`);
    const { writeTasks } = await import('../../../data/babi/generate/write.js');
    const count = await writeTasks({ tasks, questions, seed, folder });
    if (json) writeJson(out, { folder, files: count, questions });
    else
      out.write(
        printableLines(`babi: ${count} files with ${questions} questions each written to ${folder}\n`),
      );
  },
});
