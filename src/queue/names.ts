/** What all keys in Redis begin with. */
export const PREFIX = 'gnoise';

/** The queue's name in BullMQ, e.g. for its dashboards. */
export const QUEUE = 'populations';

/** Failures of a population that are the program's after which it is parked. Lost machines are none. */
export const ATTEMPTS = 3;
