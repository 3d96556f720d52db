/// <reference lib="dom" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, textFaults } from '../plots/browser.test-helper.js';
import { expectWithin, processorTime } from '../processor-time.test-helper.js';
import type { TrialRecord } from '../results/record.js';
import { buildTables } from '../tables/build.js';
import { exampleConfig, exampleRecord, exampleTrial } from '../tables/example.test-helper.js';
import { placeRecords, type TableConfig } from '../tables/plan.js';
import { reportHtml } from './report.js';

const settings = ['simple-no-clip', 'zero-clip-10', 'five-layers'];
const arms = ['no-noise', 'with-noise'];
const hostile = '</script><script>alert("&")</script><img src=https://example.org/x>';

/** Noise succeeds but for one seed, the other arm for one seed only. */
function recordsOf(seeds: number, evaluations: number): TrialRecord[] {
  const seedList = Array.from({ length: seeds }, (_, seed) => seed);
  return settings.flatMap((setting) =>
    arms.flatMap((arm) =>
      seedList.map((seed) => {
        const end = (seed === 0) === (arm === 'no-noise') ? 0.95 : 0.1;
        const steps = Array.from({ length: evaluations }, (_, i) => 600 * (i + 1));
        const curve = steps.map((step, i) => ({
          step,
          loss: 2.3 / (i + 1),
          metrics: { testAccuracy: (end * (i + 1 + (seed % 7) / 7)) / (evaluations + 1) },
          gradient: { norm: 1 + (seed % 5), rms: (1 + (seed % 5)) / 100 },
        }));
        return { ...exampleRecord({ setting, arm, seed }, end), curve };
      }),
    ),
  );
}

function pageOf(
  records: readonly TrialRecord[],
  config: TableConfig = exampleConfig,
  notices: readonly string[] = [],
): Promise<string> {
  const plan = {
    config,
    trials: records.map(({ setting, arm, description }) =>
      exampleTrial({ setting, arm, seed: description.seed }),
    ),
  };
  const { placed } = placeRecords(plan, records);
  const stored = {
    config: '',
    folder: '',
    tables: buildTables(plan, records),
    placed,
    files: new Map(),
    notices,
  };
  return reportHtml([{ stored, origin: { file: 'configs/mnist20.yaml', profile: 'desk', set: [] } }]);
}

test('titles and errors are escaped, and what was left out is named', async () => {
  const config = {
    ...exampleConfig,
    description: hostile,
    settings: exampleConfig.settings.map((each) => ({ ...each, title: each.title + hostile })),
    arms: exampleConfig.arms.map((arm) => ({ ...arm, title: arm.title + hostile })),
  };
  const [first, ...others] = recordsOf(2, 4);
  const failed = { ...first!, outcome: { kind: 'failed', error: hostile } as const };
  const page = await pageOf([failed, ...others], config, [`left out a.json: ${hostile}`]);
  expect(page.split('<script>')).toHaveLength(2);
  expect(page).not.toContain('<img');
  expect(page).toContain('left out a.json: &#60;');
});

test('of 1,000 trials with 40 evaluations each it is made in ten seconds and under 5 MB', async () => {
  const records = recordsOf(167, 40);
  expect(records.length).toBeGreaterThan(1000);
  // Processor time: other work on the machine shall not decide.
  const seconds = processorTime();
  const page = await pageOf(records);
  expectWithin(seconds(), 10);
  expect(Buffer.byteLength(page)).toBeLessThan(5e6);
}, 60_000);

