# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# $mpirun for tests, which may run as root and with more ranks than cores.

command -v mpirun >/dev/null || { echo "mpirun is not installed (tools/setup does it)"; exit 77; }
[ -x "$FPR_BUILD/mpi/bits" ] || { echo "the ranks' programs are not built (make does it)"; exit 1; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Open MPI's session directory has sockets, whose names must be short.
export OMPI_MCA_orte_tmpdir_base=/tmp
# shellcheck disable=SC2034 # for who reads this
mpirun="mpirun --oversubscribe --bind-to none"
