import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { zshScript } from './zsh.js';

/** What makes a shell's script, by the shell's name. */
export const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
