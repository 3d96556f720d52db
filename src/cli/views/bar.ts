/** A part of a bar's line, and how soon it is left out where the terminal is narrow: 0 never, then the highest first. */
export interface BarPart {
  readonly text: string;
  readonly dispensable: number;
}

const LONG = 20;
const SHORT = 10;

/**
 * `████░░░░ 50% | step 5/10 | ETA 0:00:05`: a bar and its figures on one line.
 * @param share of the whole that is done, 0 to 1.
 * @param width columns that it may take. Where they do not suffice, parts are left out, then the bar is shortened and left out.
 */
export function barLine(share: number, parts: readonly BarPart[], width: number): string {
  const percent = `${Math.floor(100 * share)}%`.padStart(5);
  const levels = [...new Set(parts.map(({ dispensable }) => dispensable))].sort((a, b) => b - a);
  const figures = levels.map((level) => parts.filter(({ dispensable }) => dispensable <= level));
  const forms = [
    [LONG, figures[0]!],
    ...figures.map((kept) => [SHORT, kept] as const),
    [0, figures.at(-1)!],
  ] as const;
  const lines = forms.map(([size, kept]) => {
    const texts = [`${drawn(share, size)}${percent}`, ...kept.map(({ text }) => text)];
    return texts.join(' | ').trimStart();
  });
  return lines.find(({ length }) => length <= width) ?? lines.at(-1)!.slice(-width);
}

function drawn(share: number, size: number): string {
  const full = Math.round(share * size);
  return '█'.repeat(full) + '░'.repeat(size - full);
}
