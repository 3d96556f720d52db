import { advance, choose } from './cases.js';
import type { Completions } from './completions.js';

export function zshScript(all: readonly Completions[]): string {
  return `# gnoise in zsh. In ~/.zshrc, after compinit: eval "$(gnoise completion zsh)"
_gnoise() {
  local at=gnoise cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" candidates='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    ${advance(all)}
  done
  if [[ "$cur" == --*=* ]]; then
    prev="\${cur%%=*}" cur="\${cur#*=}"
    compset -P '*='
  fi
  ${choose(all)}
  compadd -- \${=candidates} || _files
}
compdef _gnoise gnoise
`;
}
