import { expect, it } from 'vitest';
import type { Planned } from '../../planning/configs.js';
import { exampleTrial } from '../../tables/example.test-helper.js';
import { Board } from './board.js';
import type { ProgressView, Shown } from './progress.js';
import { WorkBoard } from './work-board.js';

const [first, second] = [exampleTrial({ seed: 0 }), exampleTrial({ seed: 1 })];
const planned = {
  config: { name: 'mnist20', profile: { name: 'desk' } },
  trials: [first, second, exampleTrial({ seed: 2 })],
} as unknown as Planned;

/** A view that keeps what it is told. */
function listener() {
  const said: unknown[] = [];
  const show = (what: string) => (slot: number, shown: Shown) => void said.push([what, slot, shown]);
  const view: ProgressView = {
    start: show('start'),
    update: show('update'),
    line: (text) => void said.push(text),
    say: (text) => void said.push(text),
    stop() {},
  };
  return { said, view };
}

it('shows populations by process, with how many trials of the config are done, and a line per finished trial', () => {
  const { said, view } = listener();
  const board = new Board(view);
  board.begin(planned, 1);
  board.tell(1, { kind: 'population', replicas: 2, steps: 100, resumedAt: 7 });
  board.tell(1, { kind: 'trial', id: first.id, outcome: { kind: 'missed' } });
  board.tell(1, { kind: 'progress', step: 50, steps: 100, replicas: 1, loss: 0.5 });
  board.tell(0, { kind: 'trial', id: second.id, outcome: { kind: 'failed', error: 'no kernel\n  at x' } });
  board.tell(0, { kind: 'notice', text: 'mind the gap' });
  expect(said).toEqual([
    'mnist20 (desk): 3 trials, 1 done',
    ['start', 1, { replicas: 2, step: 7, steps: 100, loss: null, trialsDone: 1, trials: 3 }],
    'zero-clip-10 / no-noise, train.rate=0.1, seed 0: missed',
    ['update', 1, { replicas: 1, step: 50, steps: 100, loss: 0.5, trialsDone: 2, trials: 3 }],
    'zero-clip-10 / no-noise, train.rate=0.1, seed 1: failed: no kernel',
    'mind the gap',
  ]);
});

it('shows of a queue what each process took, counted by itself, and obeys no escape code of it', () => {
  const { said, view } = listener();
  const board = new WorkBoard(view);
  board.begin(0, [first, second]);
  board.begin(1, [{ ...first, config: '\u001b[31mred' }]);
  board.tell(0, { kind: 'trial', id: second.id, outcome: { kind: 'failed', error: 'no kernel' } });
  board.tell(1, { kind: 'population', replicas: 1, steps: 10, resumedAt: 0 });
  board.tell(0, { kind: 'progress', step: 5, steps: 10, replicas: 2, loss: 1 });
  expect(said).toEqual([
    'mnist20 (desk): took 2 trials',
    '\\u{1b}[31mred (desk): took 1 trials',
    'zero-clip-10 / no-noise, train.rate=0.1, seed 1: failed: no kernel',
    ['start', 1, { replicas: 1, step: 0, steps: 10, loss: null, trialsDone: 0, trials: 1 }],
    ['update', 0, { replicas: 2, step: 5, steps: 10, loss: 1, trialsDone: 1, trials: 2 }],
  ]);
});
