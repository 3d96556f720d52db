/// <reference lib="dom" />
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser, SOFTWARE_WEBGL } from '../plots/browser.test-helper.js';
import { optimizers } from './optimizers.test-helper.js';

/** What the page offers to the tests. */
const PAGE = `
  import * as tf from '@tensorflow/tfjs';
  import { draws, end, optimizers } from './optimizers.test-helper.js';

  globalThis.numbersOn = async (backend, name) => {
    if (!(await tf.setBackend(backend))) throw new Error('There is no ' + backend + '.');
    return name === 'draws' ? draws() : end(optimizers[name]());
  };
`;
declare function numbersOn(backend: string, name: string): Promise<number[]>;

describe.skipIf(!hasBrowser)('in a browser (skipped where there is no chromium)', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const stdin = { contents: PAGE, resolveDir: import.meta.dirname };
    const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
    browser = await openBrowser(SOFTWARE_WEBGL);
    page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
  });
  afterAll(() => browser?.close());

  /** The largest difference between the numbers on webgl and those on cpu, relative to theirs where those are above 1. */
  async function difference(name: string): Promise<number> {
    const on = (backend: string) => page.evaluate(([b, n]) => numbersOn(b!, n!), [backend, name]);
    const [expected, found] = [await on('cpu'), await on('webgl')];
    expect(found).toHaveLength(expected.length);
    return Math.max(...expected.map((x, i) => Math.abs(x - found[i]!) / Math.max(1, Math.abs(x))));
  }

  it('the noise on webgl is that on cpu, to 1e-6', async () => {
    expect(await difference('draws')).toBeLessThan(1e-6);
  });

  it.each(Object.keys(optimizers))('%s leads on webgl where it leads on cpu', async (name) => {
    // WebGL's powers and roots are coarse, and TensorFlow.js gives its own Adam there another epsilon.
    expect(await difference(name)).toBeLessThan(/Adam/.test(name) ? 2e-3 : 1e-6);
  });
});
