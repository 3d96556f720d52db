/**
 * What went wrong although the input is right, e.g. a process that was killed: its message is shown as it is, without a
 * stack, and the exit code is 1.
 */
export class Mishap extends Error {
  override name = 'Mishap';
}

/** A mistake in the user's input: its message is shown as it is, without a stack, and the exit code is 2. */
export class UserError extends Error {
  override name = 'UserError';
}
