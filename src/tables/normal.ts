/** The standard normal density at `x`. */
function density(x: number): number {
  return Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * The chance that a standard normal variable is above `x`, which is at least 0; right to 14 digits, however small. By
 * the expansions 26.2.11 and 26.2.14 of Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964.
 */
export function upperTail(x: number): number {
  return x < 1 ? 0.5 - density(x) * oddSeries(x) : density(x) / continuedFraction(x);
}

/** x + x^3 / 3 + x^5 / (3 * 5) + ...; far out it would leave a tail of nothing but rounding errors. */
function oddSeries(x: number): number {
  let sum = x;
  for (let term = x, k = 3; sum + term > sum; k += 2) {
    term *= x ** 2 / k;
    sum += term;
  }
  return sum;
}

/** x + 1 / (x + 2 / (x + 3 / (x + ...))), from the far end; near 0 it would take thousands of terms. */
function continuedFraction(x: number): number {
  let fraction = x;
  for (let k = 400; k > 0; k--) fraction = x + k / fraction;
  return fraction;
}
