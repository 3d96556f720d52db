import type { Dice } from './dice.js';
import { askRecent } from './recent.js';
import type { StoryWriter } from './story-writer.js';
import { COUSINS, moving, PLACES } from './vocabulary.js';

const TIMES = ['yesterday', 'this morning', 'this afternoon', 'this evening'] as const;
const QUESTIONS = 5;
/** How often two neighbouring parts of somebody's days are told in the wrong order. */
const SWAPPED = 0.26;

/** Somebody's places at the four times, and the lines that tell of them so far. */
interface Diary {
  readonly actor: string;
  readonly places: readonly string[];
  /** The times in the order in which they are told. */
  readonly order: number[];
  readonly lines: (number | undefined)[];
}

/** Task 14: where somebody was before they were somewhere, where the order of telling is not that of time. */
export function timeReasoning(dice: Dice, story: StoryWriter): void {
  const diaries = COUSINS.map((actor) => diaryOf(actor, dice));
  const told: { diary: Diary; time: number }[] = [];
  while (story.questions < QUESTIONS) {
    for (let i = 0; i < 2; i++) {
      const diary = dice.pick(diaries.filter(({ order }) => order.length > 0));
      const time = diary.order.shift()!;
      diary.lines[time] = story.say(sentence(diary, time, dice));
      told.push({ diary, time });
    }
    const found = askRecent(told, dice, ({ diary, time }) => pairWith(diary, time, dice));
    // A diary is told to the end only rarely; a story then ends before its time.
    if (found) story.ask(found.question, found.answer, found.support);
    else if (diaries.every(({ order }) => order.length === 0)) return;
  }
}

function diaryOf(actor: string, dice: Dice): Diary {
  const places: string[] = [];
  for (const _ of TIMES) places.push(dice.pickOther<string>(PLACES, places.at(-1)));
  const order = TIMES.map((_, time) => time);
  for (let i = 0; i + 1 < order.length; i++) {
    if (!dice.chance(SWAPPED)) continue;
    [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
    i += 1;
  }
  return { actor, places, order, lines: [] };
}

function sentence({ actor, places }: Diary, time: number, dice: Dice): string {
  const move = `${actor} ${moving(dice)} the ${places[time]}`;
  return dice.chance(0.5) ? `${TIMES[time]} ${move}` : `${move} ${TIMES[time]}`;
}

/** A question on two times in a row, one of them `time`, that have both been told. */
function pairWith({ actor, places, lines }: Diary, time: number, dice: Dice) {
  const later = dice.pick([time, time + 1]);
  const [after, before] = [lines[later], lines[later - 1]];
  if (after === undefined || before === undefined) return null;
  // Who came to a place twice is asked about the last time.
  const again = places.some((place, t) => t > later && place === places[later] && lines[t] !== undefined);
  if (again) return null;
  return {
    question: `where was ${actor} before the ${places[later]}`,
    answer: places[later - 1]!,
    support: [after, before],
  };
}
