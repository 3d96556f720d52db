import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { UserError } from '../errors.js';
import { experiments } from '../experiments/index.js';
import { expectWithin, processorTime } from '../processor-time.test-helper.js';
import { type Asked, checkMemory } from './memory.js';
import { bytesText, type Rooms, roomsOf } from './room.js';

const GIB = 2 ** 30;
const wasm: Rooms = {
  all: { bytes: 16 * GIB, text: 'this machine has 16 GiB' },
  process: { bytes: 4 * GIB, text: 'WebAssembly reaches 4 GiB' },
};
const files = readdirSync('configs').map((name) => `configs/${name}`);

const config = (file: string, set: readonly string[] = [], profile = 'paper') =>
  loadConfig(file, experiments, { set, profile });

function check(config: Config, asked: Partial<Asked> = {}, rooms = wasm): void {
  checkMemory(config, {}, { jobs: null, population: null, ...asked }, rooms);
}

function complaint(file: string, set: readonly string[], asked: Partial<Asked> = {}, rooms = wasm): string {
  try {
    check(config(file, set), asked, rooms);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return '';
}

const cards = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `GPU-${i}`, freeBytes: null }));

describe('memory', () => {
  it.each(files)('suffices for every profile of %s, on WebAssembly and on a GPU of 6 GiB', (file) => {
    const card = roomsOf({ name: 'tensorflow', deviceBytes: 6 * GIB, cards: cards(1) });
    for (const profile of config(file).profiles) {
      check(config(file, [], profile));
      check(config(file, [], profile), {}, card);
    }
  });

  it('that a trial would need is told beside what there is, with what to lower', () => {
    expect(complaint('configs/mnist20.yaml', ['model.units=1e7'])).toMatchInlineSnapshot(
      `"configs/mnist20.yaml, setting simple-no-clip, arm no-noise: a trial would need about 27 PiB of memory in training, and WebAssembly reaches 4 GiB. Lower model.units (10000000) or model.layers (20)."`,
    );
    expect(complaint('configs/multiplication.yaml', ['model.maps=1000000'])).toMatch(
      /a trial would need about .* Lower model\.maps \(1000000\), model\.sets \(6\) or data\.maximum \(20\)\.$/,
    );
  });

  it.each([
    ['configs/kth-element.yaml', 'data.memory=1e9'],
    ['configs/kth-element.yaml', 'model.units=1e15'],
    ['configs/kth-element.yaml', 'data.testExamples=1e12'],
    ['configs/neural-gpu.yaml', 'data.testSize=1e9'],
    ['configs/neural-gpu.yaml', 'data.testExamples=1e12'],
    ['configs/multiplication.yaml', 'train.batchSize=1e9'],
    ['configs/table-qa.yaml', 'data.rows.most=1e12'],
    ['configs/table-qa.yaml', 'data.rows.test=1e12'],
    ['configs/table-qa.yaml', 'model.units=9007199254740990'],
    ['configs/babi.yaml', 'model.width=1e12'],
    ['configs/babi.yaml', 'model.memory=1e12'],
    ['configs/babi.yaml', 'train.batchSize=1e12'],
  ])('is too little for %s with %s, and the setting is named', (file, set) => {
    expect(complaint(file, [set])).toMatch(
      new RegExp(`Lower .*${set.split('=')[0]!.replaceAll('.', '\\.')} \\(`),
    );
  });

  it('is shared by trials in lockstep: as many as are asked for, but no more than there are of a kind', () => {
    expect(complaint('configs/multiplication.yaml', [], { population: 20 })).toMatch(
      /20 trials in lockstep would need about 6\.\d\d GiB .* Lower the population to 11\.$/,
    );
    expect(complaint('configs/multiplication.yaml', ['population=20'])).toContain('20 trials in lockstep');
    expect(complaint('configs/multiplication.yaml', [], { population: 10 })).toBe('');
    const one = ['seeds=0', 'train.rate=0.1', 'model.initScale=1', 'train.relaxation.factor=1'];
    const rest = ['train.curriculum.threshold=0.1', 'train.dropout=0.1'];
    // Two trials are left, an arm each.
    expect(complaint('configs/multiplication.yaml', [...one, ...rest], { population: 20 })).toBe('');
  });

  it('is shared by processes', () => {
    expect(complaint('configs/multiplication.yaml', [], { jobs: 1000 })).toMatch(
      /1000 processes would need about .*, and this machine has 16 GiB\. Lower --jobs to \d\d\.$/,
    );
    expect(complaint('configs/multiplication.yaml', [], { jobs: 20 })).toBe('');
  });

  it('of settings and arms that are not selected does not matter', () => {
    const loaded = config('configs/mnist20.yaml', [
      'arms.dropout.model.units=1e7',
      'settings.simple-no-clip.model.units=1e7',
    ]);
    const asked = { jobs: null, population: null };
    const [first, second] = loaded.settings.map(({ name }) => name);
    expect(first).toBe('simple-no-clip');
    expect(() => checkMemory(loaded, {}, asked, wasm)).toThrow(UserError);
    expect(() => checkMemory(loaded, { settings: [second!] }, asked, wasm)).not.toThrow();
  });

  it('is reckoned at once for sizes of any kind and amount', () => {
    const settings = files.flatMap((file) => {
      const { data, model, train } = config(file).variants[0]!;
      return numbers({ data, model, train }).map((path) => ({ file, path }));
    });
    const size = fc.oneof(
      fc.nat({ max: 5000 }),
      fc.integer({ min: 3, max: 18 }).map((power) => 10 ** power),
    );
    const changes = fc.array(fc.tuple(fc.nat(), size), { minLength: 1, maxLength: 4 });
    const property = fc.property(fc.constantFrom(...files), changes, (file, chosen) => {
      const own = settings.filter((setting) => setting.file === file);
      const set = chosen.map(([which, value]) => `${own[which % own.length]!.path}=${value}`);
      const seconds = processorTime();
      try {
        check(config(file, set));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as Error).message).not.toMatch(/NaN|Infinity|undefined/);
      }
      expectWithin(seconds(), 1.5);
    });
    fc.assert(property, { seed: 1511_06807, numRuns: Number(process.env.GNOISE_TEST_RUNS ?? 200) });
  });
});

