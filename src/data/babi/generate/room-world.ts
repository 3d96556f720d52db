import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';
import { giving, leaving, moving, ROOMS, THINGS, taking } from './vocabulary.js';

/** What happened, and the number of the line that tells it. */
export type RoomEvent = { readonly actor: string; readonly line: number } & (
  | { readonly kind: 'move'; readonly room: string }
  | { readonly kind: 'get' | 'drop'; readonly thing: string }
  | { readonly kind: 'give'; readonly thing: string; readonly recipient: string }
);

export interface RoomRules {
  readonly actors: readonly string[];
  /** How often each kind of action is tried; what is impossible at the moment is not done. */
  readonly actions: { readonly [K in RoomEvent['kind']]?: number };
  /** How often a take says `there`. */
  readonly takesThere?: number;
}

/** How often a drop says `there`. */
const DROPS_THERE = 0.2;

/** Actors who walk between rooms and take, drop and give things; every action is told in the story. */
export class RoomWorld {
  readonly events: RoomEvent[] = [];
  private readonly room = new Map<string, string>();
  /** Whom or which room each thing is with. */
  private readonly holder = new Map<string, string>();

  constructor(
    private readonly rules: RoomRules,
    private readonly dice: Dice,
    private readonly story: StoryWriter,
  ) {
    for (const actor of rules.actors) this.room.set(actor, dice.pick(ROOMS));
    for (const thing of THINGS) this.holder.set(thing, dice.pick(ROOMS));
  }

  /** Something happens and is told. */
  step(): void {
    const { actors, actions } = this.rules;
    const kinds = Object.entries(actions) as [RoomEvent['kind'], number][];
    let event: RoomEvent | null = null;
    while (event === null) event = this.attempt(this.dice.pick(actors), this.dice.weighted(kinds));
    this.events.push(event);
  }

  /** The latest event that `matches`, or undefined. */
  last<E extends RoomEvent>(matches: (event: RoomEvent) => event is E): E | undefined;
  last(matches: (event: RoomEvent) => boolean): RoomEvent | undefined;
  last(matches: (event: RoomEvent) => boolean): RoomEvent | undefined {
    return this.events.findLast(matches);
  }

  private attempt(actor: string, kind: RoomEvent['kind']): RoomEvent | null {
    if (kind === 'move') return this.move(actor);
    if (kind === 'get') return this.get(actor);
    const held = THINGS.filter((thing) => this.holder.get(thing) === actor);
    if (held.length === 0) return null;
    const thing = this.dice.pick(held);
    return kind === 'drop' ? this.drop(actor, thing) : this.give(actor, thing);
  }

  private move(actor: string): RoomEvent {
    const room = this.dice.pickOther<string>(ROOMS, this.room.get(actor));
    this.room.set(actor, room);
    return { kind: 'move', actor, room, line: this.story.say(`${actor} ${moving(this.dice)} the ${room}`) };
  }

  private get(actor: string): RoomEvent | null {
    const near = THINGS.filter((thing) => this.holder.get(thing) === this.room.get(actor));
    if (near.length === 0) return null;
    const thing = this.dice.pick(near);
    this.holder.set(thing, actor);
    const there = this.dice.chance(this.rules.takesThere ?? 1) ? ' there' : '';
    return {
      kind: 'get',
      actor,
      thing,
      line: this.story.say(`${actor} ${taking(this.dice)} the ${thing}${there}`),
    };
  }

  private drop(actor: string, thing: string): RoomEvent {
    this.holder.set(thing, this.room.get(actor)!);
    const there = this.dice.chance(DROPS_THERE) ? ' there' : '';
    return {
      kind: 'drop',
      actor,
      thing,
      line: this.story.say(`${actor} ${leaving(this.dice)} the ${thing}${there}`),
    };
  }

  private give(actor: string, thing: string): RoomEvent | null {
    const here = this.rules.actors.filter((a) => a !== actor && this.room.get(a) === this.room.get(actor));
    if (here.length === 0) return null;
    const recipient = this.dice.pick(here);
    this.holder.set(thing, recipient);
    const line = this.story.say(`${actor} ${giving(this.dice)} the ${thing} to ${recipient}`);
    return { kind: 'give', actor, thing, recipient, line };
  }
}
