/** A mistake in the user's input: its message is shown as it is, without a stack, and the exit code is 2. */
export class UserError extends Error {
  override name = 'UserError';
}
