import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrialRecord } from '../results/record.js';
import { buildTables } from '../tables/build.js';
import { exampleConfig, exampleRecord, exampleTrial } from '../tables/example.test-helper.js';
import { placeRecords, type TableConfig } from '../tables/plan.js';
import { hasBrowser, openBrowser, textFaults } from './browser.test-helper.js';
import { chartFiles } from './files.js';

const settings = ['simple-no-clip', 'zero-clip-10', 'five-layers'];
const arms = ['no-noise', 'with-noise', 'dropout'];
const seeds = [0, 1, 2, 3];
const examples = settings.flatMap((setting) =>
  arms.flatMap((arm) => seeds.map((seed) => ({ setting, arm, seed }))),
);
const records = examples.map((example) => withCurve(exampleRecord(example, accuracyOf(example))));

/** Noise succeeds but for one seed, the others for one seed only. */
function accuracyOf({ arm, seed }: { arm: string; seed: number }): number {
  return arm === 'with-noise' ? (seed === 3 ? 0.5 : 0.95) : seed === 0 ? 0.92 : 0.1;
}

function withCurve(record: TrialRecord): TrialRecord {
  const end = record.metrics.testAccuracy!;
  const steps = [600, 1200, 1800, 2400];
  return {
    ...record,
    curve: steps.map((step) => ({ step, loss: 1, metrics: { testAccuracy: (end * step) / 2400 } })),
  };
}

function draw(of: readonly TrialRecord[], config: TableConfig = exampleConfig): Promise<Map<string, string>> {
  const plan = { config, trials: examples.map(exampleTrial) };
  const { placed } = placeRecords(plan, of);
  return chartFiles({
    config: '',
    folder: '',
    tables: buildTables(plan, of),
    placed,
    files: new Map(),
    notices: [],
  });
}

test('every table has its success rates, its learning curves and its pairs', async () => {
  const names = ['table-1', 'table'].flatMap((table) =>
    ['success', 'curves', 'pairs'].map((chart) => `${table}.${chart}.svg`),
  );
  expect([...(await draw(records)).keys()]).toEqual(names);
});

test('the same trials give the same text, in whatever order they are read', async () => {
  expect(await draw(records.toReversed())).toEqual(await draw(records));
});

test('titles say config, profile and that the scale is reduced', async () => {
  for (const svg of (await draw(records)).values()) {
    const text = svg.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('config mnist20, profile desk, REDUCED: 2 seeds instead of 20');
  }
});

test('settings stand in the order of the table, not of the alphabet', async () => {
  const config = { ...exampleConfig, settings: exampleConfig.settings.toReversed() };
  const svg = (await draw(records, config)).get('table-1.success.svg')!;
  expect(svg.indexOf('Zero init')).toBeGreaterThan(0);
  expect(svg.indexOf('Zero init')).toBeLessThan(svg.indexOf('Simple Init'));
});

test('text of a config is escaped', async () => {
  const title = '<script>alert("&")</script>';
  const config = {
    ...exampleConfig,
    arms: exampleConfig.arms.map((arm) => ({ ...arm, title: arm.name + title })),
  };
  for (const svg of (await draw(records, config)).values()) expect(svg).not.toContain('<script');
});

test('trials with a single evaluation have no curve, and those that failed no success rate', async () => {
  const single = records.map((record) => ({ ...record, curve: record.curve.slice(0, 1) }));
  expect([...(await draw(single)).keys()].filter((name) => name.includes('curves'))).toEqual([]);
  const failed = records.map((record) => ({
    ...record,
    outcome: { kind: 'failed', error: 'disk' } as const,
  }));
  expect([...(await draw(failed)).keys()]).toEqual([]);
});

describe.skipIf(!hasBrowser)('in a browser (skipped where there is no chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const long = 'of a name that is a good deal longer than any that a configuration ought to have';
  const longConfig = {
    ...exampleConfig,
    settings: exampleConfig.settings.map((each) => ({ ...each, title: `${each.title} ${long}` })),
    arms: exampleConfig.arms.map((each) => ({ ...each, title: `${each.title} ${long}` })),
  };

  test.each([
    [850, exampleConfig],
    [390, exampleConfig],
    [850, longConfig],
  ])('no text overlaps another or is cut, %i pixels wide', async (width, config) => {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const style = '<style>body { margin: 0 } svg { max-width: 100%; height: auto }</style>';
    for (const [name, svg] of await draw(records, config)) {
      await page.setContent(`${style}${svg}`);
      expect(await textFaults(page), name).toEqual([]);
    }
    await page.close();
  });

  test('nor in the committed pictures', async () => {
    const page = await browser.newPage({ viewport: { width: 850, height: 900 } });
    for (const chart of ['success', 'curves', 'pairs']) {
      const file = `results/mnist20-unit/desk/table-1.${chart}.svg`;
      await page.setContent(await readFile(file, 'utf8'));
      expect(await textFaults(page), file).toEqual([]);
    }
    await page.close();
  });
});
