/** What the process ends with; only src/cli/main.ts hands one to the system. */
export const exitCodes = {
  /** All trials finished; a diverged trial is a finished one. */
  ok: 0,
  /** Some trials failed or are not finished, a check found a difference, or the fault is ours. */
  someFailed: 1,
  /** The user's input is wrong. */
  userError: 2,
  /** All that is missing is being trained by other runners that are alive. */
  inOtherHands: 3,
  /** Ctrl-C. Other requests to end: 128 and the signal's number, e.g. 143 for SIGTERM. */
  interrupted: 130,
} as const;

/** One of the above, or 128 and the number of the signal that interrupted the command. */
export type ExitCode = number;
