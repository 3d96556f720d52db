/**
 * Mean cost of the programs on which training of ListK rests, in nats per example, for lists of 1 .. `maximum` elements
 * and k uniform in them: the first finds the list but ignores k, the second tells only k = 0 from k > 0.
 */
export function plateaus(maximum: number): [number, number] {
  // P(k): lengths are uniform, and k is uniform below the length.
  const ofK = Array.from({ length: maximum }, (_, k) => {
    let sum = 0;
    for (let n = k + 1; n <= maximum; n++) sum += 1 / (n * maximum);
    return sum;
  });
  const positive = 1 - ofK[0]!;
  const first = entropy(ofK);
  return [first, positive * entropy(ofK.slice(1).map((p) => p / positive))];
}

function entropy(probabilities: readonly number[]): number {
  return -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
}
