#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Ranks that make mistakes.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh

for level in serialized funneled; do
	timeout 120 $mpirun -n 2 "$FPR_BUILD/mpi/misuse" $level || { echo "exit status $?"; exit 1; }
done
