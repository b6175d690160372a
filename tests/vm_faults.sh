#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver when things go wrong: every fault that the board can show and PCI errors with a
# neighbour at work, sudden ends of processes, unbinding, resets and removal under load;
# without an IOMMU on one CPU, with one on two.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
# The driver says at level ERR or WARNING that it gives its board up, and that is all it says.
# The PCI core says what it was made to see.
failed=0
for guest in '-c 1' '-i -c 2'; do
	echo "guest $guest"
	# shellcheck disable=SC2086 # several options
	tests/vm/run-vm -k "$kernel" $guest -t 550 \
		-e 'fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* .*, and resets do not help: ' \
		-e 'fpr 0000:[0-9a-f:.]*: (AER: |PCIe Bus Error: |  device \[| *\[ ?[0-9]+\] )' \
		-e 'pcieport 0000:[0-9a-f:.]*: (AER|aer_inject|recovery)' \
		-d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
		tests/vm/guest-driver "$module" timeout_ms=2000 -- \
		"$FPR_BUILD"/guest/{apart,faults,aer,power} || failed=1
done
exit $failed