describe.skipIf(!hasBrowser)('in a browser (skipped where there is no chromium)', () => {
  let browser: Browser;
  let folder: string;
  let address: string;
  beforeAll(async () => {
    browser = await openBrowser();
    folder = await mkdtemp(join(tmpdir(), 'gnoise-report-'));
    const file = join(folder, 'report.html');
    await writeFile(file, await pageOf(recordsOf(3, 4)));
    address = pathToFileURL(file).href;
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the report, gives it to `look`, and sees that it asked for nothing and complained of nothing. */
  async function inPage(options: object, look: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 }, ...options });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await look(page);
    await page.close();
    expect(complaints).toEqual([]);
  }

  test('it shows tables and charts, without JavaScript too, where switches are absent', () =>
    inPage({ javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('section.table').count()).toBe(2);
      // Success, pairs, curves and noise of each of three settings.
      expect(await page.locator('figure svg').count()).toBe(12);
      expect(await page.locator('figure svg').first().isVisible()).toBe(true);
      expect(await page.locator('.switches').first().isVisible()).toBe(false);
      await page.locator('section.table > details > summary').first().click();
      expect(await page.locator('section.table > details > details').first().isVisible()).toBe(true);
    }));

  test('a switch hides a setting or an arm everywhere, and shows it again', () =>
    inPage({}, async (page) => {
      const section = page.locator('section.table').first();
      const seen = (selector: string) =>
        section
          .locator(selector)
          .evaluateAll((all) => all.filter((each) => each.getClientRects().length > 0).length);
      const curves = 'figure.curves svg a';
      const before = { figures: await seen('figure'), lines: await seen(curves), rows: await seen('tr') };
      await section.locator('.switches').getByLabel('with noise').uncheck();
      expect(await seen(curves)).toBe(before.lines / 2);
      expect(await seen('tr')).toBeLessThan(before.rows);
      await section.locator('.switches').getByLabel('with noise').check();
      await section.locator('.switches').getByLabel('Zero init, clip 10').uncheck();
      expect(await seen('figure')).toBe(before.figures / 2);
      await section.locator('.switches').getByLabel('Zero init, clip 10').check();
      expect({ figures: await seen('figure'), lines: await seen(curves), rows: await seen('tr') }).toEqual(
        before,
      );
    }));

  test('the pointer on a curve tells trial and measurement, and a click opens the trial', () =>
    inPage({}, async (page) => {
      const line = page.locator('figure.curves svg a[*|href*="-0-"] path').first();
      // Just before the last corner of the line, on the screen.
      const at = await line.evaluate((path: SVGPathElement) => {
        const end = path.getPointAtLength(path.getTotalLength());
        const { x, y } = new DOMPoint(end.x, end.y).matrixTransform(path.getScreenCTM()!);
        return { clientX: x - 1, clientY: y };
      });
      await line.dispatchEvent('mousemove', at);
      const hint = page.locator('#hint');
      expect(await hint.isVisible()).toBe(true);
      expect(await hint.textContent()).toMatch(
        /^no noise, seed \d: \w+, testAccuracy [\d.]+%; 2400 updates: [\d.]+%$/,
      );
      const [href] = await page
        .locator('figure.curves svg a')
        .evaluateAll((links) =>
          links.map((link) => link.getAttribute('xlink:href')!).filter((each) => /-[0-9a-f]{16}$/.test(each)),
        );
      await page.locator(`figure.curves svg a[*|href="${href}"]`).dispatchEvent('click');
      const trial = page.locator(`[id="${href!.slice(1)}"]`);
      await trial.locator('pre').first().waitFor({ state: 'visible' });
      expect(await trial.textContent()).toContain(
        'gnoise run configs/mnist20.yaml --profile desk --setting simple-no-clip',
      );
    }));

  test.each(['light', 'dark'] as const)(
    'text stands out from the ground where colours are %s',
    (colorScheme) =>
      inPage({ colorScheme }, async (page) => {
        const shades = await page.evaluate(() => {
          const shade = (colour: string) => Number(/\d+/.exec(colour)![0]);
          return {
            ground: shade(getComputedStyle(document.body).backgroundColor),
            texts: [...document.querySelectorAll('svg text')].map((text) =>
              shade(getComputedStyle(text).fill),
            ),
          };
        });
        for (const text of shades.texts) expect(Math.abs(shades.ground - text)).toBeGreaterThan(150);
      }),
  );

  test('on a phone no part is wider than the screen, and charts have their full size, without texts that overlap or are cut', () =>
    inPage({ viewport: { width: 390, height: 800 } }, async (page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const scales = await page
        .locator('figure svg')
        .evaluateAll((all) => all.map((svg) => svg.clientWidth / Number(svg.getAttribute('width'))));
      expect(Math.min(...scales)).toBe(1);
      expect(await textFaults(page)).toEqual([]);
    }));

  test('on a wide screen charts stand side by side', () =>
    inPage({ viewport: { width: 1200, height: 800 } }, async (page) => {
      const lefts = await page
        .locator('.figures')
        .first()
        .locator('figure')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));
      expect(new Set(lefts).size).toBe(3);
      expect(await textFaults(page)).toEqual([]);
    }));

  test('on paper there are no switches, colours are those of the day, tables fit, and no chart is parted by a page’s end', () =>
    inPage({ colorScheme: 'dark', viewport: { width: 560, height: 800 } }, async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.switches').first().isVisible()).toBe(false);
      const overflows = await page
        .locator('.wide')
        .evaluateAll((all) => all.map((each) => each.scrollWidth - each.clientWidth));
      expect(Math.max(...overflows)).toBe(0);
      const look = await page.evaluate(() => ({
        ground: getComputedStyle(document.body).backgroundColor,
        parted: getComputedStyle(document.querySelector('figure')!).breakInside,
      }));
      expect(look).toEqual({ ground: 'rgb(255, 255, 255)', parted: 'avoid' });
    }));
});
