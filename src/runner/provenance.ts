import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { execa } from 'execa';
import type { OpenBackend } from '../backends/index.js';
import type { Provenance } from '../results/record.js';
import { ownVersion } from './version.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The part of a record's provenance that is the same for every trial of this process. */
export type Origin = Omit<Provenance, 'startedAt' | 'finishedAt' | 'seconds' | 'population'>;

export async function originOf(backend: OpenBackend): Promise<Origin> {
  const { commit, dirty } = await checkout();
  return {
    gnoise: ownVersion(),
    node: process.versions.node,
    tfjs: tf.version_core,
    backend: backend.name,
    device: backend.deviceName,
    tensorflow: backend.tensorflowVersion,
    commit,
    dirty,
  };
}

/** Commit of gnoise's own checkout; unknown where it was installed from the registry or git is missing. */
async function checkout(): Promise<{ commit: string | null; dirty: boolean | null }> {
  try {
    const git = (...args: string[]) => execa('git', ['-C', root, ...args]);
    const { stdout: top } = await git('rev-parse', '--show-prefix');
    if (top.trim() !== '') return { commit: null, dirty: null };
    const { stdout: commit } = await git('rev-parse', 'HEAD');
    // Results written meanwhile do not make the program another one.
    const { stdout: changes } = await git('status', '--porcelain', '--', '.', ':!results');
    return { commit: commit.trim(), dirty: changes.trim() !== '' };
  } catch {
    return { commit: null, dirty: null };
  }
}
