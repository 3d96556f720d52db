/** Advance widths of Helvetica, and so of Arial, from space to tilde, in thousandths of the font size (Adobe's AFM files). */
const regular = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/** Of any other character: as wide as the widest ones, an em. */
const unknown = 1000;

/** DejaVu Sans, which systems without Arial draw with, is up to 20% wider, its bold up to 35%: rather a gap than a cut. */
const margin = { regular: 1.2, bold: 1.35 };

/** Rough width of text in pixels in the font of the charts, on the safe side: nothing here can measure it. */
export function textWidth(text: string, fontSize: number, weight: keyof typeof margin = 'regular'): number {
  const widths = [...text].map((character) => regular[character.codePointAt(0)! - 32] ?? unknown);
  return (margin[weight] * fontSize * widths.reduce((sum, width) => sum + width, 0)) / 1000;
}

/** Breaks text between words into lines of at most `width` pixels; a longer word has a line of its own. */
export function wrap(
  text: string,
  width: number,
  fontSize = 12,
  weight: keyof typeof margin = 'regular',
): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || textWidth(longer, fontSize, weight) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
