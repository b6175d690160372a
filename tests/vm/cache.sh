# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Sourced: where downloads are kept. Survives `make clean`, shared by checkouts.
shopt -s inherit_errexit
cache=${FPR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fpr}
mkdir -p "$cache"
cache=$(readlink -f "$cache")

# cached NAME COMMAND... - print the directory $cache/NAME; make it first with
# COMMAND UNFINISHED-DIRECTORY FINAL-DIRECTORY, once, whoever else asks meanwhile.
cached() {
	local name=$1 final=$cache/$1 new=$cache/$1.new lock
	shift
	exec {lock}>"$cache/.lock-$name"
	flock "$lock"
	if [ ! -d "$final" ]; then
		rm -rf "$new"
		mkdir -p "$new"
		"$@" "$new" "$final" >&2
		mv "$new" "$final"
	fi
	exec {lock}>&-
	echo "$final"
}
