import type { Dice } from './dice.js';
import { askRecent } from './recent.js';
import { type RoomEvent, type RoomRules, RoomWorld } from './room-world.js';
import type { StoryWriter } from './story-writer.js';
import { FRIENDS, PEOPLE, ROOMS } from './vocabulary.js';

/** Questions to a story. */
const QUESTIONS = 5;

interface Answered {
  readonly question: string;
  readonly answer: string;
  readonly support: readonly number[];
}

type QuestionOn = (event: RoomEvent, world: RoomWorld, dice: Dice) => Answered | null;

/** Stories in which something happens twice, then a question is asked if there is one, and so on. */
function roomStory(rules: RoomRules, questionOn: QuestionOn) {
  return (dice: Dice, story: StoryWriter): void => {
    const world = new RoomWorld(rules, dice, story);
    while (story.questions < QUESTIONS) {
      world.step();
      world.step();
      const found = askRecent(world.events, dice, (event) => questionOn(event, world, dice));
      if (found) story.ask(found.question, found.answer, found.support);
    }
  };
}

const WALKING = { actors: PEOPLE, actions: { move: 1 } };
const CARRYING = { actors: PEOPLE, actions: { move: 1, get: 1.2, drop: 1.2 } };

/** Task 1: one statement says where somebody is. */
export const singleSupportingFact = roomStory(WALKING, ({ actor }, world) => {
  const move = lastMove(world, actor)!;
  return { question: `where is ${actor}`, answer: move.room, support: [move.line] };
});

/** Task 2: who has a thing, or had it last, and where that is. */
export const twoSupportingFacts = roomStory(CARRYING, (event, world) => {
  const way = wayOf(event, world);
  if (!way) return null;
  const { thing, end, moves } = way;
  // A thing that was taken and dropped in one place is where its bearer came to before.
  const move = moves.at(-1) ?? (end.kind === 'drop' ? lastMove(world, end.actor, end.line) : undefined);
  if (!move) return null;
  return { question: `where is the ${thing}`, answer: move.room, support: [end.line, move.line] };
});

/** Task 3: where a thing was before its bearer took it to one of the rooms on its way. */
export const threeSupportingFacts = roomStory({ ...CARRYING, takesThere: 0.2 }, (event, world, dice) => {
  const way = wayOf(event, world);
  if (!way || way.moves.length < 2) return null;
  const { room } = dice.pick(way.moves);
  // The question means the latest time that the thing came to the room, and there must be one before.
  const meant = way.moves.findLastIndex((move) => move.room === room);
  if (meant === 0) return null;
  const [before, there] = way.moves.slice(meant - 1);
  return {
    question: `where was the ${way.thing} before the ${room}`,
    answer: before!.room,
    support: [way.end.line, there!.line, before!.line],
  };
});

/** Task 5: who gave what to whom. */
export const threeArgumentRelations = roomStory(
  { actors: FRIENDS, actions: { move: 1, get: 1.1, drop: 1, give: 5 } },
  (event, world, dice) => {
    if (event.kind !== 'give') return null;
    const { actor, thing, recipient } = event;
    const form = dice.weighted(GIVING_FORMS);
    const told: Partial<typeof event> = {
      ...(form.tells.includes('actor') && { actor }),
      ...(form.tells.includes('thing') && { thing }),
      ...(form.tells.includes('recipient') && { recipient }),
    };
    // The question means the latest event that it describes.
    const meant = world.last(
      (e) => isGive(e) && Object.entries(told).every(([key, value]) => e[key as 'actor'] === value),
    );
    if (meant !== event) return null;
    return { question: form.text(event), answer: event[form.asks], support: [event.line] };
  },
);

type Give = Extract<RoomEvent, { kind: 'give' }>;

interface GivingForm {
  readonly tells: readonly ('actor' | 'thing' | 'recipient')[];
  readonly asks: 'actor' | 'thing' | 'recipient';
  text(event: Give): string;
}

