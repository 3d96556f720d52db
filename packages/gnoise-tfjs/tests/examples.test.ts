/// <reference lib="dom" />
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { hasBrowser, openBrowser, SOFTWARE_WEBGL } from '../../../src/plots/browser.test-helper.js';
import { exec, temporaryFolder, usePacked } from '../../packed.test-helper.js';

const { folder } = usePacked('gnoise-tfjs');
const example = (name: string) => join(folder, 'examples', name);
const node = async (name: string) => (await exec(process.execPath, [example(name)])).stdout;

it('the script with model.fit learns', async () => {
  const [, accuracy] = /^training accuracy ([\d.]+)\n$/.exec(await node('model-fit.js'))!;
  expect(Number(accuracy)).toBeGreaterThan(0.9);
});

it('the loop with replicas trains each of them', async () => {
  const lines = (await node('replicas.js')).trim().split('\n');
  const losses = lines.map((line) => Number(/^eta [\d.]+, seed \d: loss ([\d.]+)$/.exec(line)![1]));
  expect(losses).toHaveLength(6);
  // Whoever says 0 has a loss of 1.
  for (const loss of losses) expect(loss).toBeLessThan(0.5);
});

it.skipIf(!hasBrowser)('the browser page trains on webgl (skipped where there is no chromium)', async () => {
  const bundled = temporaryFolder();
  await build({ entryPoints: [example('browser/page.js')], bundle: true, outdir: bundled });
  copyFileSync(example('browser/index.html'), join(bundled, 'index.html'));
  const browser = await openBrowser(SOFTWARE_WEBGL);
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(bundled, 'index.html')).href);
    const state = page.locator('#state');
    await page.waitForFunction(
      () => !/^(Training|Epoch)/.test(document.querySelector('#state')!.textContent!),
    );
    const [, accuracy] = /^Done on webgl: training accuracy ([\d.]+)$/.exec((await state.textContent())!) ?? [
      '',
      await state.textContent(),
    ];
    expect(Number(accuracy)).toBeGreaterThan(0.9);
  } finally {
    await browser.close();
  }
});
