import { PROGRAM } from '../cli.messages.js';

/** The command that the scripts call with the words before the cursor. Not in the help: people never type it. */
export const SUGGEST = '__complete';

/** What suggestions may be instead of words: the shell completes files and directories itself. */
export const FILES = ':files';
export const DIRECTORIES = ':directories';

/**
 * The scripts, by shell. Each calls the program by its name, so that an alias such as `npx --no nestjs-quonfig` is used, and
 * reads a suggestion from each line: a word, a tab, and what it means.
 */
export const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `_nestjs_quonfig() {
  local line
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      ${FILES}) compopt -o default 2>/dev/null ;;
      ${DIRECTORIES}) compopt -o dirnames 2>/dev/null ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(${PROGRAM} ${SUGGEST} "\${words[@]}" 2>/dev/null </dev/null)
}
complete -F _nestjs_quonfig ${PROGRAM}`,
  ],
  [
    'zsh',
    `_nestjs_quonfig() {
  local line
  local -a suggestions
  for line in "\${(@f)$(${PROGRAM} ${SUGGEST} "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    case $line in
      ${FILES}) _files; return ;;
      ${DIRECTORIES}) _files -/; return ;;
      ?*) suggestions+=("\${line/$'\\t'/:}") ;;
    esac
  done
  _describe ${PROGRAM} suggestions
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _nestjs_quonfig ${PROGRAM}`,
  ],
  [
    'fish',
    `function __nestjs_quonfig
    set -l before (commandline --tokenize --current-process --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l lines (${PROGRAM} ${SUGGEST} $before[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case '${FILES}'
            __fish_complete_path "$current"
        case '${DIRECTORIES}'
            __fish_complete_directories "$current"
        case '*'
            printf '%s\\n' $lines
    end
end
complete --command ${PROGRAM} --no-files --arguments '(__nestjs_quonfig)'`,
  ],
]);
