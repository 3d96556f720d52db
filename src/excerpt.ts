/** Control codes, invisible marks that change the order of letters, line separators, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Text from outside as a message may show it: on one line, without escape codes, and at most `most` characters of it. */
export function excerpt(text: string, most = 60): string {
  return printable(text.length > most ? `${text.slice(0, most - 3)}...` : text);
}

/** The text with whatever a terminal would not print, or would obey, written out: `\u{1b}` for the escape character. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => SHORT.get(character) ?? `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** As `printable`, for text of several lines: their ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** `a, b, c and 7 more`: names as a message may list them. */
export function excerptOf(names: readonly string[], most = 30): string {
  const shown = names.slice(0, most).map((name) => excerpt(name, 40));
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