const GIVING_FORMS: readonly (readonly [GivingForm, number])[] = [
  [
    {
      tells: ['actor', 'recipient'],
      asks: 'thing',
      text: (e) => `what did ${e.actor} give to ${e.recipient}`,
    },
    2,
  ],
  [{ tells: ['thing'], asks: 'actor', text: (e) => `who gave the ${e.thing}` }, 1],
  [
    {
      tells: ['thing', 'recipient'],
      asks: 'actor',
      text: (e) => `who gave the ${e.thing} to ${e.recipient}`,
    },
    1,
  ],
  [{ tells: ['thing'], asks: 'recipient', text: (e) => `who received the ${e.thing}` }, 1],
  [
    {
      tells: ['actor', 'thing'],
      asks: 'recipient',
      text: (e) => `who did ${e.actor} give the ${e.thing} to`,
    },
    1,
  ],
];

/** Task 6: whether somebody who moved is somewhere. */
export const yesNoQuestions = roomStory(CARRYING, ({ kind, actor }, world, dice) => {
  if (kind !== 'move') return null;
  const move = lastMove(world, actor)!;
  const yes = dice.chance(0.5);
  const room = yes ? move.room : dice.pickOther<string>(ROOMS, move.room);
  return { question: `is ${actor} in the ${room}`, answer: yes ? 'yes' : 'no', support: [move.line] };
});

const COUNTS = ['none', 'one', 'two', 'three'];
/** How often a question after a gift is about the one who received it. */
const ABOUT_RECIPIENT = 0.2;

/** Task 7: how many things somebody has. */
export const counting = roomStory(
  { actors: PEOPLE, actions: { move: 1, get: 1.3, drop: 1.3, give: 4.5 } },
  (event, world, dice) => {
    if (event.kind === 'move') return null;
    const actor = event.kind === 'give' && dice.chance(ABOUT_RECIPIENT) ? event.recipient : event.actor;
    const { things, support } = belongingsOf(actor, world);
    return { question: `how many objects is ${actor} carrying`, answer: COUNTS[things.length]!, support };
  },
);

/** Task 8: which things somebody has, in the order of taking them. */
export const listsSets = roomStory(
  { actors: PEOPLE, actions: { move: 1, get: 1.3, drop: 1.3 } },
  (event, world) => {
    if (event.kind === 'move') return null;
    const { things, support } = belongingsOf(event.actor, world);
    return { question: `what is ${event.actor} carrying`, answer: things.join(',') || 'nothing', support };
  },
);

type Move = Extract<RoomEvent, { kind: 'move' }>;

function isMove(event: RoomEvent): event is Move {
  return event.kind === 'move';
}

function isGive(event: RoomEvent): event is Give {
  return event.kind === 'give';
}

/** The latest move of `actor` before line `before`. */
function lastMove(world: RoomWorld, actor: string, before = Number.POSITIVE_INFINITY): Move | undefined {
  return world.last((event): event is Move => isMove(event) && event.actor === actor && event.line < before);
}

/** The way of the thing that `event` is about since it was taken, if that is the latest told of it; else null. */
function wayOf(event: RoomEvent, world: RoomWorld): { thing: string; end: RoomEvent; moves: Move[] } | null {
  if (event.kind !== 'get' && event.kind !== 'drop') return null;
  const { thing, actor } = event;
  const about = world.events.filter((e) => e.kind !== 'move' && e.thing === thing);
  if (about.at(-1) !== event) return null;
  const taken = event.kind === 'get' ? event : about.at(-2)!;
  const until = event.kind === 'drop' ? event.line : Number.POSITIVE_INFINITY;
  const onTheWay = (e: RoomEvent): e is Move =>
    isMove(e) && e.actor === actor && e.line > taken.line && e.line < until;
  return { thing, end: event, moves: world.events.filter(onTheWay) };
}

/** What `actor` has by now, and the lines that tell of it. */
function belongingsOf(actor: string, world: RoomWorld): { things: string[]; support: number[] } {
  let things: string[] = [];
  const support: number[] = [];
  for (const event of world.events) {
    if (event.kind === 'move') continue;
    const receives =
      event.kind === 'get' ? event.actor === actor : isGive(event) && event.recipient === actor;
    const parts = event.kind !== 'get' && event.actor === actor;
    if (receives) things = [...things, event.thing];
    if (parts) things = things.filter((thing) => thing !== event.thing);
    if (receives || parts) support.push(event.line);
  }
  return { things, support };
}
