import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { draw } from './draw.js';
import { faultsOf, gnoise } from './product.js';
import { settle } from './records.js';
import { runOf, samples } from './samples.js';

const plan = fc.record({
  sample: fc.constantFrom(...Object.keys(samples)),
  jobs: fc.integer({ min: 1, max: 2 }),
  kind: fc.constantFrom('limit', 'limit', 'stream', 'tmpfs', 'tmpfs', 'read-only'),
  /** Of the largest file that may be written, or of the disk. */
  kibibytes: fc.oneof(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 16, max: 1024 })),
  stream: fc.constantFrom('out', 'err', 'both'),
});

/** Disks that are full, files that may not grow, folders and streams that cannot be written to. */
export async function round(seed, number, { scratch }) {
  const { sample, ...trouble } = draw(plan, seed, 'disks', number);
  const results = mkdtempSync(join(scratch, 'disks '));
  const { counts, found, skipped } = await kinds[trouble.kind](sample, results, scratch, trouble);
  return { counts, skipped, found: found.map((what) => `${sample}: ${trouble.kind}: ${what}`) };
}

const options = (jobs) => ['--jobs', `${jobs}`, '--population', '1', '--checkpoint-every', '1'];

const kinds = {
  async limit(sample, results, scratch, { jobs, kibibytes }) {
    // Bash counts in KiB.
    const shell = `ulimit -f ${kibibytes}; exec "$@"`;
    const run = await gnoise(runOf(sample, results, ...options(jobs)), { shell });
    const found = [...faultsOf(run), ...(await settle(sample, results, scratch, [run.err]))];
    return { counts: { 'file size limits': 1 }, found };
  },

  async stream(sample, results, scratch, { jobs, stream }) {
    const full = openSync('/dev/full', 'w');
    const [out, err] = [stream !== 'err' ? full : 'pipe', stream !== 'out' ? full : 'pipe'];
    const run = await gnoise(runOf(sample, results, ...options(jobs)), { stdio: ['ignore', out, err] });
    closeSync(full);
    // What was asked for is in the summary: where it could not be written, the code says so.
    const allowed = stream === 'err' ? [0] : [0, 1];
    const found = faultsOf(run, { allowed, readable: stream === 'out' });
    found.push(...(await settle(sample, results, scratch, [run.err])));
    return { counts: { 'full streams': 1 }, found };
  },

  async tmpfs(sample, results, scratch, { jobs, kibibytes }) {
    const size = Math.max(64, kibibytes);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'gnoise-torture', results], {
        stdio: 'ignore',
      });
    } catch {
      return { counts: {}, found: [], skipped: 'small disks (tmpfs), which only root can mount' };
    }
    try {
      const run = await gnoise(runOf(sample, results, ...options(jobs)));
      execFileSync('mount', ['-o', 'remount,size=64m', results]);
      const found = [...faultsOf(run), ...(await settle(sample, results, scratch, [run.err]))];
      return { counts: { 'small disks': 1 }, found };
    } finally {
      execFileSync('umount', ['-l', results]);
    }
  },

  async 'read-only'(sample, results, scratch, { jobs }) {
    const isRoot = process.getuid() === 0;
    // Root may write anywhere, so it becomes nobody.
    const shell = isRoot ? 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' : undefined;
    const inner = join(results, 'inner');
    mkdirSync(inner);
    chmodSync(results, 0o755);
    chmodSync(scratch, 0o755);
    chmodSync(inner, 0o555);
    const run = await gnoise(runOf(sample, inner, ...options(jobs)), { shell });
    chmodSync(inner, 0o755);
    const found = [...faultsOf(run, { allowed: [2] }), ...(await settle(sample, inner, scratch, [run.err]))];
    return { counts: { 'read-only folders': 1 }, found };
  },
};
