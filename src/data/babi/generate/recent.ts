import type { Dice } from './dice.js';

/** Questions are about something among the last so many events. */
const WINDOW = 5;
const TRIES = 50;

/**
 * Looks for something to ask about: draws one of the last five events and asks `questionOn` it, up to fifty times.
 * @returns what `questionOn` first gives that is not null, or null.
 */
export function askRecent<E, Q>(
  events: readonly E[],
  dice: Dice,
  questionOn: (event: E) => Q | null,
): Q | null {
  const window = events.slice(-WINDOW);
  for (let i = 0; i < TRIES; i++) {
    const question = questionOn(dice.pick(window));
    if (question !== null) return question;
  }
  return null;
}
