import { execa } from 'execa';
import type { Environment } from '../../files/cache-folder.js';

/** Runs programs in exactly this environment. A program that fails, or is not there, is told by the result. */
export const programsIn = (environment: Environment) =>
  execa({ env: environment, extendEnv: false, reject: false });
