import { advance, choose } from './cases.js';
import type { Completions } from './completions.js';

/** For every bash from 3.2 on, as macOS has it; needs no other package. */
export function bashScript(all: readonly Completions[]): string {
  return `# gnoise in bash. In ~/.bashrc: eval "$(gnoise completion bash)"
_gnoise() {
  local at=gnoise cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" candidates='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ${advance(all)}
  done
  # Bash takes --flag=value for three words.
  if [[ "$cur" == '=' ]]; then cur=''; elif [[ "$prev" == '=' ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  ${choose(all)}
  COMPREPLY=($(compgen -W "$candidates" -- "$cur"))
}
complete -o default -F _gnoise gnoise
`;
}
