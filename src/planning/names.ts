import { realpathSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { UserError } from '../errors.js';

/**
 * Sees that configs of one name are one config: the name is that of their results.
 * @throws UserError when two different files have the same name.
 */
export function checkFileNames(configs: readonly Pick<Config, 'file' | 'name'>[]): void {
  const files = new Map<string, string>();
  for (const { file, name } of configs) {
    const other = files.get(name) ?? file;
    if (realpathSync(other) !== realpathSync(file))
      throw new UserError(
        `${other} and ${file} have the same name, and so would their results. Rename one of them, or give each a ` +
          'command and a --results of its own.',
      );
    files.set(name, file);
  }
}
