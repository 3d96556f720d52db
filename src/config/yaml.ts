import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from 'yaml';
import { excerpt } from '../excerpt.js';
import { type Origin, other, type Problem } from './problem.js';
import type { Tree } from './tree.js';
import { type Locate, readTree } from './yaml-tree.js';

/** Characters; what a file may have is checked when it is read. */
const MAX_LENGTH = 128 * 1024;
/** Smallest pieces of YAML: words, marks, runs of blanks, line ends. The largest of gnoise's configs has 1,110. */
const MAX_LEXEMES = 60_000;
/** Of maps and lists in each other; the deepest place of a config is at 7. The parser recurs once for each. */
const MAX_DEPTH = 50;

/** What a text comes to; its tree is of use only where there are no problems. */
interface Parsed {
  readonly tree: Tree;
  readonly problems: Problem[];
}

/** YAML 1.2 text as a tree, with every syntax error, duplicate key, unknown tag, and loop or bomb of aliases. */
export function parseYaml(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const locate = (offset: number): Origin => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return parse(text, locate, lines);
}

/** The value of a command line option, in YAML's flow style: `0.1`, `none`, `{ at: 10 }`, `[1, 2]`. */
export function parseOption(text: string, origin: Origin): Parsed {
  return parse(text, () => origin, new LineCounter());
}

function parse(text: string, locate: Locate, lines: LineCounter): Parsed {
  const { document, problems } = documentOf(text, locate, lines);
  return problems.length === 0 && document?.contents
    ? readTree(document.contents, locate)
    : { tree: { kind: 'scalar', origin: locate(0), value: null }, problems };
}

/**
 * The one document in a text. It is parsed piece by piece, and given up as soon as it is too much: a parser's time grows
 * with the number of pieces, and its stack with their nesting, not with the length of the text.
 */
function documentOf(
  text: string,
  locate: Locate,
  lines: LineCounter,
): { document?: Document | undefined; problems: Problem[] } {
  const refuse = (offset: number, message: string) => ({ problems: [other(locate(offset), message)] });
  if (text.length > MAX_LENGTH) return refuse(0, `more than ${MAX_LENGTH} characters are surely a mistake.`);
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    // Duplicate keys are found later, where the key's name is at hand.
    uniqueKeys: false,
    stringKeys: true,
    resolveKnownTags: false,
    // Also where a file asks for YAML 1.1, in which there are dates, sets and merged maps: values are those of JSON.
    schema: 'core',
    merge: false,
  });
  const documents: Document[] = [];
  let lexemes = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES)
      return refuse(parser.offset, `more than ${MAX_LEXEMES} words and marks are surely a mistake.`);
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > MAX_DEPTH)
      return refuse(parser.offset, `values are nested more than ${MAX_DEPTH} deep.`);
    if (documents.length > 1) break;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  const [document, second] = documents;
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  const problems = errors.map((error) => other(locate(error.pos[0]), syntaxText(error)));
  if (second !== undefined)
    problems.push(
      other(locate(second.range?.[0] ?? 0), 'a second YAML document begins here; a config is one document.'),
    );
  return { document, problems };
}

/** The parser's own words, which can hold all of a line. */
function syntaxText({ message }: YAMLError): string {
  return `not valid YAML: ${excerpt(message.trim(), 200).replace(/\.*$/, '.')}`;
}
