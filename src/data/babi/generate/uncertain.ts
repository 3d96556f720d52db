import type { Dice } from './dice.js';
import { askRecent } from './recent.js';
import type { StoryWriter } from './story-writer.js';
import { COUSINS, moving, PEOPLE, PLACES, ROOMS } from './vocabulary.js';

/** Rounds of a story: two statements and a question. */
const ROUNDS = 5;

/** What the latest statement about somebody says of where they are. */
interface Claim {
  readonly actor: string;
  readonly line: number;
  /** One room, or two of which one is right. */
  readonly rooms: readonly string[];
  /** False: they are not in that room. */
  readonly positive: boolean;
}

/** Task 9: statements may deny. */
export function simpleNegation(dice: Dice, story: StoryWriter): void {
  tell(
    dice,
    story,
    PEOPLE,
    (actor, known) => {
      const room = known?.rooms[0];
      const kind = dice.weighted([
        ['move', 2],
        ['is', 1],
        ['not', 1],
      ] as const);
      if (kind === 'not') {
        // Whoever is known to be somewhere has left; otherwise any other room is denied.
        const left = known?.positive ? room! : dice.pickOther<string>(ROOMS, room);
        const denial = dice.pick(['not', 'no longer']);
        return { rooms: [left], positive: false, text: `${actor} is ${denial} in the ${left}` };
      }
      const now = dice.pickOther<string>(ROOMS, known?.positive ? room : undefined);
      return {
        rooms: [now],
        positive: true,
        text: `${actor} ${kind === 'is' ? 'is in' : moving(dice)} the ${now}`,
      };
    },
    ({ rooms, positive }) => {
      if (!positive) return { room: rooms[0]!, answer: 'no' };
      const yes = dice.chance(0.5);
      return { room: yes ? rooms[0]! : dice.pickOther<string>(ROOMS, rooms[0]), answer: yes ? 'yes' : 'no' };
    },
  );
}

/** Task 10: statements may leave two rooms open. */
export function indefiniteKnowledge(dice: Dice, story: StoryWriter): void {
  const truth = new Map<string, string>();
  tell(
    dice,
    story,
    COUSINS,
    (actor) => {
      const now = dice.pickOther<string>(PLACES, truth.get(actor));
      truth.set(actor, now);
      const kind = dice.weighted([
        ['move', 2],
        ['is', 1],
        ['either', 1],
      ] as const);
      if (kind === 'either') {
        const [first, second] = dice.shuffle([now, dice.pickOther<string>(PLACES, now)]);
        return {
          rooms: [first!, second!],
          positive: true,
          text: `${actor} is either in the ${first} or the ${second}`,
        };
      }
      return {
        rooms: [now],
        positive: true,
        text: `${actor} ${kind === 'is' ? 'is in' : moving(dice)} the ${now}`,
      };
    },
    ({ rooms }) => {
      const certain = rooms.length === 1;
      const among = dice.chance(certain ? 0.54 : 0.58);
      const room = among ? dice.pick(rooms) : dice.pickOther<string>(PLACES, ...rooms);
      return { room, answer: !among ? 'no' : certain ? 'yes' : 'maybe' };
    },
  );
}

function tell(
  dice: Dice,
  story: StoryWriter,
  actors: readonly string[],
  claimOf: (actor: string, known: Claim | undefined) => { rooms: string[]; positive: boolean; text: string },
  questionOn: (claim: Claim) => { room: string; answer: string },
): void {
  const claims: Claim[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 2; i++) {
      const actor = dice.pick(actors);
      const { text, rooms, positive } = claimOf(actor, lastOf(actor, claims));
      claims.push({ actor, rooms, positive, line: story.say(text) });
    }
    const claim = askRecent(claims, dice, ({ actor }) => lastOf(actor, claims)!)!;
    const { room, answer } = questionOn(claim);
    story.ask(`is ${claim.actor} in the ${room}`, answer, [claim.line]);
  }
}

function lastOf(actor: string, claims: readonly Claim[]): Claim | undefined {
  return claims.findLast((claim) => claim.actor === actor);
}
