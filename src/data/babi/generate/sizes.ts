import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';

const SMALL = ['chocolate', 'box of chocolates'];
const CONTAINERS = ['box', 'chest', 'container', 'suitcase'];
/** Statements before the first questions, and between them where nothing can be asked yet. */
const STATEMENTS = 5;
const QUESTIONS = 5;

interface Fact {
  readonly bigger: string;
  readonly smaller: string;
  readonly line: number;
}

/** Task 18: which of two things is bigger, by way of a third. */
export function sizeReasoning(dice: Dice, story: StoryWriter): void {
  // The containers' sizes differ from story to story.
  const bySize = [...SMALL, ...dice.shuffle(CONTAINERS)];
  const facts: Fact[] = [];
  let answerable: { bigger: string; smaller: string; support: number[] }[] = [];
  while (answerable.length === 0) {
    for (let i = 0; i < STATEMENTS; i++) facts.push(tell(bySize, dice, story));
    answerable = chains(facts);
  }
  for (let i = 0; i < QUESTIONS; i++) {
    const { bigger, smaller, support } = dice.pick(answerable);
    const yes = dice.chance(0.5);
    const [big, small] = yes ? [bigger, smaller] : [smaller, bigger];
    const question = dice.chance(0.5)
      ? `does the ${small} fit in the ${big}`
      : `is the ${big} bigger than the ${small}`;
    story.ask(question, yes ? 'yes' : 'no', support);
  }
}

function tell(bySize: readonly string[], dice: Dice, story: StoryWriter): Fact {
  const pair = dice.shuffle(bySize).slice(0, 2);
  const [smaller, bigger] = bySize.filter((thing) => pair.includes(thing)) as [string, string];
  const text = dice.chance(0.5)
    ? `the ${smaller} fits inside the ${bigger}`
    : `the ${bigger} is bigger than the ${smaller}`;
  return { bigger, smaller, line: story.say(text) };
}

/** What follows from two facts. */
function chains(facts: readonly Fact[]) {
  return facts.flatMap((upper) =>
    facts
      .filter((lower) => lower.bigger === upper.smaller)
      .map((lower) => ({ bigger: upper.bigger, smaller: lower.smaller, support: [upper.line, lower.line] })),
  );
}
