#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Sleep with work under way, all but the last step of S3, which tests/vm/README.md explains.
# Board memory must be there again, and work go on; without and with an IOMMU. And no sleep when what is on the
# board does not end in time, of which the kernel's power management tells at level ERR.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
awake='fpr 0000:[0-9a-f:.]*: PM: .* (returns|error) -16$'
failed=0
for iommu in '' -i; do
	echo "guest ${iommu:-without IOMMU}"
	# shellcheck disable=SC2086 # or nothing
	tests/vm/run-vm -k "$kernel" $iommu -c 2 -t 300 \
		-e "$awake" -e 'PM: Some devices failed to suspend, or early wake event detected$' \
		-d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
		tests/vm/guest-sleep "$module" "$FPR_BUILD/guest" \
		'/power busy && /power sleep devices && /power sleep core' || failed=1
done
exit $failed
