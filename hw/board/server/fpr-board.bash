# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for fpr-board: options, choices and commands come from the program's own --help.

_fpr_board() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words help row

	# Bash makes three words of "--model=fast".
	[ "$current" != = ] || current=
	[ "$previous" != = ] || previous=${COMP_WORDS[COMP_CWORD - 2]}
	help=$("${COMP_WORDS[0]}" --help 2>/dev/null)
	row=$(grep -m 1 -e "^  ${previous}[ =][A-Z]" <<<"$help")
	case $row in
	*' COMMAND '*) words=$(sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' <<<"$help" | sort -u) ;;
	# A choice's names, with the default marked, and perhaps explained.
	*' (default)'*:*) words=$(grep -o '[a-z]*\( (default)\|:\)' <<<"$row" | sed 's/[ :].*//') ;;
	*' (default)'*) words=$(sed 's/.*  //; s/ (default)//; s/,//g; s/ or / /g' <<<"$row") ;;
	# Another value: numbers are the user's, files are what is left.
	*[A-Z]*) words= ;;
	*) words=$(sed -n 's/^  \(--[a-z]*\)[ =].*/\1/p' <<<"$help") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	[ "${#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _fpr_board fpr-board
