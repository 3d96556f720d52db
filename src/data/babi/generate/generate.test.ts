import { existsSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { findBabi, loadBabi } from '../data-set.js';
import { lexiconOf } from '../encode.js';
import type { Story } from '../parse.js';
import { generateFile, generateTask } from './index.js';

const REAL = '../shared/data';
const TASKS = Array.from({ length: 20 }, (_, i) => i + 1);

const generated = (task: number, questions = 300) =>
  generateTask(task, { train: questions, test: 100, seed: 0 });

describe.each(TASKS)('generated task %i', (task) => {
  it('has the questions asked for, in the form that the strict parser takes', () => {
    const count = (stories: readonly Story[]) =>
      stories.reduce((sum, { questions }) => sum + questions.length, 0);
    const { train, test } = generated(task);
    expect(count(train)).toBe(300);
    expect(count(test)).toBe(100);
  });

  it('depends on seed and split only, and a longer file begins with the shorter one', () => {
    const file = (questions: number, seed: number, split: 'train' | 'test') =>
      generateFile(task, { questions, seed, split });
    expect(file(40, 1, 'train')).toBe(file(40, 1, 'train'));
    expect(file(40, 1, 'train')).not.toBe(file(40, 2, 'train'));
    expect(file(40, 1, 'train')).not.toBe(file(40, 1, 'test'));
    expect(file(40, 1, 'train').startsWith(file(23, 1, 'train'))).toBe(true);
  });
});

test('the words of each task are those of the published one', async (context) => {
  if (!existsSync(`${REAL}/babi`)) {
    console.warn(`skipped: there is no bAbI in ${REAL}`);
    return context.skip();
  }
  const place = await findBabi([REAL]);
  for (const published of await loadBabi(place!, TASKS)) {
    const own = generateTask(published.task, { train: 1000, test: 1000, seed: 0 });
    // Whether a list of three things comes in a certain order is left to chance.
    const words = (stories: typeof own) =>
      lexiconOf([stories], 50).words.filter((word) => word.split(',').length < 3);
    expect(words(own).sort()).toEqual(words(published).sort());
  }
});

// What follows answers the questions anew, from the words of the story alone.

const ROOM =
  /^(?:then|afterwards|after that|following that)? ?(.+?) (?:moved|went|journeyed|travelled)(?: back)? to the (\w+)$/;

/** Asks `solve` for the answer to every question, given the statements before it. */
function expectSolved(task: number, solve: (statements: string[], question: string) => string): void {
  for (const { statements, questions } of generated(task).train) {
    const told = statements.map((words) => words.join(' '));
    for (const { words, answer, seen } of questions)
      expect([words.join(' '), solve(told.slice(0, seen), words.join(' '))]).toEqual([
        words.join(' '),
        answer,
      ]);
  }
}

test.each([1, 11, 12, 13])('task %i: people are where they went last', (task) => {
  expectSolved(task, (statements, question) => {
    const rooms = new Map<string, string>();
    let subject: string[] = [];
    for (const statement of statements) {
      const [, who, room] = ROOM.exec(statement)!;
      if (!['he', 'she', 'they'].includes(who!)) subject = who!.split(' and ');
      for (const person of subject) rooms.set(person, room!);
    }
    return rooms.get(question.split(' ').at(-1)!)!;
  });
});

/** Follows who carries what where; rooms of a thing since it was last taken, and what everybody carries. */
function follow(statements: readonly string[]) {
  const room = new Map<string, string>();
  const bearer = new Map<string, string>();
  const trail = new Map<string, string[]>();
  const carried = new Map<string, string[]>();
  const take = (who: string, thing: string) => {
    bearer.set(thing, who);
    carried.set(who, [...(carried.get(who) ?? []), thing]);
  };
  const part = (who: string, thing: string) => {
    bearer.delete(thing);
    carried.set(
      who,
      (carried.get(who) ?? []).filter((other) => other !== thing),
    );
  };
  for (const statement of statements) {
    const moved = ROOM.exec(statement);
    const taken = /^(\w+) (?:got|grabbed|took|picked up) the (\w+)/.exec(statement);
    const left = /^(\w+) (?:dropped|left|discarded|put down) the (\w+)/.exec(statement);
    const given = /^(\w+) (?:gave|handed|passed) the (\w+) to (\w+)/.exec(statement);
    if (given) {
      part(given[1]!, given[2]!);
      take(given[3]!, given[2]!);
    } else if (moved) {
      room.set(moved[1]!, moved[2]!);
      for (const [thing, who] of bearer) if (who === moved[1]) trail.get(thing)!.push(moved[2]!);
    } else if (taken) {
      take(taken[1]!, taken[2]!);
      trail.set(taken[2]!, room.has(taken[1]!) ? [room.get(taken[1]!)!] : []);
    } else if (left) {
      part(left[1]!, left[2]!);
    }
  }
  return { trail, carried };
}

test('task 2: a thing is where it was carried last', () => {
  expectSolved(
    2,
    (statements, question) => follow(statements).trail.get(question.split(' ').at(-1)!)!.at(-1)!,
  );
});

test('task 3: a thing was before in the room from where it was last carried to the other', () => {
  expectSolved(3, (statements, question) => {
    const [, thing, room] = /^where was the (\w+) before the (\w+)$/.exec(question)!;
    const rooms = follow(statements).trail.get(thing!)!;
    return rooms[rooms.lastIndexOf(room!) - 1]!;
  });
});

test('tasks 7 and 8: people carry what they took or were given and did not part with', () => {
  expectSolved(7, (statements, question) => {
    const [, who] = /is (\w+) carrying/.exec(question)!;
    return ['none', 'one', 'two', 'three'][(follow(statements).carried.get(who!) ?? []).length]!;
  });
  expectSolved(8, (statements, question) => {
    const [, who] = /is (\w+) carrying/.exec(question)!;
    return (follow(statements).carried.get(who!) ?? []).join(',') || 'nothing';
  });
});

const STEPS: { [direction: string]: readonly [number, number] } = {
  north: [0, 1],
  above: [0, 1],
  south: [0, -1],
  below: [0, -1],
  east: [1, 0],
  'to the right of': [1, 0],
  west: [-1, 0],
  'to the left of': [-1, 0],
};

/** Coordinates from statements such as `the kitchen is north of the garden`. */
function mapOf(statements: readonly string[]): Map<string, readonly [number, number]> {
  const relations = statements.map(
    (statement) =>
      /^the (.+) is (north|south|east|west|above|below|to the left of|to the right of)(?: of)? the (.+)$/
        .exec(statement)!
        .slice(1) as [string, string, string],
  );
  const places = new Map<string, readonly [number, number]>([[relations[0]![0], [0, 0]]]);
  for (const _ of relations)
    for (const [subject, direction, object] of relations) {
      const [x, y] = STEPS[direction]!;
      const [at, from] = [places.get(subject), places.get(object)];
      if (from) places.set(subject, [from[0] + x, from[1] + y]);
      else if (at) places.set(object, [at[0] - x, at[1] - y]);
    }
  return places;
}

test('task 4: the answer lies beside the room asked about, on the side asked for', () => {
  for (const { statements, questions } of generated(4).train) {
    const map = mapOf(statements.map((words) => words.join(' ')));
    const { words, answer } = questions[0]!;
    const question = words.join(' ');
    const of = /^what is (\w+) of the (\w+)$/.exec(question);
    const than = /^what is the (\w+) (\w+) of$/.exec(question);
    const [x, y] = STEPS[(of?.[1] ?? than?.[2])!]!;
    const [from, to] = of ? [map.get(of[2]!)!, map.get(answer)!] : [map.get(answer)!, map.get(than![1]!)!];
    expect([to[0] - from[0], to[1] - from[1]]).toEqual([x, y]);
  }
});

test('task 19: the steps lead from the one room to the other', () => {
  for (const { statements, questions } of generated(19).train) {
    const map = mapOf(statements.map((words) => words.join(' ')));
    const [, from, to] = /^how do you go from the (\w+) to the (\w+)$/.exec(questions[0]!.words.join(' '))!;
    let [x, y] = map.get(from!)!;
    for (const letter of questions[0]!.answer.split(',')) {
      const [dx, dy] = STEPS[{ n: 'north', e: 'east', s: 'south', w: 'west' }[letter]!]!;
      [x, y] = [x + dx, y + dy];
    }
    expect([x, y]).toEqual(map.get(to!));
  }
});

test('task 17: yes where the one shape is on that side of the other, no where it is not', () => {
  expectSolved(17, (statements, question) => {
    const map = mapOf(statements);
    const [, a, side, b] = /^is the (.+) (above|below|to the left of|to the right of) the (.+)$/.exec(
      question,
    )!;
    const [x, y] = STEPS[side!]!;
    const [p, q] = [map.get(a!)!, map.get(b!)!];
    return x * (p[0] - q[0]) + y * (p[1] - q[1]) > 0 ? 'yes' : 'no';
  });
});

test('task 15: people fear what their kind fears', () => {
  const singular = new Map([
    ['mice', 'mouse'],
    ['wolves', 'wolf'],
    ['cats', 'cat'],
    ['sheep', 'sheep'],
  ]);
  expectSolved(15, (statements, question) => {
    const [, who] = /^what is (\w+) afraid of$/.exec(question)!;
    const kind = statements
      .find((statement) => statement.startsWith(`${who} is a `))!
      .split(' ')
      .at(-1);
    const fear = statements
      .map((statement) => /^(\w+) are afraid of (\w+)$/.exec(statement))
      .find((found) => found && singular.get(found[1]!) === kind)!;
    return singular.get(fear[2]!)!;
  });
});

test('task 16: people have the colour of the one of their species named last', () => {
  expectSolved(16, (statements, question) => {
    const species = new Map<string, string>();
    const colours: [string, string][] = [];
    for (const statement of statements) {
      const [, name, article, word] = /^(\w+) is (a )?(\w+)$/.exec(statement)!;
      if (article) species.set(name!, word!);
      else colours.push([name!, word!]);
    }
    const kind = species.get(question.split(' ').at(-1)!);
    return colours.findLast(([name]) => species.get(name) === kind)![1];
  });
});

test('task 18: bigger is what is bigger by the statements taken together', () => {
  expectSolved(18, (statements, question) => {
    const facts = statements.map((statement) => {
      const [, a, verb, b] = /^the (.+) (fits inside|is bigger than) the (.+)$/.exec(statement)!;
      return verb === 'fits inside' ? ([b, a] as const) : ([a, b] as const);
    });
    const isBigger = (a: string, b: string): boolean =>
      facts.some(([big, small]) => big === a && (small === b || isBigger(small!, b)));
    const [, a, b] = /^is the (.+) bigger than the (.+)$/.exec(question) ?? [];
    const [, small, big] = /^does the (.+) fit in the (.+)$/.exec(question) ?? [];
    return isBigger((a ?? big)!, (b ?? small)!) ? 'yes' : 'no';
  });
});
