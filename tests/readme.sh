#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The README's first program is the tested one, short, and builds with the README's own
# command; every path and make target that it names exists. Each folder has a README or is
# named by the nearest one above.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d' >"$dir/first.c"
diff "$dir/first.c" <(sed -n '/^#include <fpr.h>/,$p' tests/examples/first.c) ||
	{ echo "README.md: the first program is not tests/examples/first.c"; failed=1; }
lines=$(wc -l <"$dir/first.c")
[ "$lines" -gt 0 ] && [ "$lines" -le 30 ] ||
	{ echo "README.md: the first program has $lines lines, not 30 or fewer"; failed=1; }

command=$(sed -n 's/^ *\(gcc first\.c .*\)$/\1/p' README.md)
[ -n "$command" ] || { echo "README.md: no command to build the first program"; exit 1; }
command=${command//first.c/$dir/first.c}
command=${command//build\/lib/"$FPR_BUILD/lib"}
command=${command//'$PWD/'/}
eval "$command -o $dir/first" && "$dir/first" | grep -q '^[0-9]* cycles$' ||
	{ echo "README.md: the first program does not build or run"; failed=1; }

for target in $(grep -oE 'make [a-z][a-z-]*' README.md | sort -u | cut -d' ' -f2); do
	grep -qE "^([a-z -]* )?$target( [a-z -]*)?:" Makefile tools/install/install.mk ||
		case $target in
		to) ;; # "git and make to begin with"
		*) echo "README.md: make $target is no target"; failed=1 ;;
		esac
done
for path in $(grep -oP '(?<![A-Za-z0-9/])(hw|lib|tools|tests)/[A-Za-z0-9_./-]*' README.md | sort -u); do
	[ -e "${path%.}" ] || { echo "README.md: $path is not there"; failed=1; }
done

# As `leaf` or `leaf/...`, from where that README is.
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "not a git checkout: folders were not looked at"; exit $((failed ? 1 : 77)); }
for folder in $(git ls-files --cached --others --exclude-standard | grep -v '^\.' | sed -n 's,/[^/]*$,,p' | sort -u); do
	[ ! -e "$folder/README.md" ] || continue
	above=${folder%/*}
	until [ -e "$above/README.md" ] || [ "${above%/*}" = "$above" ]; do above=${above%/*}; done
	grep -qsE "\`(${folder#"$above"/})[\`/]" "$above/README.md" ||
		{ echo "$folder: no README.md, and $above/README.md does not name it"; failed=1; }
done
exit $failed
