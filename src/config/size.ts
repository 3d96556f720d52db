import { countSeeds } from '../trials/seeds.js';
import type { Block } from './blocks.js';
import { pointCount } from './grid.js';
import { MAX_TRIALS, MAX_VARIANTS } from './limits.js';
import type { Problem } from './problem.js';
import { keyOrigin, type MapTree } from './tree.js';

/** How many variants there are: the grid points of all settings and arms. */
export function countVariants(blocks: readonly Block[]): number {
  return sum(blocks.map(variantsIn));
}

/** What is wrong with a config of too many variants or trials. It is known before any of them is made. */
export function sizeProblem(blocks: readonly Block[]): Problem | undefined {
  const variants = countVariants(blocks);
  if (variants > MAX_VARIANTS) {
    const { axes } = largest(blocks, variantsIn);
    const message = `these are ${variants} grid points in all settings and arms; at most ${MAX_VARIANTS} make a config.`;
    return { kind: 'other', origin: axes[0]!.origin, path: 'grid', message };
  }
  const trials = sum(blocks.map(trialsIn));
  if (trials > MAX_TRIALS) {
    const { seeds } = largest(blocks, trialsIn);
    const message = `these are ${trials} trials in all settings and arms; at most ${MAX_TRIALS} make a config.`;
    return { kind: 'other', origin: seeds!.origin, path: 'seeds', message };
  }
  return undefined;
}

/** The same where there are too many settings and arms, whatever the grid. */
export function pairsProblem(pairs: number, root: MapTree): Problem | undefined {
  if (pairs <= MAX_VARIANTS) return undefined;
  const path = root.entries.has('arms') ? 'arms' : 'settings';
  const message = `these are ${pairs} pairs of a setting and an arm; at most ${MAX_VARIANTS} make a config.`;
  return { kind: 'other', origin: keyOrigin(root, [path]), path, message };
}

function variantsIn({ cells }: Block): number {
  return sum(cells.map(({ axes }) => pointCount(axes)));
}

function trialsIn(block: Block): number {
  return variantsIn(block) * countSeeds(block.seedRanges);
}

function largest(blocks: readonly Block[], size: (block: Block) => number): Block {
  return blocks.reduce((most, block) => (size(block) > size(most) ? block : most));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
