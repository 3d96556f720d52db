import type { Dice } from './dice.js';

export const ROOMS = ['bathroom', 'bedroom', 'garden', 'hallway', 'kitchen', 'office'] as const;
export const PLACES = ['bedroom', 'cinema', 'kitchen', 'office', 'park', 'school'] as const;
export const THINGS = ['apple', 'football', 'milk'] as const;
export const PEOPLE = ['Daniel', 'John', 'Mary', 'Sandra'] as const;
export const FRIENDS = ['Bill', 'Fred', 'Jeff', 'Mary'] as const;
export const COUSINS = ['Bill', 'Fred', 'Julie', 'Mary'] as const;

const MOVING = ['moved to', 'went to', 'journeyed to', 'travelled to', 'went back to'];
const TAKING = ['got', 'grabbed', 'took', 'picked up'];
const LEAVING = ['dropped', 'left', 'discarded', 'put down'];
const GIVING = ['gave', 'handed', 'passed'];
const CONNECTING = ['then', 'afterwards', 'after that', 'following that'];

/** `moved to`, `went back to`, ... */
export const moving = (dice: Dice): string => dice.pick(MOVING);
export const taking = (dice: Dice): string => dice.pick(TAKING);
export const leaving = (dice: Dice): string => dice.pick(LEAVING);
export const giving = (dice: Dice): string => dice.pick(GIVING);
/** `then`, `after that`, ... */
export const connecting = (dice: Dice): string => dice.pick(CONNECTING);
