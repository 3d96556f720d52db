/** Updates of an epoch; the questions left over have no part in it, and each batch is drawn afresh anyway. */
export function updatesPerEpoch(questions: number, batchSize: number): number {
  return Math.max(1, Math.floor(questions / batchSize));
}
