#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Four ranks share a board behind the driver, each with a context of its own: parameters, gradients
# and sums are in its memory, and the bits are those of one process without a board.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
# Open MPI wants a host's name; and no process may read another's mapping of board memory.
tests/vm/run-vm -k "$kernel" -c 2 -m 2048 -t 560 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
	tests/vm/guest-driver "$module" -- 'hostname vm' \
	"$mpirun --mca btl vader,self --mca btl_vader_single_copy_mechanism none -n 4 $FPR_BUILD/mpi/bits 5 accel0 sum"
