import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildProgram } from '../program.js';

test('without arguments it tells of every config in configs/', async () => {
  let out = '';
  const stream = {
    write: (text: string) => {
      out += text;
      return true;
    },
  };
  await buildProgram({ out: stream, err: stream } as never, () => {}).parseAsync(['status', '--json'], {
    from: 'user',
  });
  const told = new Set(JSON.parse(out).map(({ config }: { config: string }) => config));
  expect(told).toEqual(new Set(readdirSync('configs').map((name) => name.replace(/\.yaml$/, ''))));
});
