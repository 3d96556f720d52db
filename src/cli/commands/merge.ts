import { UserError } from '../../errors.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeJson } from '../json.js';
import { jsonOption, resultsOption } from '../options.js';

export const merge = command({
  name: 'merge',
  arguments: '<folder...>',
  text: 'brings the trials of other results folders into one; overwrites no result',
  options: [resultsOption, jsonOption],
  async action([folders], flags, { out, err }) {
    const { mergeResults } = await import('../../results/merge.js');
    const { ResultStore } = await import('../../results/store.js');
    const { mergeNotices, mergeText } = await import('../views/merge.js');
    if (folders.some((folder) => folder.trim() === ''))
      throw new UserError(
        'One of the folders to merge has a blank name: is a variable of your script not set?',
      );
    const merged = await mergeResults(new ResultStore(flags.results), folders);
    err.write(mergeNotices(merged));
    if (flags.json) writeJson(out, merged);
    else out.write(mergeText(merged));
    return merged.conflicts.length + merged.problems.length > 0 ? exitCodes.someFailed : exitCodes.ok;
  },
});
