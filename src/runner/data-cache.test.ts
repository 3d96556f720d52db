import { expect, it } from 'vitest';
import type { DataContext, Experiment } from '../experiments/experiment.js';
import { DataCache } from './data-cache.js';

const context: DataContext = { folders: [], offline: true, notice() {} };

it('keeps one set of data open: that of the experiment and settings it was asked for last', async () => {
  const open = new Set<string>();
  const opened: string[] = [];
  const experiment = (name: string) =>
    ({
      name,
      async openData({ source }: { source: string }) {
        const own = `${name} on ${source}`;
        // The one before is closed by now.
        expect([...open]).toEqual([]);
        opened.push(own);
        open.add(own);
        return { dispose: () => void open.delete(own) };
      },
    }) as unknown as Experiment;
  const cache = new DataCache();
  for (const [name, source] of ['a on x', 'a on x', 'a on y', 'b on y', 'b on y', 'a on x'].map((each) =>
    each.split(' on '),
  ))
    await cache.open(experiment(name!), { source: source! }, context);
  expect(opened).toEqual(['a on x', 'a on y', 'b on y', 'a on x']);
  cache.dispose();
  expect([...open]).toEqual([]);
});
