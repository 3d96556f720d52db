/** Writes one story in bAbI's file format, line by line. */
export class StoryWriter {
  private readonly lines: string[] = [];
  /** Numbers of the lines with questions. */
  private readonly asked: number[] = [];

  /** Questions asked so far. */
  get questions(): number {
    return this.asked.length;
  }

  /** Adds a statement, given without its full stop; returns its number. */
  say(sentence: string): number {
    this.lines.push(`${this.lines.length + 1} ${capital(sentence)}.`);
    return this.lines.length;
  }

  /**
   * Adds a question, given without its question mark.
   * @param support numbers of the statements from which the answer follows.
   */
  ask(question: string, answer: string, support: readonly number[]): void {
    this.lines.push(`${this.lines.length + 1} ${capital(question)}?\t${answer}\t${support.join(' ')}`);
    this.asked.push(this.lines.length);
  }

  /** The lines up to question number `questions`, from 1; all of them if there are fewer. */
  linesUpTo(questions: number): string[] {
    return this.lines.slice(0, this.asked[questions - 1]);
  }
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
