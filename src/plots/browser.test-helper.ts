/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** Whether there is a browser to look with; where there is none, the tests that need it are listed as skipped. */
export const hasBrowser = executablePath !== undefined;

/** WebGL by the processor, so that it is there on every machine. */
export const SOFTWARE_WEBGL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** The same for WebGPU. */
export const SOFTWARE_WEBGPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--disable-vulkan-surface',
];

/** @param graphics how it computes WebGL or WebGPU, if at all. */
export function openBrowser(graphics: readonly string[] = ['--disable-gpu']): Promise<Browser> {
  const args = ['--headless', '--no-sandbox', '--disable-background-networking', ...graphics];
  return chromium.launch({ executablePath: executablePath!, args });
}

/** What is wrong with the text of a page's SVG: pairs that intersect, and what a picture's edge cuts. A sentence each. */
export function textFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // Boxes are as high as a line, letters are not: neighbours may touch.
    const slack = 1;
    return [...document.querySelectorAll('svg')].flatMap((svg) => {
      const edge = svg.getBoundingClientRect();
      const texts = [...svg.querySelectorAll('text')].filter(
        (text) => text.textContent !== '' && getComputedStyle(text).opacity !== '0',
      );
      const boxes = texts.map((text) => ({ name: text.textContent, box: text.getBoundingClientRect() }));
      const cut = boxes
        .filter(
          ({ box }) =>
            box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom,
        )
        .map(({ name }) => `cut: ${name}`);
      const crossing = boxes.flatMap((a, i) =>
        boxes
          .slice(i + 1)
          .filter(
            (b) =>
              Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > slack &&
              Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > slack,
          )
          .map((b) => `overlap: ${a.name} | ${b.name}`),
      );
      return [...cut, ...crossing];
    });
  });
}
