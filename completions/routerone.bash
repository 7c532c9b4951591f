# bash completion for routerone                            -*- shell-script -*-
# shellcheck shell=bash
#
# Thin on purpose: what may come is decided by `routerone __complete`, which reads the line as bash
# does and answers with what takes the place of the word at the cursor, quoted. So nothing that it
# says is expanded or run here.

_routerone() {
  local program=$1 mode line=${COMP_LINE:0:COMP_POINT}
  local -a answer
  COMPREPLY=()
  program=${program/#\~\//$HOME/}
  type -P -- "$program" >/dev/null 2>&1 || program=routerone
  mapfile -t answer < <("$program" __complete bash -- "$line" "$COMP_WORDBREAKS" 2>/dev/null)
  mode=${answer[0]-}
  case ${mode%% *} in
    plain) COMPREPLY=("${answer[@]:1}") ;;
    open)
      compopt -o nospace
      COMPREPLY=("${answer[@]:1}")
      ;;
    files) compopt +o nosort -o default ;;
    folders) compopt +o nosort -o dirnames ;;
    programs)
      compopt +o nosort -o filenames
      mapfile -t COMPREPLY < <(compgen -c -- "$2" 2>/dev/null)
      ;;
    behind) _routerone_behind ;;
  esac
}

# Another program's line begins behind the first `--`: its own completion goes on there.
_routerone_behind() {
  local at
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -- ]] && break
  done
  ((at++))
  compopt +o nosort
  if declare -F _command_offset >/dev/null; then
    _command_offset "$at" 2>/dev/null
  elif ((at == COMP_CWORD)); then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
  else
    compopt -o default
  fi
}

complete -o nosort -F _routerone routerone
