import type { Dice } from './dice.js';
import type { StoryWriter } from './story-writer.js';
import { moving, taking } from './vocabulary.js';

const AGENTS = ['Antoine', 'Jason', 'Sumit', 'Yann'] as const;
const MOTIVES = [
  { state: 'hungry', place: 'kitchen', thing: 'apple' },
  { state: 'thirsty', place: 'kitchen', thing: 'milk' },
  { state: 'bored', place: 'garden', thing: 'football' },
  { state: 'tired', place: 'bedroom', thing: 'pajamas' },
] as const;

/** Task 20: why people do what they do, and what they will do next; a question after every statement. */
export function agentsMotivations(dice: Dice, story: StoryWriter): void {
  const agents = AGENTS.map((name) => ({ name, motive: dice.pick(MOTIVES), done: 0, because: 0 }));
  const taken = new Set<string>();
  // Of two who want the same thing only one gets it.
  const canGoOn = ({ done, motive }: (typeof agents)[number]) =>
    done < 2 || (done === 2 && !taken.has(motive.thing));
  for (let active = agents; active.length > 0; active = agents.filter(canGoOn)) {
    const agent = dice.pick(active);
    const { name, motive } = agent;
    const low = name.toLowerCase();
    if (agent.done === 0) {
      agent.because = story.say(`${name} is ${motive.state}`);
      story.ask(`where will ${low} go`, motive.place, [agent.because]);
    } else if (agent.done === 1) {
      story.say(`${name} ${moving(dice)} the ${motive.place}`);
      story.ask(`why did ${low} go to the ${motive.place}`, motive.state, [agent.because]);
    } else {
      taken.add(motive.thing);
      story.say(`${name} ${taking(dice)} the ${motive.thing} there`);
      story.ask(`why did ${low} get the ${motive.thing}`, motive.state, [agent.because]);
    }
    agent.done += 1;
  }
}
