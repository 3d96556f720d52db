import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { damaged, noBinding, type Trouble } from './diagnosis.js';
import { damagedFile } from './integrity.js';
import type { Candidate } from './locate.js';

/** Why a candidate is not even to be loaded: its binding is missing, or a file is not what was installed. Null: it may be. */
export async function damageOf(candidate: Candidate): Promise<Trouble | null> {
  if (!existsSync(candidate.binding)) return noBinding(candidate);
  // Of the stock package npm has compared the files, and its install script has written more.
  const file = candidate.source === 'installed' ? await damagedFile(dirname(candidate.packageFolder)) : null;
  return file === null ? null : damaged(file);
}
