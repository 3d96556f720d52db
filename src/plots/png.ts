import { createRequire } from 'node:module';
import { optional } from '../optional.js';

const font = '@expo-google-fonts/arimo';
const renderer = '@resvg/resvg-js';
const require = createRequire(import.meta.url);

/** Pixels of the picture per pixel of the chart: sharp on fine screens and in print. */
const scale = 2;

/**
 * A chart's SVG as PNG. Its text is set in Arimo, which has the widths of Arial and is brought along, so that it can be read
 * on systems without fonts; letters that Arimo lacks come from the system's fonts.
 * @throws UserError when the packages for it are not installed.
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg, fontFiles } = await optional('PNG files', [renderer, font], async () => ({
    Resvg: (await import('@resvg/resvg-js')).Resvg,
    fontFiles: ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'].map((file) =>
      require.resolve(`${font}/${file}`),
    ),
  }));
  const families = { defaultFontFamily: 'Arimo', sansSerifFamily: 'Arimo' };
  const picture = new Resvg(svg, {
    font: { fontFiles, ...families },
    fitTo: { mode: 'zoom', value: scale },
  });
  return picture.render().asPng();
}
