import type { TopLevelSpec } from 'vega-lite';
import { optional } from '../optional.js';
import type { Spec } from './chart.js';
import { textWidth } from './text-width.js';

/**
 * The chart as SVG text, which starts with `<svg`; equal specifications give equal text. Vega escapes the text in it.
 * @throws UserError when Vega is not installed.
 */
export async function renderSvg(spec: Spec): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  // Vega would measure text with a canvas module that happens to be installed, or else take all letters to be wide.
  (vega as unknown as TextMetrics).textMetrics.width = ({ fontSize = 11, fontWeight }, text) =>
    textWidth(String(text ?? ''), fontSize, fontWeight === 'bold' ? 'bold' : 'regular');
  vega.resetSVGDefIds();
  // Its warnings are for authors of specifications; errors are thrown.
  const logger = vega.logger(vega.Error);
  const view = new vega.View(vega.parse(vegaLite.compile(spec as unknown as TopLevelSpec, { logger }).spec), {
    renderer: 'none',
  });
  try {
    return `${lean(await view.toSVG())}\n`;
  } finally {
    view.finalize();
  }
}

/** Leaves out what shows nothing, a third of Vega's text: grounds of groups without colour, and opacity that is full. */
function lean(svg: string): string {
  return svg
    .replaceAll(/<path class="(?:back|fore)ground"[^>]*>/g, (path) =>
      / (?:fill|stroke)="/.test(path) ? path : '',
    )
    .replaceAll(' opacity="1"', '');
}

/** What Vega exports and its types leave out. */
interface TextMetrics {
  readonly textMetrics: {
    width(item: { readonly fontSize?: number; readonly fontWeight?: unknown }, text: unknown): number;
  };
}

function loadVega() {
  return optional('Charts', ['vega', 'vega-lite'], async () => {
    const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
    return { vega, vegaLite };
  });
}
