import type { Completions, Word } from './completions.js';

/** A line for every word, with its text; fish itself offers files. */
export function fishScript(all: readonly Completions[]): string {
  const lines = all.flatMap(({ at, words, takesFiles, flags }) => [
    ...words.map((word) => line(at, `${takesFiles ? '' : '-f '}-a ${word.word}`, word)),
    ...flags.map((flag) => {
      const value = flag.takesValue
        ? ` -r${flag.choices.length > 0 ? `f -a '${flag.choices.join(' ')}'` : ''}`
        : '';
      return line(at, `-l ${flag.word.replace(/^--/, '')}${value}`, flag);
    }),
  ]);
  return `# gnoise in fish. Once: gnoise completion fish > ~/.config/fish/completions/gnoise.fish
function __gnoise_at
    set -l at gnoise
    for word in (commandline -opc)[2..]
        switch "$at $word"
            case ${all
              .slice(1)
              .map(({ at }) => `'${at}'`)
              .join(' ')}
                set at "$at $word"
        end
    end
    test "$at" = "$argv"
end
${lines.join('\n')}
`;
}

function line(at: string, what: string, { text }: Word): string {
  return `complete -c gnoise -n '__gnoise_at ${at}' ${what} -d '${text.replace(/[\\']/g, '\\$&')}'`;
}