/** Paths of all numbers in maps of maps. */
function numbers(map: object, above = ''): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (typeof value === 'number') return [above + key];
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? numbers(value, `${above}${key}.`)
      : [];
  });
}

describe('the room there is', () => {
  it('is that of the machine, of which WebAssembly reaches 4 GiB', () => {
    const { all, process } = roomsOf({ name: 'wasm', deviceBytes: null, cards: [] });
    expect(all.text).toMatch(/^this machine has [\d.]+ [MGT]iB$/);
    expect(process.bytes).toBe(Math.min(all.bytes, 4 * GIB));
    expect(roomsOf({ name: 'tensorflow', deviceBytes: null, cards: [] }).process).toEqual(all);
  });

  it('is what is free of a GPU where there is one', () => {
    const { all, process } = roomsOf({ name: 'tensorflow', deviceBytes: 80 * GIB, cards: cards(1) });
    expect(all).toEqual({ bytes: 80 * GIB, text: 'the GPU has 80 GiB free' });
    expect(process).toEqual(all);
  });

  it('is that of all GPUs together, and of one for each process', () => {
    const { all, process } = roomsOf({ name: 'tensorflow', deviceBytes: 80 * GIB, cards: cards(4) });
    expect(all).toEqual({ bytes: 320 * GIB, text: 'the 4 GPUs have 320 GiB free together' });
    expect(process.bytes).toBe(80 * GIB);
  });

  it.each([
    [0, '0 bytes'],
    [1023, '1020 bytes'],
    [1024, '1 KiB'],
    [1.5 * GIB, '1.5 GiB'],
    [1e30, '867000000000 EiB'],
  ])('of %d bytes is written as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
