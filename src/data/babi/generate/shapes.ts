import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';

const SHAPES = [
  'red square',
  'yellow square',
  'blue square',
  'triangle',
  'pink rectangle',
  'red sphere',
] as const;
const QUESTIONS = 8;
/** How often the shape that both statements share comes first in its statement. */
const SHARED_FIRST = 2 / 3;

const RELATIONS = [
  { text: 'above', x: 0, y: 1 },
  { text: 'below', x: 0, y: -1 },
  { text: 'to the right of', x: 1, y: 0 },
  { text: 'to the left of', x: -1, y: 0 },
] as const;
type Relation = (typeof RELATIONS)[number];

/** Task 17: two shapes each stand beside a third; how do they stand to each other? */
export function positionalReasoning(dice: Dice, story: StoryWriter): void {
  const [shared, ...others] = dice.shuffle(SHAPES).slice(0, 3) as [string, string, string];
  const first = dice.pick(RELATIONS);
  const second = dice.pickOther<Relation>(RELATIONS, first);
  const lines = [first, second].map((relation, i) => {
    // The relation says where the other shape is, seen from the shared one.
    const [subject, text, object] = dice.chance(SHARED_FIRST)
      ? [shared, opposite(relation).text, others[i]]
      : [others[i], relation.text, shared];
    return story.say(`the ${subject} is ${text} the ${object}`);
  });
  for (let i = 0; i < QUESTIONS; i++) {
    const order = dice.pick([
      [0, 1],
      [1, 0],
    ] as const);
    const [a, b] = order.map((i) => [first, second][i]!) as [Relation, Relation];
    const truths = RELATIONS.filter(({ x, y }) => x * (a.x - b.x) + y * (a.y - b.y) > 0);
    const yes = dice.chance(0.5);
    const relation = yes ? dice.pick(truths) : dice.pickOther<Relation>(RELATIONS, ...truths);
    const question = `is the ${others[order[0]]} ${relation.text} the ${others[order[1]]}`;
    story.ask(
      question,
      yes ? 'yes' : 'no',
      order.map((i) => lines[i]!),
    );
  }
}

function opposite({ x, y }: Relation): Relation {
  return RELATIONS.find((other) => other.x === -x && other.y === -y)!;
}
