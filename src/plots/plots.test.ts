import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrialRecord } from '../results/record.js';
import { buildTables, type Table } from '../tables/build.js';
import { exampleConfig, exampleRecord, exampleTrial } from '../tables/example.test-helper.js';
import { type Placed, placeRecords, type TableConfig } from '../tables/plan.js';
import { hasBrowser, openBrowser, textFaults } from './browser.test-helper.js';
import { layouts } from './chart.js';
import { chartFiles } from './files.js';
import { noise } from './noise.js';
import { renderPng } from './png.js';

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
    curve: steps.map((step) => ({
      step,
      loss: 1,
      metrics: { testAccuracy: (end * step) / 2400 },
      gradient: { norm: step / 600, rms: step / 6e5 },
    })),
  };
}

/** A config that counts by a criterion, so that every kind of chart is drawn. */
const config: TableConfig = {
  ...exampleConfig,
  table: { ...exampleConfig.table, counts: [{ metric: 'testAccuracy', above: 0.4 }] },
};

function draw(
  of: readonly TrialRecord[],
  from: TableConfig = config,
  layout: keyof typeof layouts = 'wide',
): Promise<Map<string, string>> {
  const plan = {
    config: from,
    trials: of.map(({ setting, arm, description }) => exampleTrial({ setting, arm, seed: description.seed })),
  };
  const { placed } = placeRecords(plan, of);
  return chartFiles({ tables: buildTables(plan, of), placed }, layout);
}

const words = (svg: string) => svg.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

test('every table has its success rates, counts under levels, learning curves, sizes of gradients and noise, and pairs', async () => {
  const names = ['table-1', 'table'].flatMap((table) =>
    ['success', 'levels', 'curves', 'noise', 'pairs'].map((chart) => `${table}.${chart}`),
  );
  expect([...(await draw(records)).keys()]).toEqual(names.map((name) => `${name}.svg`));
  expect([...(await draw(records, config, 'narrow')).keys()]).toEqual(
    names.map((name) => `${name}.narrow.svg`),
  );
});

test('counts under error levels are told for each arm, beside those of the paper, of as many trials as it ran', async () => {
  const multiplication = {
    ...exampleConfig,
    settings: [{ name: 'multiplication', title: 'Binary multiplication', paper: 'table-6' }],
  };
  const accuracies = { 'no-noise': [0.999, 0.5], 'with-noise': [0.985, 0.96] };
  const trained = Object.entries(accuracies).flatMap(([arm, reached]) =>
    reached.map((accuracy, seed) => exampleRecord({ setting: 'multiplication', arm, seed }, accuracy)),
  );
  const text = words((await draw(trained, multiplication)).get('table-6.levels.svg')!);
  expect(text).toContain('no noise testAccuracy &lt; 1% 1 of 2; paper: 28 of 7290');
  expect(text).toContain('with noise testAccuracy &lt; 1% 0 of 2; paper: 58 of 7290');
  expect(text).toContain('with noise testAccuracy &lt; 2% 1 of 2; paper: 159 of 7290');
  expect(text).toContain('with noise testAccuracy &lt; 5% 2 of 2; paper: 570 of 7290');
});

test('the same trials give the same text, in whatever order they are read', async () => {
  expect(await draw(records.toReversed())).toEqual(await draw(records));
});

test('titles say config, profile and that the scale is reduced', async () => {
  for (const svg of (await draw(records)).values()) {
    expect(words(svg)).toContain('config mnist20, profile desk, REDUCED: 2 seeds instead of 20');
  }
});

test('settings stand in the order of the table, not of the alphabet', async () => {
  const reversed = { ...config, settings: config.settings.toReversed() };
  const svg = (await draw(records, reversed)).get('table-1.success.svg')!;
  expect(svg.indexOf('Zero init')).toBeGreaterThan(0);
  expect(svg.indexOf('Zero init')).toBeLessThan(svg.indexOf('Simple Init'));
});

test('text of a config is escaped', async () => {
  const title = '<script>alert("&")</script>';
  const hostile = { ...config, arms: config.arms.map((arm) => ({ ...arm, title: arm.name + title })) };
  for (const svg of (await draw(records, hostile)).values()) expect(svg).not.toContain('<script');
});

