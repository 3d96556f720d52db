import { UserError } from '../errors.js';
import type { Environment } from '../files/cache-folder.js';

/**
 * The address of a queue as it was given, or else that in GNOISE_QUEUE, where the other users of the machine do not see it.
 * @param given true for an option without a value.
 * @throws UserError where there is neither.
 */
export function queueAddress(
  given: string | true | undefined,
  environment: Environment = process.env,
): string {
  const address = typeof given === 'string' ? given : environment.GNOISE_QUEUE;
  if (address) return address;
  throw new UserError('Where is the queue? Give its address, e.g. redis://host:6379, or set GNOISE_QUEUE.');
}

/** Gives the process a name in place of its arguments, which process lists show to everybody: an address may hold a password. */
export function hideArguments(name: string): void {
  process.title = name;
}
