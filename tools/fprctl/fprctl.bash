# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for fprctl. Commands, options, choices and operands come from the program's own
# --help, which is made of its tables; devices from its list.

_fprctl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} command='' commands words help row i

	commands=$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z-][a-z-]*\) .*/\1/p')
	# Options may stand in front of it.
	for ((i = 1; i < COMP_CWORD && ${#command} == 0; i++)); do
		command=$(grep -Fx -- "${COMP_WORDS[i]}" <<<"$commands")
	done
	if [ -z "$command" ] && [ "$previous" != --device ]; then
		words=$commands
	else
		help=$("$program" "${command:-info}" --help 2>/dev/null)
		row=$(grep -e "^  $previous [A-Z]" <<<"$help")
		case $previous$row in
		--device*) words="local:model=hls local:model=rtl $("$program" list --json 2>/dev/null |
			sed -n 's/.*"\(name\|pci_address\)": "\([^"]*\)".*/\2/p')" ;;
		# A choice's names are behind the colon, with the default marked.
		-*' (default)'*) words=$(sed 's/.*: //; s/ (default)//; s/,//g' <<<"$row") ;;
		# Another value: numbers are the user's, files are what is left.
		-*[A-Z]*) words= ;;
		*) words=$(sed -n 's/^  \(--*[A-Za-z-]*\) .*/\1/p
			1{/|/{s/.* //; s/|/ /g; p}}' <<<"$help") ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	[ "${#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _fprctl fprctl
