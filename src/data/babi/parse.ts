import { UserError } from '../../errors.js';

/** One question of a story. */
export interface Question {
  readonly words: readonly string[];
  /** One token; several items are joined by commas, e.g. `n,s`. */
  readonly answer: string;
  /** How many of the story's statements come before it. */
  readonly seen: number;
  /** The statements that the answer follows from, as indices into the story's statements. */
  readonly support: readonly number[];
}

/** Statements and the questions asked between them; words are in lower case, without full stop or question mark. */
export interface Story {
  readonly statements: readonly (readonly string[])[];
  readonly questions: readonly Question[];
}

/**
 * Reads bAbI's file format: `1 Mary moved to the bathroom.` for a statement, `3 Where is Mary?<tab>bathroom<tab>1` for a
 * question; the number 1 begins a new story.
 * @param path for messages.
 * @throws UserError with the line's number when a line is malformed.
 */
export function parseStories(text: string, path: string): Story[] {
  const lines = text.split('\n');
  if (lines.pop() !== '')
    throw new UserError(`${path} ends within line ${lines.length + 1}. Fetch it again.`);
  const reader = new StoryReader();
  for (const [index, line] of lines.entries()) {
    const problem = reader.read(line);
    if (problem !== null) throw new UserError(`${path}, line ${index + 1}: ${problem} Fetch it again.`);
  }
  if (reader.stories.length === 0) throw new UserError(`${path} is empty. Fetch it again.`);
  return reader.stories;
}

/** Splits at white space, lowers the case, drops one final `.` or `?`. */
export function wordsOf(sentence: string): string[] {
  return sentence
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/[.?]$/, ''));
}

/** Takes a file line by line. */
class StoryReader {
  readonly stories: { statements: string[][]; questions: Question[] }[] = [];
  /** The number of the last line. */
  private last = 0;
  /** Index of the statement on each numbered line of the current story; none for questions. */
  private statementOn = new Map<number, number>();

  /** Adds a line; returns what is wrong with it, as a sentence, or null. */
  read(line: string): string | null {
    const [, digits, text] = /^(\d{1,6}) (\S.*)$/.exec(line) ?? [];
    if (digits === undefined || text === undefined) return 'a line must be a number, a space and a sentence.';
    const id = Number(digits);
    if (id === 1) this.begin();
    else if (id !== this.last + 1 || this.last === 0)
      return `the number ${id} follows ${this.last || 'nothing'}; it must be 1 or one more than the last.`;
    this.last = id;
    return text.includes('\t') ? this.question(text, id) : this.statement(text, id);
  }

  private begin(): void {
    this.stories.push({ statements: [], questions: [] });
    this.statementOn = new Map();
  }

  private statement(text: string, id: number): string | null {
    if (!/^[^\s.?][^.?]*\.$/.test(text)) return 'a statement must end with its only full stop.';
    const { statements } = this.stories.at(-1)!;
    this.statementOn.set(id, statements.length);
    statements.push(wordsOf(text));
    return null;
  }

  private question(text: string, id: number): string | null {
    const [sentence, answer, ids, ...rest] = text.split('\t');
    if (answer === undefined || ids === undefined || rest.length > 0)
      return 'a question has three parts with tabs between them: question, answer, supporting numbers.';
    if (!/^[^\s.?][^.?]*\? ?$/.test(sentence!)) return 'a question must end with its only question mark.';
    if (!/^[^\s,]+(,[^\s,]+)*$/.test(answer))
      return `the answer '${answer}' must be one word or a list with commas.`;
    if (!/^\d{1,6}( \d{1,6})*$/.test(ids))
      return `'${ids}' must be the numbers of the supporting statements.`;
    const support = ids.split(' ').map((support) => this.statementOn.get(Number(support)));
    if (support.includes(undefined))
      return `the supporting numbers '${ids}' must be statements before line number ${id}.`;
    const { statements, questions } = this.stories.at(-1)!;
    const seen = statements.length;
    questions.push({
      words: wordsOf(sentence!),
      answer: answer.toLowerCase(),
      seen,
      support: support as number[],
    });
    return null;
  }
}
