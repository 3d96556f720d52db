/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `optional`: absent or broken, but everything else works without it. */
  readonly status: 'ok' | 'optional' | 'not ok';
  readonly text: string;
  /** How to repair it, where it is not ok. */
  readonly repair?: string;
}
