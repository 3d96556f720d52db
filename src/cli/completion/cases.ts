import type { Completions, Word } from './completions.js';

/*
 * What the scripts for bash and zsh have in common. Their variables: `at`, the command that has been written so far; `cur`
 * and `prev`, the word at the cursor and that before it; `candidates`, what `cur` may become.
 */

/** Takes `word` into `at` where it names a command. */
export function advance(all: readonly Completions[]): string {
  const [, ...deeper] = all.map(({ at }) => at);
  return `case "$at $word" in\n      ${pattern(deeper)}) at="$at $word" ;;\n    esac`;
}

/** Sets `candidates`; it stays empty where a file may be meant. */
export function choose(all: readonly Completions[]): string {
  const values = all.flatMap(({ at, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map(({ word, choices }) => [`${at} ${word}`, choices.join(' ')] as const),
  );
  return `case "$at $prev" in
    ${branches(values, 4)}
    *)
      if [[ "$cur" == -* ]]; then
        case "$at" in
          ${branches(
            all.map(({ at, flags }) => [at, list(flags)] as const),
            10,
          )}
        esac
      else
        case "$at" in
          ${branches(
            all.map(({ at, words }) => [at, list(words)] as const),
            10,
          )}
        esac
      fi
      ;;
  esac`;
}

function list(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}

/** A branch for what has the same candidates. */
function branches(entries: readonly (readonly [at: string, candidates: string])[], indent: number): string {
  const lines = [...new Set(entries.map(([, candidates]) => candidates))].map((candidates) => {
    const alike = entries.filter(([, others]) => others === candidates).map(([at]) => at);
    return `${pattern(alike)}) candidates='${candidates}' ;;`;
  });
  return lines.join(`\n${' '.repeat(indent)}`);
}

function pattern(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' | ');
}