test('the noise’s deviation by its schedule stands beside the gradient’s entries, as clipping leaves them', () => {
  const description = (train: object) => ({
    ...records[0]!.description,
    train: { noise: { eta: 0.25, gamma: 2 }, ...train },
  });
  const curve = [
    { step: 99, loss: 1, metrics: {}, gradient: { norm: 40, rms: 0.4 } },
    { step: 100, loss: 1, metrics: {} },
  ];
  const of = (train: object) =>
    noise.points(
      {} as Table,
      { record: { ...records[0]!, description: description(train), curve } } as unknown as Placed,
    );
  const given = { step: 99, value: 0.005, isGiven: true };
  expect(of({})).toEqual([{ step: 99, value: 0.4 }, given]);
  expect(of({ clip: { by: 'global-norm', at: 10 } })).toEqual([{ step: 99, value: 0.1 }, given]);
  expect(of({ clip: { by: 'global-norm', at: 80 }, noise: { deviation: 0.5 } })).toEqual([
    { step: 99, value: 0.4 },
    { step: 99, value: 0.5, isGiven: true },
  ]);
  expect(of({ noise: 'none' })).toEqual([{ step: 99, value: 0.4 }]);
  // It follows the error of every update, which records do not have.
  expect(of({ noise: { eta: 1, gamma: 1, scaledBy: 'error' } })).toEqual([{ step: 99, value: 0.4 }]);
});

test('trials of which no gradient was recorded have no such chart', async () => {
  const older = records.map((record) => ({
    ...record,
    curve: record.curve.map(({ gradient: _, ...point }) => point),
  }));
  expect([...(await draw(older)).keys()].filter((name) => name.includes('noise'))).toEqual([]);
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

test('PNG has twice the pixels, and its text', async () => {
  const svg = (await draw(records)).get('table-1.success.svg')!;
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
  const png = Buffer.from(await renderPng(svg));
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
  // Letters without a font leave no trace, and no error.
  const silent = svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, '');
  expect((await renderPng(silent)).length).toBeLessThan(0.7 * png.length);
});

describe.skipIf(!hasBrowser)('in a browser (skipped where there is no chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const long = 'of a name that is a good deal longer than any that a configuration ought to have';
  const longConfig = {
    ...config,
    settings: config.settings.map((each) => ({ ...each, title: `${each.title} ${long}` })),
    arms: config.arms.map((each) => ({ ...each, title: `${each.title} ${long}` })),
  };

  // DejaVu Sans is what systems without Arial have, and wider.
  test.each([
    [830, 'wide', 'inherit', config],
    [390, 'wide', 'inherit', config],
    [390, 'narrow', 'inherit', config],
    [390, 'narrow', 'DejaVu Sans', config],
    [830, 'wide', 'DejaVu Sans', longConfig],
    [390, 'narrow', 'inherit', longConfig],
  ] as const)(
    'no text overlaps another or is cut, %i pixels wide, %s, font %s',
    async (width, layout, font, from) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const face = font === 'inherit' ? '' : `svg text { font-family: ${font} }`;
      const style = `<style>body { margin: 0 } svg { max-width: 100%; height: auto } ${face}</style>`;
      for (const [name, svg] of await draw(records, from, layout)) {
        await page.setContent(`${style}${svg}`);
        expect(await textFaults(page), name).toEqual([]);
        expect(Number(/width="(\d+)"/.exec(svg)![1]), name).toBeLessThanOrEqual(layouts[layout].width);
      }
      await page.close();
    },
  );

  test('nor in the committed pictures', async () => {
    const page = await browser.newPage({ viewport: { width: 850, height: 900 } });
    const folder = 'results/mnist20-unit/desk';
    const files = (await readdir(folder))
      .filter((name) => name.endsWith('.svg'))
      .map((name) => join(folder, name));
    expect(files).toHaveLength(6);
    for (const file of files) {
      await page.setContent(await readFile(file, 'utf8'));
      expect(await textFaults(page), file).toEqual([]);
    }
    await page.close();
  });
});
