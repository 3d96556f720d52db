import type { TopLevelSpec } from 'vega-lite';
import { UserError } from '../errors.js';
import type { Spec } from './chart.js';

/**
 * The chart as SVG text, which starts with `<svg`; equal specifications give equal text. Vega escapes the text in it.
 * @throws UserError when Vega is not installed.
 */
export async function renderSvg(spec: Spec): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  // A canvas module that happens to be installed would measure text, and move it: without one widths are estimated.
  (vega as unknown as TextMetrics).textMetrics.canvas(false);
  vega.resetSVGDefIds();
  // Its warnings are for authors of specifications; errors are thrown.
  const logger = vega.logger(vega.Error);
  const view = new vega.View(vega.parse(vegaLite.compile(spec as unknown as TopLevelSpec, { logger }).spec), {
    renderer: 'none',
  });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

/** What Vega exports and its types leave out. */
interface TextMetrics {
  readonly textMetrics: { canvas(use: boolean): void };
}

async function loadVega() {
  try {
    return { vega: await import('vega'), vegaLite: await import('vega-lite') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError(
      'Charts need Vega, which is not installed: optional packages were left out. "npm install vega vega-lite" adds it.',
    );
  }
}
