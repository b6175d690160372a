# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for fprnet: options come from the commands' own --help.

_fprnet() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} program=${COMP_WORDS[0]} words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z-][a-z-]*\) .*/\1/p')
	else
		case $previous in
		--model | --mode) words=$("$program" "$command" --help 2>/dev/null |
			sed -n "/^  $previous /{s/^  [^ ]* [^ ]* *//; s/^of //; s/;.*//; s/ (default)//; s/, or a file//; s/,//g; p}") ;;
		--constants) words=$("$program" "$command" --help 2>/dev/null |
			sed -n "/^  $previous /{s/.*: //; s/ (default)//; s/,//g; p}") ;;
		--plot) words= ;;
		*) words=$("$program" "$command" --help 2>/dev/null |
			sed -n 's/^  \(--*[A-Za-z]*\) .*/\1/p') ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	[ "${#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _fprnet fprnet
