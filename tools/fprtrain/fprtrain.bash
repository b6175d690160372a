# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for fprtrain: options and choices come from its own --help, which takes seconds as it
# loads PyTorch, and so is asked for once a shell; devices from fprctl's list.

_fprtrain() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words row

	[ -n "${_fprtrain_help-}" ] || _fprtrain_help=$(COLUMNS=99 "${COMP_WORDS[0]}" --help 2>/dev/null)
	row=$(grep -m 1 -e "^  $previous [[{A-Z]" <<<"$_fprtrain_help")
	case $previous$row in
	--device*) words=$(fprctl list --json 2>/dev/null |
		sed -n 's/.*"\(name\|pci_address\)": "\([^"]*\)".*/\2/p') ;;
	-*'{'*'}'*) words=$(sed 's/.*{//; s/}.*//; s/,/ /g' <<<"$row") ;;
	# Another value: numbers are the user's, files are what is left.
	-*' '[A-Z]*) words= ;;
	*) words=$(sed -n 's/^  \(-h, \)\{0,1\}\(--[a-z-]*\).*/\2/p' <<<"$_fprtrain_help") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	[ "${#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _fprtrain fprtrain
