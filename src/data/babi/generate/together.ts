import type { Dice } from './dice.js';
import { askRecent } from './recent.js';
import type { StoryWriter } from './story-writer.js';
import { connecting, moving, PEOPLE, ROOMS } from './vocabulary.js';

const ROUNDS = 5;
const PRONOUNS = new Map([
  ['Daniel', 'he'],
  ['John', 'he'],
  ['Mary', 'she'],
  ['Sandra', 'she'],
]);

/** Somebody came to a room; a statement about two people tells of two such events. */
interface Arrival {
  readonly actor: string;
  readonly room: string;
  /** The statement, after the one that its pronoun refers to. */
  readonly support: readonly number[];
}

/** Task 11: `he` or `she` in every second statement. */
export function basicCoreference(dice: Dice, story: StoryWriter): void {
  tell(dice, story, (arrivals) => {
    const actor = dice.pick(PEOPLE);
    const first = walk([actor], actor, arrivals, dice, story, []);
    walk([actor], `${connecting(dice)} ${PRONOUNS.get(actor)}`, arrivals, dice, story, [first]);
  });
}

/** Task 12: two people in every statement. */
export function conjunction(dice: Dice, story: StoryWriter): void {
  tell(dice, story, (arrivals) => {
    for (let i = 0; i < 2; i++) {
      const pair = pairOf(dice);
      walk(pair, pair.join(' and '), arrivals, dice, story, []);
    }
  });
}

/** Task 13: two people, and `they` in every second statement. */
export function compoundCoreference(dice: Dice, story: StoryWriter): void {
  tell(dice, story, (arrivals) => {
    const pair = pairOf(dice);
    const first = walk(pair, pair.join(' and '), arrivals, dice, story, []);
    walk(pair, `${connecting(dice)} they`, arrivals, dice, story, [first]);
  });
}

function tell(dice: Dice, story: StoryWriter, round: (arrivals: Arrival[]) => void): void {
  const arrivals: Arrival[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    round(arrivals);
    const { actor, room, support } = askRecent(arrivals, dice, ({ actor }) => lastOf(actor, arrivals)!)!;
    story.ask(`where is ${actor}`, room, support);
  }
}

/** All of `actors` go to another room; returns the statement's number. */
function walk(
  actors: readonly string[],
  subject: string,
  arrivals: Arrival[],
  dice: Dice,
  story: StoryWriter,
  before: readonly number[],
): number {
  const left = actors.map((actor) => lastOf(actor, arrivals)?.room);
  const room = dice.pickOther<string>(ROOMS, ...left);
  const line = story.say(`${subject} ${moving(dice)} the ${room}`);
  for (const actor of actors) arrivals.push({ actor, room, support: [...before, line] });
  return line;
}

function pairOf(dice: Dice): string[] {
  const first = dice.pick<string>(PEOPLE);
  return [first, dice.pickOther<string>(PEOPLE, first)];
}

function lastOf(actor: string, arrivals: readonly Arrival[]): Arrival | undefined {
  return arrivals.findLast((arrival) => arrival.actor === actor);
}
