import type { Check } from '../../doctor/check.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeJson } from '../json.js';
import { dataOption, jsonOption } from '../options.js';

export const doctor = command({
  name: 'doctor',
  arguments: '',
  text: 'what works on this machine, what does not, and how to repair it',
  options: [dataOption, jsonOption],
  async action(_values, { data, json }, { out }) {
    const { dataFolders } = await import('../../data/folders.js');
    const { examine, isWell } = await import('../../doctor/examine.js');
    const checks = await examine({ dataFolders: dataFolders(data) });
    const ok = isWell(checks);
    if (json) writeJson(out, { ok, checks });
    else out.write(checksText(checks));
    return ok ? exitCodes.ok : exitCodes.someFailed;
  },
});

/** A line per check, and below it how to repair what is not ok. */
export function checksText(checks: readonly Check[]): string {
  const marks = { ok: 'ok      ', optional: 'optional', 'not ok': 'NOT OK  ' };
  const indent = '\n          ';
  return checks
    .map(({ name, status, text, repair }) => {
      const words = `${name}: ${text}`.split('\n').join(indent);
      return `${marks[status]}  ${words}${repair ? `${indent}repair: ${repair}` : ''}\n`;
    })
    .join('');
}
