#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The tree reads as one: formatting, licence headers, shell scripts, layout.
set -u
failed=0
complain() { echo "$*"; failed=1; }

git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
for tool in clang-format shellcheck; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
mapfile -t files < <(git ls-files --cached --others --exclude-standard)

sources=() scripts=() licensed=()
for f in "${files[@]}"; do
	[ -f "$f" ] || continue
	case $f in
	*.c | *.h) sources+=("$f") ;;
	esac
	case $f in
	*.md | LICENSE* | .gitignore | tests/allowed-skips | *.map | *.list | *.gz | tests/vm/dmesg-allowed | tools/install/debian/*) ;;
	*) licensed+=("$f") ;;
	esac
done
mapfile -t scripts < <(awk 'FNR == 1 && /^#!.*sh$/ { print FILENAME } { nextfile }' "${licensed[@]}")
for f in $(awk '/SPDX-License-Identifier:/ { print FILENAME } FNR == 4 { nextfile }' "${licensed[@]}" |
	sort - <(printf '%s\n' "${licensed[@]}" | sort -u) | uniq -u); do
	complain "$f: no SPDX line"
done
# One call for all files: most of a call's time is its start.
clang-format --dry-run -Werror "${sources[@]}" || complain "run clang-format -i"
shellcheck -S warning "${scripts[@]}" || complain "see shellcheck"

# The house has these rooms and no others.
for top in $(printf '%s\n' "${files[@]}" | cut -d/ -f1 | sort -u); do
	case $top in
	hw | driver | lib | tools | tests | Kbuild | Makefile | README.md | LICENSE* | .*) ;;
	*) complain "$top: does not belong at the top level" ;;
	esac
done
exit $failed
