import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { experiments } from '../experiments/index.js';
import { expectWithin, processorTime } from '../processor-time.test-helper.js';
import { loadConfig, type Overrides } from './load.js';
import { mutation, optionPath, optionValue } from './mutations.test-helper.js';
import { ConfigError } from './problem.js';

// What is drawn depends on the seed alone: a failure can be had again, and is made small by fast-check.
const SEED = Number(process.env.GNOISE_TEST_SEED ?? 1511_06807);
const RUNS = Number(process.env.GNOISE_TEST_RUNS ?? 200);

const configs = readdirSync('configs').map((name) => readFileSync(join('configs', name), 'utf8'));
const file = join(mkdtempSync(join(tmpdir(), 'gnoise-')), 'mutated.yaml');

const overrides: fc.Arbitrary<Overrides> = fc.record(
  {
    profile: fc.oneof(fc.constantFrom('smoke', 'desk', 'paper', 'toString'), fc.string({ maxLength: 10 })),
    set: fc.array(
      fc.tuple(optionPath, optionValue).map(([path, value]) => `${path}=${value}`),
      { maxLength: 3 },
    ),
    seeds: fc
      .oneof(fc.constantFrom('0', '0-3,7', '0-99999', '5-1', '0-', '1e9', '-1'), optionValue)
      .map((text) => ({ option: '--seeds' as const, text })),
  },
  { requiredKeys: [] },
);

/** Loads a config, which must end in time, and in nothing but a config or a complaint of bounded length. */
function check(text: string, chosen: Overrides): void {
  writeFileSync(file, text);
  const seconds = processorTime();
  try {
    const { variants } = loadConfig(file, experiments, chosen);
    expect(variants.length).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message.length).toBeLessThan(12_000);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(message).not.toContain('[object ');
  }
  expectWithin(seconds(), 1.5);
}

describe('a config that was changed at random', () => {
  for (const text of configs) check(text, {});

  it('is a config or is refused in words, in time', () => {
    const property = fc.property(fc.constantFrom(...configs), mutation, (text, change) =>
      check(change(text), {}),
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('is so under any options', () => {
    const property = fc.property(fc.constantFrom(...configs), mutation, overrides, (text, change, chosen) =>
      check(change(text), chosen),
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});

it('any options to a sound config give a config or are refused in words, in time', () => {
  const property = fc.property(fc.constantFrom(...configs), overrides, check);
  fc.assert(property, { seed: SEED, numRuns: RUNS });
});
