package cli

import (
	"fmt"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help returns the text below the flags.
func (completionCmd) Help() string {
	return `It completes commands, flags, and the names of scenarios, faults, policies, targets and protocols.

  source <(chaosrun completion bash)                            # in ~/.bashrc
  source <(chaosrun completion zsh)                             # in ~/.zshrc, after compinit
  chaosrun completion fish > ~/.config/fish/completions/chaosrun.fish`
}

// Run prints the shell's script. It asks the hidden command complete for each word.
func (k *completionCmd) Run(c console) error {
	script := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[k.Shell]
	fmt.Fprintf(c.out, script, c.Program)
	return nil
}

// bashScript leaves words that nothing completes to the shell, which completes files.
const bashScript = `_%[1]s() {
  local IFS=$'\n'
  COMPREPLY=($("$1" complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _%[1]s %[1]s
`

const zshScript = `#compdef %[1]s
_%[1]s() {
  local -a found
  found=(${(f)"$("$words[1]" complete zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then _describe -t values value found; else _files; fi
}
if [[ $funcstack[1] == _%[1]s ]]; then _%[1]s "$@"; else compdef _%[1]s %[1]s; fi
`

const fishScript = `function __%[1]s_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  set -l current (commandline -ct)
  $program complete fish -- $words "$current" 2>/dev/null
end
complete -c %[1]s -a '(__%[1]s_complete)'
`
