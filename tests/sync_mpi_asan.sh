#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Ranks under the address and undefined-behaviour sanitizers: healthy ones, with and without a
# board, leave nothing of libfprsync's behind; ranks that make mistakes or are lost touch no memory
# that is gone. Open MPI's own leaks are not looked at, nor what a group that failed has to keep.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
asan=$FPR_BUILD/asan
[ -x "$asan/mpi/misuse" ] || { echo "no build with sanitizers (make check makes it)"; exit 77; }
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export LD_LIBRARY_PATH=$asan/lib ASAN_OPTIONS=log_path=$dir/asan:exitcode=99 \
	UBSAN_OPTIONS=log_path=$dir/ubsan:print_stacktrace=1
complain() { echo "$*:"; cat "$dir/out" "$dir"/*san.* 2>/dev/null | head -n 80; exit 1; }
clean() { # what: no report but of leaks, none of which is ours
	grep -qs 'ERROR: AddressSanitizer\|runtime error' "$dir"/*san.* && complain "$1"
	grep -qs ' [^ ]*/\(lib\|hw\|tests\)/[^ ]*\.c:' "$dir"/asan.* && complain "$1: a leak"
	rm -f "$dir"/*san.*
}

export LSAN_OPTIONS=exitcode=0
for arguments in "5" "5 local:threads=1 elsewhere"; do
	# shellcheck disable=SC2086 # several words
	timeout 300 $mpirun --mca btl vader,self -n 2 "$asan/mpi/bits" $arguments >"$dir/out" 2>&1 ||
		complain "bits $arguments: exit status $?"
	clean "bits $arguments"
done

export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
timeout 300 $mpirun -n 2 "$asan/mpi/misuse" >"$dir/out" 2>&1 || complain "misuse: exit status $?"
clean misuse
# In a step with tensors and sums on boards, and when the others gather.
for arguments in "7 --device local:threads=1" "11"; do
	# shellcheck disable=SC2086
	timeout 120 $mpirun --enable-recovery --mca btl tcp,self -n 3 \
		"$asan/mpi/lose" "$dir/checkpoint" 10 20 --victim 1 9 $arguments >"$dir/out" 2>&1
	[ "$(grep -c '^rank [02]: .*culprit 1: rank 1' "$dir/out")" -eq 2 ] || complain "lose $arguments"
	clean "lose $arguments"
done
