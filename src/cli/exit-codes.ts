/** What the process ends with; only src/cli/main.ts hands one to the system. */
export const exitCodes = {
  /** All trials finished; a diverged trial is a finished one. */
  ok: 0,
  /** Some trials failed or are not finished, a check found a difference, or the fault is ours. */
  someFailed: 1,
  /** The user's input is wrong. */
  userError: 2,
  /** Ctrl-C, or a request to end. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
