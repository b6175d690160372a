#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Real ranks, 1 to 4 of them, more than there are cores: parameters are bit for bit
# those of one process, in every mode; over shared memory and over TCP.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh

run() { # ranks transport arguments
	local n=$1 btl=$2
	shift 2
	$mpirun --mca btl "$btl,self" -n "$n" "$FPR_BUILD/mpi/bits" "$@" && return
	echo "bits $* on $n ranks over $btl: exit status $?"
	exit 1
}

for n in 1 2 3; do
	run $n vader $n
done
run 4 tcp 4
