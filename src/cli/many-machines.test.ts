import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workersOf } from '../runner/workers/processes.test-helper.js';
import { useSandbox } from './real-command.test-helper.js';

const { folder, outcomes } = useSandbox();
const text = readFileSync('docs/many-machines.md', 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block!);

describe.runIf(process.platform === 'linux')('the scripts for Slurm', () => {
  const scripts = blocks('sh').filter((block) => block.includes('#SBATCH'));

  /** The script as printed, with something small to train. */
  function start(name: string, script: string): ChildProcess {
    const run = `run tiny.yaml --profile long --set train.epochs=200 --backend wasm --jobs 1 --results ${name} --shard`;
    const own = script
      .replaceAll('bin/gnoise.js', join(process.cwd(), 'bin/gnoise.js'))
      .replace(/run configs.*--shard/, run)
      .replace('/500"', '/2"');
    writeFileSync(join(folder, `${name}.sh`), own);
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', 'scontrol'), '#!/bin/sh\necho "$@" >> requeued\n');
    chmodSync(join(folder, 'bin', 'scontrol'), 0o755);
    const env = {
      ...process.env,
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      ...{ SLURM_ARRAY_TASK_ID: '2', SLURM_ARRAY_JOB_ID: '77' },
    };
    return spawn('sh', [`${name}.sh`], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Ends it in training, and says what it ended with. */
  function ended(child: ChildProcess, end: () => void): Promise<number | null> {
    let err = '';
    child.stderr!.on('data', (chunk) => {
      const before = err;
      err += chunk;
      if (!before.includes('population of') && err.includes('population of')) end();
    });
    return new Promise((resolve) => child.on('close', resolve));
  }

  const checkpoints = (name: string) => readdirSync(join(folder, name, 'tiny', 'long', 'checkpoints'));

  it('leave a checkpoint when Slurm ends all processes of the job', async () => {
    expect(scripts).toHaveLength(2);
    for (const [i, script] of scripts.entries()) {
      const child = start(`limit-${i}`, script);
      const code = await ended(child, () => {
        for (const pid of [child.pid!, ...workersOf(child.pid!)]) process.kill(pid, 'SIGTERM');
      });
      expect(code).toBe(143);
      expect(checkpoints(`limit-${i}`)).toHaveLength(1);
    }
  });

  it('requeue themselves after a warning, and go on from the checkpoint', async () => {
    const script = scripts.find((each) => each.includes('scontrol'))!;
    const child = start('warned', script);
    expect(await ended(child, () => child.kill('SIGTERM'))).toBe(143);
    expect(readFileSync(join(folder, 'requeued'), 'utf8')).toContain('requeue 77_2\n');
    const again = start('warned', script);
    let err = '';
    again.stderr!.on('data', (chunk) => {
      err += chunk;
    });
    expect(await new Promise((resolve) => again.on('close', resolve))).toBe(0);
    expect(err).toContain('resumed at step');
    expect(outcomes('warned', 'long').size).toBe(2);
  });
});

it('the YAML for GitHub and Kubernetes is YAML, and names commands and files that exist', () => {
  const documents = blocks('yaml').map((block) => parse(block) as object);
  expect(documents.map((document) => Object.keys(document)[0])).toEqual(['jobs', 'apiVersion', 'apiVersion']);
  for (const [file] of text.matchAll(/(?<![\w/])(?:configs|scripts|bin)\/[\w./-]*\w/g))
    expect(existsSync(file), file).toBe(true);
});
