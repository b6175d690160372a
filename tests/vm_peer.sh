#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Board memory for other boards. On the newest kernel: two boards below one switch reach
# each other and a third does not; through a host bridge that the kernel trusts, with
# an IOMMU, they do. On 6.12, which Debian builds without peer-to-peer DMA, nobody does.
set -u
kernel=${FPR_TEST_KERNEL:-7}
new=$FPR_BUILD/driver-$kernel/fpr.ko old=$FPR_BUILD/driver-6.12/fpr.ko
[ "$kernel" = 7 ] || old=
for module in "$new" ${old:+"$old"}; do
	[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
done
peer=$FPR_BUILD/guest/peer
board="$FPR_BUILD/bin/fpr-board --socket %s --control %c"
failed=0

tests/vm/run-vm -k "$kernel" -c 2 -t 400 -d "$board" -d "$board" -s -d "$board" -e 'the board has gone' -- \
	env FPR_TEST_DEVICES=accel1 FPR_TEST_PEER=accel0 FPR_TEST_APART=accel2 \
	tests/vm/guest-driver "$new" -- "$FPR_BUILD/tests/lib_peer" \
	"$peer apart 1 3" "$peer reachable 1 2" "$peer vanish 1 2" || failed=1

# A processor of AMD's since Zen: the kernel knows that their host bridges pass it on.
tests/vm/run-vm -k "$kernel" -c 2 -t 400 -i -p vendor=AuthenticAMD,family=25 \
	-d "$board" -d "$board" -- \
	tests/vm/guest-driver "$new" -- "$peer reachable 1 2" "$peer reachable 2 1" || failed=1

[ -z "$old" ] || tests/vm/run-vm -k 6.12 -i -t 400 -d "$board" -d "$board" -s -- \
	tests/vm/guest-driver "$old" -- "$peer apart 1 2" || failed=1
exit $failed
