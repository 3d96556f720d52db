/** Three significant digits, never with an exponent: 53300 and 0.0041. */
export function digits3(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false }).format(value);
}
