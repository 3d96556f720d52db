import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitCodes } from '../exit-codes.js';
import { runProgram } from '../program.test-helper.js';

let results: string;
beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'gnoise-report-'));
  await cp('results/kth-element-search/desk', join(results, 'kth-element-search', 'desk'), {
    recursive: true,
  });
});
afterEach(() => rm(results, { recursive: true }));

test('damaged records are named and left out, and the command beside a trial plans just that trial', async () => {
  const trials = join(results, 'kth-element-search', 'desk', 'trials');
  const [damaged] = await readdir(trials);
  await writeFile(join(trials, damaged!), '{');
  const file = join(results, 'page.html');
  const config = ['configs/kth-element-search.yaml', '--profile', 'desk', '--results', results];
  const { code, err } = await runProgram('report', ...config, '--out', file);
  expect(code).toBe(exitCodes.ok);
  expect(err).toContain(damaged);
  const page = await readFile(file, 'utf8');
  expect(page).toContain('left out ');
  expect(page).not.toContain(`Trial ${damaged!.replace('.json', '')}.`);
  const [, id, command] = /Trial (\w{16})\.[\s\S]*?<pre>gnoise (run [^<']*)<\/pre>/.exec(page)!;
  const planned = await runProgram(...command!.split(' '), '--dry-run');
  expect(planned.out.match(/\b[0-9a-f]{16}\b/g)).toEqual([id]);
});
