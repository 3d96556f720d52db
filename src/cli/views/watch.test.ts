import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { watch } from './watch.js';

/** What is written of some texts, one after another; whoever reads goes away after the last. */
async function written(texts: string[], isTTY: boolean, rows = 24): Promise<string> {
  const out = Object.assign(new PassThrough(), { isTTY, rows });
  let all = '';
  out.on('data', (chunk) => {
    all += chunk;
  });
  await watch(out, async () => {
    const text = texts.shift()!;
    if (texts.length === 0) setImmediate(() => out.destroy());
    return text;
  });
  return all;
}

test('a log has a text again only when something but signs of life has changed', async () => {
  const log = await written(['1 done, seen 0 s ago\n', '1 done, seen 2 s ago\n', '2 done\n'], false);
  expect(log).toMatch(/^\S+Z\n1 done, seen 0 s ago\n\S+Z\n2 done\n$/);
}, 20_000);

test('a terminal is cleared before each text', async () => {
  const screen = await written(['1 done\n', '1 done\n'], true);
  expect(screen.split('\u001b[H\u001b[2J')).toHaveLength(3);
}, 20_000);

test('a terminal with fewer rows shows the first, and how many more there are', async () => {
  const screen = await written(['a\nb\nc\nd\ne\n'], true, 5);
  expect(screen.replace(/.*Z\n/s, '')).toBe('a\nb\nand 3 more lines\n');
}, 20_000);
