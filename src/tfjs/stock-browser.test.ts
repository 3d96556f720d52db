/// <reference lib="dom" />
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser, SOFTWARE_WEBGL, SOFTWARE_WEBGPU } from '../plots/browser.test-helper.js';
import { optimizers } from './optimizers.test-helper.js';

/** What the page offers to the tests. */
const PAGE = `
  import * as tf from '@tensorflow/tfjs';
  import '@tensorflow/tfjs-backend-webgpu';
  import { draws, end, optimizers } from './optimizers.test-helper.js';

  globalThis.numbersOn = async (backend, name) => {
    if (!(await tf.setBackend(backend))) throw new Error('There is no ' + backend + '.');
    return name === 'draws' ? draws() : end(optimizers[name]());
  };
`;
declare function numbersOn(backend: string, name: string): Promise<number[]>;

const GRAPHICS = { webgl: SOFTWARE_WEBGL, webgpu: SOFTWARE_WEBGPU };

// Vitest's skipIf(...).for skips nothing.
for (const [backend, graphics] of Object.entries(GRAPHICS))
  describe.skipIf(!hasBrowser)(`in a browser on ${backend} (skipped where there is no chromium)`, () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      const stdin = { contents: PAGE, resolveDir: import.meta.dirname };
      const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
      browser = await openBrowser(graphics);
      page = await browser.newPage();
      // WebGPU is offered to secure pages only.
      await page.route('https://page.example/', (route) =>
        route.fulfill({ contentType: 'text/html', body: '' }),
      );
      await page.goto('https://page.example/');
      await page.addScriptTag({ content: outputFiles[0]!.text });
    });
    afterAll(() => browser?.close());

    /** The largest difference between the numbers there and those on cpu, relative to theirs where those are above 1. */
    async function difference(name: string): Promise<number> {
      const on = (place: string) => page.evaluate(([b, n]) => numbersOn(b!, n!), [place, name]);
      const [expected, found] = [await on('cpu'), await on(backend)];
      expect(found).toHaveLength(expected.length);
      return Math.max(...expected.map((x, i) => Math.abs(x - found[i]!) / Math.max(1, Math.abs(x))));
    }

    it('the noise is that on cpu, to 1e-6', async () => {
      expect(await difference('draws')).toBeLessThan(1e-6);
    });

    it.each(Object.keys(optimizers))('%s leads where it leads on cpu', async (name) => {
      // A browser's powers and roots are coarse, and TensorFlow.js gives its own Adam another epsilon on WebGL.
      expect(await difference(name)).toBeLessThan(/Adam/.test(name) ? 2e-3 : 1e-6);
    });
  });
