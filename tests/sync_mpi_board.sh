#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# 1 to 3 ranks (vm_sync has 4) whose parameters, gradients and sums are in their boards' memory: in every
# mode the bits of one process without a board.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh

for n in 1 2 3; do
	$mpirun --mca btl vader,self -n $n "$FPR_BUILD/mpi/bits" $n local:threads=1 ||
		{ echo "bits on $n boards: exit status $?"; exit 1; }
done
