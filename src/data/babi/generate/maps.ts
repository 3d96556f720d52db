import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';
import { ROOMS } from './vocabulary.js';

const DIRECTIONS = ['north', 'east', 'south', 'west'] as const;
type Direction = (typeof DIRECTIONS)[number];
const STEPS = { north: [0, 1], east: [1, 0], south: [0, -1], west: [-1, 0] } as const;

function opposite(direction: Direction): Direction {
  return DIRECTIONS[(DIRECTIONS.indexOf(direction) + 2) % 4]!;
}

/** `room` lies in `direction` of `other`, by statement number `line`. */
interface Relation {
  readonly room: string;
  readonly direction: Direction;
  readonly other: string;
  readonly line: number;
}

function say({ room, direction, other }: Omit<Relation, 'line'>, story: StoryWriter): Relation {
  const line = story.say(`the ${room} is ${direction} of the ${other}`);
  return { room, direction, other, line };
}

/** How often the room between the two others comes second in its statement. */
const MIDDLE_SECOND = 2 / 3;

/** Task 4: three rooms in a row, and a question that one of the two statements answers. */
export function twoArgumentRelations(dice: Dice, story: StoryWriter): void {
  const [first, middle, last] = dice.shuffle(ROOMS) as [string, string, string];
  const forwards = dice.pick(DIRECTIONS);
  const facts = dice.shuffle([
    { room: first, direction: forwards, other: middle },
    { room: last, direction: opposite(forwards), other: middle },
  ]);
  const told = facts.map((fact) => say(dice.chance(MIDDLE_SECOND) ? fact : reversed(fact), story));
  const { room, direction, other, line } = dice.pick(told);
  const question = dice.chance(0.5)
    ? `what is ${direction} of the ${other}`
    : `what is the ${other} ${opposite(direction)} of`;
  story.ask(question, room, [line]);
}

function reversed({ room, direction, other }: Omit<Relation, 'line'>): Omit<Relation, 'line'> {
  return { room: other, direction: opposite(direction), other: room };
}

/** How often one of the two steps is told last; otherwise anywhere. */
const STEP_LAST = 0.3;

/** Task 19: a way of two steps between three rooms, and three more rooms that stand next to these. */
export function pathFinding(dice: Dice, story: StoryWriter): void {
  const rooms = dice.shuffle(ROOMS);
  const way = rooms.slice(0, 3);
  const places = [{ x: 0, y: 0 }];
  const facts: Omit<Relation, 'line'>[] = [];
  for (const [i, room] of rooms.slice(1).entries()) {
    let fact: Omit<Relation, 'line'> | undefined;
    while (fact === undefined) {
      const next = i < 2 ? i : dice.pick([0, 1, 2]);
      const direction = dice.pick(DIRECTIONS);
      const [dx, dy] = STEPS[direction];
      const place = { x: places[next]!.x + dx, y: places[next]!.y + dy };
      if (places.some(({ x, y }) => x === place.x && y === place.y)) continue;
      places.push(place);
      fact = { room, direction, other: rooms[next]! };
    }
    facts.push(fact);
  }
  const steps = facts.slice(0, 2);
  const last = dice.chance(STEP_LAST) ? [dice.pick(steps)] : [];
  const order = [...dice.shuffle(facts.filter((fact) => !last.includes(fact))), ...last];
  const lines = new Map(
    order.map((fact) => [fact, say(dice.chance(0.5) ? fact : reversed(fact), story).line]),
  );
  const answer = steps.map(({ direction }) => direction.charAt(0)).join(',');
  const support = steps.map((step) => lines.get(step)!);
  story.ask(`how do you go from the ${way[0]} to the ${way[2]}`, answer, support);
}
