import fc from 'fast-check';

/** The value that a seed, a stage and a round stand for: the same ones give the same plan on every machine. */
export function draw(arbitrary, seed, stage, round) {
  return drawMany(arbitrary, seed, stage, round, 1)[0];
}

/** So many values, e.g. a batch of mutations. */
export function drawMany(arbitrary, seed, stage, round, count) {
  return fc.sample(arbitrary, { seed: mixed(`${seed}/${stage}/${round}`), numRuns: count, unbiased: true });
}

/** FNV-1a, an int32: seeds that are near one another give plans that are not. */
function mixed(text) {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return hash | 0;
}
