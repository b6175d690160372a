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

for f in "${files[@]}"; do
	[ -f "$f" ] || continue
	case $f in
	*.c | *.h)
		clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || complain "$f: run clang-format -i" ;;
	esac
	if [ "$(head -c 2 "$f")" = '#!' ] && head -n 1 "$f" | grep -q 'sh$'; then
		shellcheck -S warning "$f" || complain "$f: shellcheck"
	fi
	case $f in
	*.md | LICENSE* | .gitignore | tests/allowed-skips | *.map | *.list | tests/vm/dmesg-allowed) ;;
	*)
		head -n 4 "$f" | grep -q 'SPDX-License-Identifier:' || complain "$f: no SPDX line" ;;
	esac
done

# The house has these rooms and no others.
for top in $(printf '%s\n' "${files[@]}" | cut -d/ -f1 | sort -u); do
	case $top in
	hw | driver | lib | tools | tests | Kbuild | Makefile | README.md | LICENSE* | .*) ;;
	*) complain "$top: does not belong at the top level" ;;
	esac
done
exit $failed
