#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver as the kernel's own checkers see it: checkpatch --strict, kernel-doc,
# and what sparse and W=1 said when the modules were built.
set -u
failed=0
complain() { echo "$*"; failed=1; }
kernel=$(tests/vm/get-kernel 6.12) && checkpatch=$(tests/vm/get-checkpatch) || exit 1
# Not hw/include, which C programs and hardware synthesis read as well: no BIT(), no u32, comments as
# elsewhere. tests/style.sh checks that as it does the rest of the tree.
sources=(driver/*.c driver/*.h driver/uapi/*.h)

# This is not the kernel's own tree.
perl "$checkpatch" --no-tree --strict --terse --no-summary -f "${sources[@]}" ||
	complain "checkpatch --strict is not content"

said=$("$kernel/build/scripts/kernel-doc" -none -Wall "${sources[@]}" 2>&1) || complain "kernel-doc failed"
[ -z "$said" ] || complain "$said"

# kernel-doc does not miss a comment that is not there; the objects know every function.
functions=$(find "$FPR_BUILD/driver-6.12/driver" -name 'fpr_*.o' -exec nm --defined-only {} + | awk '$2 == "T" { print $3 }')
[ "$(wc -w <<<"$functions")" -gt 50 ] || complain "few functions found: was the module built?"
for f in $functions; do
	case $f in init_module | cleanup_module | __*) continue ;; esac # made by the kernel's macros
	grep -q "^ \* $f() - ." driver/*.c || complain "$f(): not static, no kernel-doc"
done

# make guest-modules builds with W=1, and for 6.12 with C=2. Unit tests are built by
# make check-debug-kernel only, under sparse there.
for f in driver/*.c; do
	case $f in driver/fpr_kunit.c) continue ;; esac
	grep -q "CHECK .*\b$f\$" "$FPR_BUILD/driver-6.12.log" || complain "$f: sparse did not see it (make guest-modules)"
done
# What the PCI core matches, which is nothing but this board.
id() { sed -n "s/^#define FPR_PCI_$1 0x\([0-9a-f]*\)\b.*/0000\U\1/p" hw/include/fpr_regs.h; }
alias=$(printf 'pci:v%sd%ssv%ssd%sbc*sc*i*' "$(id VENDOR)" "$(id DEVICE)" "$(id SUBVENDOR)" "$(id SUBDEVICE)")
[ "$(modinfo -F alias "$FPR_BUILD/driver-6.12/fpr.ko")" = "$alias" ] || complain "the module's alias is not $alias"
for k in 6.12 7; do
	! grep -E 'warning:|error:' "$FPR_BUILD/driver-$k.log" || complain "the module does not build in silence on $k"
done
exit $failed
