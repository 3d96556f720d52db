import { UserError } from './errors.js';
import { excerpt } from './excerpt.js';

/**
 * Loads packages that only some users need, so that an installation may leave them out.
 * @param purpose what needs them, as the subject of a sentence in the plural, e.g. `Charts`.
 * @throws UserError that says how to add them.
 */
export async function optional<Loaded>(
  purpose: string,
  packages: readonly string[],
  load: () => Promise<Loaded>,
): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    const names = packages.join(' and ');
    const [reason] = (error as Error).message.split('\n');
    throw new UserError(
      `${purpose} need ${names}, optional and not to be had here (${excerpt(reason ?? '', 200)}). ` +
        `Add what is missing: npm install ${packages.join(' ')}`,
    );
  }
}
