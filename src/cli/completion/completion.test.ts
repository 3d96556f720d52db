import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../program.test-helper.js';

const scriptFor = async (shell: string) => (await runProgram('completion', shell)).out;
const has = (shell: string) =>
  ['/bin', '/usr/bin', '/usr/local/bin'].some((place) => existsSync(`${place}/${shell}`));

/** What each shell offers for the last word of a command line. */
const shells: { readonly [shell: string]: (script: string, line: readonly string[]) => string[] } = {
  bash: (script, line) =>
    run('bash', [
      '--norc',
      '-c',
      `${script}COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _gnoise; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ...['bash', ...line],
    ]),
  // Outside its line editor zsh has no `compadd`: the function is what gnoise wrote, what it calls is not.
  zsh: (script, line) =>
    run('zsh', [
      '-f',
      '-c',
      `compdef() {}; compset() {}
      compadd() { shift; local c found=1; for c; do [[ $c == $cur* ]] && { print -- $c; found=0 }; done; return $found }
      _files() { print files }
      ${script}words=("$@") CURRENT=$#; _gnoise`,
      ...['zsh', ...line],
    ]),
  fish: (script, line) =>
    run('fish', ['--no-config', '-c', `${script}complete -C "$argv"`, ...line]).map(
      (offer) => offer.split('\t')[0]!,
    ),
};

function run(program: string, args: readonly string[]): string[] {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .trim()
    .split('\n');
}

describe.each(Object.entries(shells))('completion in %s', (shell, offersOf) => {
  describe.skipIf(!has(shell))(`by a real ${shell} (skipped where there is none)`, () => {
    const offers = async (...line: string[]) => offersOf(await scriptFor(shell), ['gnoise', ...line]);

    it('offers commands, and commands of a group', async () => {
      expect(await offers('do')).toEqual(['doctor']);
      expect((await offers('data', 'ver')).slice(0, 1)).toEqual(['verify']);
    });

    it('offers the options of a command, and the values of an option', async () => {
      expect((await offers('run', '--back')).slice(0, 1)).toEqual(['--backend']);
      expect(await offers('run', '--backend', 'w')).toEqual(['wasm']);
      expect(await offers('run', 'mnist20', '--quiet', '--device', 'g')).toEqual(['gpu']);
      expect(await offers('table', '--dev')).not.toContain('--device');
    });

    it('offers the configs that gnoise comes with, and files elsewhere', async () => {
      expect(await offers('run', 'mnist20-u')).toEqual(['mnist20-unit']);
      // Bash itself falls back to files, and fish always offers them.
      const [offer] = await offers('run', 'mnist20', '--results', 'READM');
      expect(offer).toBe({ bash: '', zsh: 'files', fish: 'README.md' }[shell]);
    });
  });
});

it.skipIf(!has('bash'))('bash also completes --flag=value, which it takes for three words', async () => {
  const offers = async (...line: string[]) => shells.bash!(await scriptFor('bash'), ['gnoise', ...line]);
  expect(await offers('run', '--backend', '=', 'w')).toEqual(['wasm']);
  expect(await offers('run', '--device', '=')).toEqual(['auto', 'gpu', 'cpu']);
});

it('bash offers files where the script offers nothing', async () => {
  expect(await scriptFor('bash')).toContain('complete -o default -F _gnoise gnoise');
});

it('another shell is refused with those that there are', async () => {
  await expect(runProgram('completion', 'tcsh')).rejects.toThrow(
    'There is no completion for tcsh; there is for bash, zsh, fish.',
  );
});
