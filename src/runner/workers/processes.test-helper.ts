import { spawnSync } from 'node:child_process';

/** Process ids of the children of a process: of a run, its workers. */
export const workersOf = (pid: number): number[] =>
  // Without a child it ends with 1.
  spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number);
