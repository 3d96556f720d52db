import { describe, expect, it } from 'vitest';
import { environmentOn, visibleCards } from './cards.js';
import { fakePath } from './fake-path.test-helper.js';
import { findGpus, type Gpu } from './gpu.js';

const MIB = 2 ** 20;
const gpus: readonly Gpu[] = [0, 1, 2, 3].map((i) => ({
  uuid: `GPU-${i}a56a4bc`,
  name: 'NVIDIA H100',
  driver: '550.54',
  totalMebibytes: 80_000,
  usedMebibytes: 1000 * i,
}));
const ids = (named?: string) =>
  visibleCards(gpus, named === undefined ? {} : { CUDA_VISIBLE_DEVICES: named }).map(({ id }) => id);

describe('the cards of a process', () => {
  it('are all of the machine, by names that do not depend on an order', () => {
    expect(ids()).toEqual(gpus.map(({ uuid }) => uuid));
    expect(visibleCards([], {})).toEqual([]);
  });

  it('are those that CUDA_VISIBLE_DEVICES names, in its order', () => {
    expect(ids('2, 0')).toEqual(['2', '0']);
    expect(ids('GPU-3a5,1')).toEqual(['GPU-3a5', '1']);
  });

  it.each(['', '-1', '-1,0'])('are none when it is %j', (named) => expect(ids(named)).toEqual([]));

  it('end where CUDA ends the list', () => expect(ids('1,-1,2')).toEqual(['1']));

  it('have the free memory that the driver tells', () => {
    const free = (id: string) => visibleCards(gpus, { CUDA_VISIBLE_DEVICES: id })[0]!.freeBytes;
    expect(free('2')).toBe(78_000 * MIB);
    expect(free('GPU-1a56a4bc')).toBe(79_000 * MIB);
    expect(free('MIG-of-something')).toBeNull();
  });
});

describe('processes', () => {
  it('get a card each, and share them in turn when there are more processes', () => {
    const cards = visibleCards(gpus.slice(0, 2), {});
    const used = [0, 1, 2].map((slot) => environmentOn(cards, slot).CUDA_VISIBLE_DEVICES);
    expect(used).toEqual(['GPU-0a56a4bc', 'GPU-1a56a4bc', 'GPU-0a56a4bc']);
  });

  it('keep their environment where there is no card', () => expect(environmentOn([], 3)).toEqual({}));
});

it('cards are found by what nvidia-smi prints', async () => {
  const { folder, script } = await fakePath();
  await script('nvidia-smi', "echo 'GPU-8a56, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 4'");
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    expect(await findGpus()).toEqual([
      {
        uuid: 'GPU-8a56',
        name: 'NVIDIA H100 80GB HBM3',
        driver: '550.54.15',
        totalMebibytes: 81559,
        usedMebibytes: 4,
      },
    ]);
  } finally {
    process.env.PATH = path;
  }
});
