import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';

const FEARFUL = ['Gertrude', 'Winona', 'Jessica', 'Emily'] as const;
const KINDS = new Map([
  ['mouse', 'mice'],
  ['sheep', 'sheep'],
  ['wolf', 'wolves'],
  ['cat', 'cats'],
]);
const QUESTIONS = 4;

/** Task 15: somebody fears what their kind fears. */
export function basicDeduction(dice: Dice, story: StoryWriter): void {
  const kinds = [...KINDS.keys()];
  const kindOf = new Map(FEARFUL.map((name) => [name as string, dice.pick(kinds)]));
  const fearOf = new Map(kinds.map((kind) => [kind, dice.pickOther(kinds, kind)]));
  const lines = new Map<string, number>();
  const left = new Set<string>([...FEARFUL, ...kinds]);
  while (left.size > 0) {
    // What a kind fears is told before who is of that kind.
    const subject = dice.pick([...left].filter((name) => !left.has(kindOf.get(name) ?? '')));
    left.delete(subject);
    const kind = kindOf.get(subject);
    const text = kind
      ? `${subject} is a ${kind}`
      : `${KINDS.get(subject)} are afraid of ${KINDS.get(fearOf.get(subject)!)}`;
    lines.set(subject, story.say(text));
  }
  for (let i = 0; i < QUESTIONS; i++) {
    const name = dice.pick(FEARFUL);
    const kind = kindOf.get(name)!;
    story.ask(`what is ${name.toLowerCase()} afraid of`, fearOf.get(kind)!, [
      lines.get(name)!,
      lines.get(kind)!,
    ]);
  }
}

const COLOURFUL = ['Bernhard', 'Brian', 'Greg', 'Julius', 'Lily'] as const;
const SPECIES = ['frog', 'lion', 'rhino', 'swan'];
const COLOURS = ['gray', 'green', 'white', 'yellow'];
/** How many of the five are of each species, those of the one that is asked about first; with their shares. */
const GROUPS: readonly (readonly [readonly number[], number])[] = [
  [[2, 2, 1], 0.6],
  [[2, 1, 1, 1], 0.2],
  [[2, 3], 0.095],
  [[4, 1], 0.095],
  [[5], 0.01],
];
/** How often somebody has the colour of the one of their species named before; otherwise it is any colour. */
const LIKE_THE_LAST = 0.53;
/** How often the one asked about is introduced last; otherwise anywhere. */
const ASKED_LAST = 0.25;

/** Task 16: somebody has the colour of the one of their species named last. */
export function basicInduction(dice: Dice, story: StoryWriter): void {
  const species = dice.shuffle(SPECIES);
  const names = dice.shuffle(COLOURFUL);
  const [asked] = names as [string];
  const groups = dice
    .weighted(GROUPS)
    .flatMap((size, group) => new Array<string>(size).fill(species[group]!));
  const speciesOf = new Map(names.map((name, i) => [name as string, groups[i]!]));
  const lastColour = new Map<string, { name: string; colour: string; line: number }>();
  const introduced = new Map<string, number>();
  for (const name of turns(names, asked, dice)) {
    const own = speciesOf.get(name)!;
    if (!introduced.has(name)) {
      introduced.set(name, story.say(`${name} is a ${own}`));
      continue;
    }
    const last = lastColour.get(own)?.colour;
    const colour = last !== undefined && dice.chance(LIKE_THE_LAST) ? last : dice.pick(COLOURS);
    lastColour.set(own, { name, colour, line: story.say(`${name} is ${colour}`) });
  }
  const { name, colour, line } = lastColour.get(speciesOf.get(asked)!)!;
  story.ask(`what color is ${asked}`, colour, [introduced.get(asked)!, introduced.get(name)!, line]);
}

/** Who each statement is about: first what somebody is, later of what colour; of the one asked about only the first. */
function turns(names: readonly string[], asked: string, dice: Dice): string[] {
  const others = names.filter((name) => name !== asked);
  const order = dice.shuffle([...others, ...others, asked]);
  if (!dice.chance(ASKED_LAST)) return order;
  return [...order.filter((name) => name !== asked), asked];
}
