import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { useSandbox } from '../../src/cli/real-command.test-helper.js';
import { faultsOf } from './product.js';
import { files, reference, settle } from './records.js';

const { folder } = useSandbox();

describe.runIf(process.platform === 'linux')('the fault harness', () => {
  it('finds nothing in a round of every stage', async () => {
    const args = ['scripts/torture/torture.js', '--rounds', '1', '--inputs', '20'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout.match(/^\| (kills|disks|clocks|inputs) .*\| +0 \|$/gm)).toHaveLength(4);
  }, 600_000);

  it('finds a record that differs, a file left behind and a trial trained twice', async () => {
    const { results } = await reference('table-qa', folder);
    const own = join(folder, 'tampered');
    cpSync(results, own, { recursive: true });
    const [name] = files(own).filter((file) => file.includes('/trials/'));
    const text = readFileSync(join(own, name), 'utf8');
    writeFileSync(join(own, name), text.replace('"kind":"missed"', '"kind":"succeeded"'));
    writeFileSync(join(own, 'left.lock'), '');
    const log = '2026-01-01T00:00:00Z setting / arm, seed 0: missed\n';
    const found = await settle('table-qa', own, folder, [log, log]);
    expect(found.map((what) => what.split(':')[0])).toEqual(['different', 'duplicate', 'leftover']);
  }, 120_000);

  it('finds stack traces, undocumented exit codes, silence and hangs', () => {
    const faults = (run) => faultsOf({ code: 0, signal: null, out: '', err: '', hung: false, ...run });
    expect(faults({})).toEqual([]);
    expect(faults({ err: 'Error: x\n    at f (file:///a.js:1:2)\n' })[0]).toMatch(/^stack trace: Error: x/);
    expect(faults({ code: 134, err: 'Aborted' })[0]).toMatch(/^exit: ended with 134/);
    expect(faults({ code: 2 })[0]).toMatch(/^silence/);
    expect(faults({ hung: true })[0]).toMatch(/^hang/);
  });
});
