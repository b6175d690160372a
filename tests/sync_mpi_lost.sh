#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A rank that is killed, stopped or stuck, in a step or when the others start, is named by every
# other rank, none of them hangs, and fewer ranks go on from the checkpoint with the right bits;
# likewise when tensors and sums are on boards.
# shellcheck disable=SC2154 # mpirun: env.sh
set -u
# shellcheck source=tests/mpi/env.sh
. tests/mpi/env.sh
lose=$FPR_BUILD/mpi/lose
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
complain() { echo "$*:"; cat "$dir/out"; exit 1; }

expect() { # what words ranks...: each rank printed the words
	local what=$1 words=$2 rank
	shift 2
	for rank; do
		grep -q "^rank $rank: .*$words" "$dir/out" || complain "$what: rank $rank does not say '$words'"
	done
}

# Killed, over TCP; 3 ranks go on from step 40.
timeout 120 $mpirun --enable-recovery --mca btl tcp,self -n 4 \
	"$lose" "$dir/killed" 60 20 --victim 2 9 47 >"$dir/out" 2>&1
expect killed 'culprit 2: rank 2 (host [^ ]*, pid [0-9]*) has not answered for ' 0 1 3
timeout 120 $mpirun -n 3 "$lose" "$dir/killed" 60 20 --was 4 >"$dir/out" 2>&1 ||
	complain "3 ranks do not go on"
grep -q '^3 ranks, from step 40: the same bits' "$dir/out" || complain "3 ranks do not go on from step 40"

# The same with boards, whose transfers are under way then.
timeout 120 $mpirun --enable-recovery --mca btl tcp,self -n 3 \
	"$lose" "$dir/board" 60 20 --victim 1 9 47 --device local:threads=1 >"$dir/out" 2>&1
expect board 'culprit 1: rank 1 (host [^ ]*, pid [0-9]*) has not answered for ' 0 2
timeout 120 $mpirun -n 2 "$lose" "$dir/board" 60 20 --was 3 --device local:threads=1 >"$dir/out" 2>&1 ||
	complain "2 ranks with boards do not go on"
grep -q '^2 ranks, from step 40: the same bits' "$dir/out" || complain "2 ranks with boards do not go on from step 40"

# Before it has started.
timeout 120 $mpirun --enable-recovery --mca btl tcp,self -n 3 \
	"$lose" "$dir/start" 60 20 --victim 1 9 0 >"$dir/out" 2>&1
expect start 'culprit 1: rank 1 (host [^ ]*, pid [0-9]*) has not answered for ' 0 2

# Rank 0 stopped, over shared memory; mpirun clears up, and wakes it first. Step 20 is the last checkpoint.
timeout 120 $mpirun --mca btl vader,self -n 3 \
	"$lose" "$dir/stopped" 60 20 --victim 0 19 30 >"$dir/out" 2>&1
[ $? -eq 3 ] || complain "stopped: not the survivors' exit status"
expect stopped 'culprit 0: rank 0 (host [^ ]*, pid [0-9]*) has not answered for ' 1 2
timeout 120 $mpirun -n 1 "$lose" "$dir/stopped" 30 20 --was 3 >"$dir/out" 2>&1 ||
	complain "1 rank does not go on"
grep -q '^1 ranks, from step 20: the same bits' "$dir/out" || complain "1 rank does not go on from step 20"

# Alive, but its program is stuck.
timeout 120 $mpirun -n 2 "$lose" "$dir/stuck" 60 20 --victim 1 0 30 --stall >"$dir/out" 2>&1
expect stuck 'culprit 1: rank 1 .* answers, but its program has done nothing for ' 0

# Stopped and continued when the others have given up: it learns so.
timeout 120 $mpirun --enable-recovery -n 2 \
	"$lose" "$dir/late" 60 20 --victim 1 19 30 --silence 1 >"$dir/out" 2>&1 &
for ((i = 0; i < 600; i++)); do
	pid=$(sed -n 's/^rank 0: .*rank 1 (host [^ ]*, pid \([0-9]*\)) has not answered.*/\1/p' "$dir/out")
	[ -z "$pid" ] || break
	sleep 0.1
done
[ -n "$pid" ] || complain "late: rank 0 does not miss rank 1"
kill -CONT "$pid" || complain "late: rank 1 is not there"
wait $!
expect late 'rank 1 ' 0 1
