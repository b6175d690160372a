#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `make hls`: says what it did not do, fails when a bench or a tool's log says so,
# whatever the tool's exit status. The tools here are stand-ins.
set -u
for tool in gcc clang; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
cp -r hw "$tmp/hw" || exit 1
mkdir "$tmp/bin"

# try STATUS TEXT WHAT UNIT...: run it and look at status and output
try() {
	local want=$1 text=$2 what=$3 output rc
	shift 3
	output=$(PATH=$tmp/bin:$PATH FPR_HLS_OUT=$tmp/out "$tmp/hw/hls/run" "$@" 2>&1)
	rc=$?
	if [ $rc -ne "$want" ] || ! grep -q "$text" <<<"$output"; then
		echo "$what: status $rc, wanted $want with '$text':"
		sed 's/^/    /' <<<"$output"
		failed=1
	fi
}

stand_in() { # name: a tool whose script is on standard input
	{ echo '#!/bin/sh'; cat; } >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

if ! command -v bambu >/dev/null && ! command -v vitis_hls >/dev/null; then
	try 0 'No synthesis was done' 'without tools' transpose
fi
try 2 'no unit' 'an unknown unit' nonsense
try 0 'ubsan  *copy  *calls [0-9]* errors 0' 'walk and copy, by every compiler' walk copy
export FPR_HLS_C=gcc # one is enough to see the rest

stand_in bambu <<<'for i in $(seq 32); do echo "$i. Run $i execution time 7 cycles"; done'
try 0 'bits equal in 32 simulated calls' 'a good log' transpose
stand_in bambu <<<'for i in $(seq 32); do echo "Run $i execution time 7"; done; echo "Warning: Returned error code!"'
try 1 'co-simulation complained' 'a mismatch with status 0' transpose
stand_in bambu <<<'for i in $(seq 31); do echo "Run $i execution time 7"; done'
try 1 '31 calls were simulated' 'a call short' transpose
stand_in bambu <<<'for i in $(seq 32); do echo "Run $i execution time 7"; done; exit 1'
try 1 'status 1' 'a good log with a bad status' transpose
stand_in bambu <<<'echo "error -> Not that loop"; echo "error -> more"; exit 1'
try 1 'status 1: Not that loop;' 'why it has a bad status' transpose
rm "$tmp/bin/bambu"

report='mkdir -p transpose/solution/syn/report && touch transpose/solution/syn/report/x_csynth.rpt'
stand_in vitis_hls <<<"$report; echo '*** C/RTL co-simulation finished: PASS ***'"
try 0 'vitis  *transpose  *synthesised' 'a good Vitis log' transpose
stand_in vitis_hls <<<"$report; echo '*** C/RTL co-simulation finished: FAIL ***'"
try 1 'did not pass' 'a failed Vitis co-simulation' transpose
stand_in vitis_hls <<<"$report; echo 'ERROR: [X] no'; echo '*** C/RTL co-simulation finished: PASS ***'"
try 1 'reported errors' 'Vitis errors' transpose
rm "$tmp/bin/vitis_hls"

# spoil FILE FROM TO UNIT: one mistake in a unit is seen by its bench
spoil() {
	sed "s/$2/$3/" "hw/$1" >"$tmp/hw/$1"
	if cmp -s "hw/$1" "$tmp/hw/$1"; then
		echo "$1: nothing to spoil"
		failed=1
	fi
	try 1 "gcc  *$4  *FAILED" "$1 spoilt" "$4"
	cp "hw/$1" "$tmp/hw/$1"
}
spoil array/naf.h 'm & ~(m' 'm \& (m' recode
spoil array/fp32.h 'rest == FPR_FP32_SIGN \&\&' 'rest == 1u \&\&' fp32
spoil array/pe_chunk.h 'reach >= distance' 'reach > distance' pe_chunk
spoil array/tile_chunked.h 'reach, d)' 'reach, 0u)' tile_value
spoil array/pe_set.h '<= FPR_WINDOW' '< FPR_WINDOW' pe_set
spoil array/pe_dense.h 'shift >= 0' 'shift > 0' pe_dense
spoil array/bdc.c 'field - base + 1u' 'field - base' bdc
spoil array/transpose.h 'turn != 0u' 'turn == 0u' transpose
spoil p3/p3.c 'key\[i\] < best' 'key[i] <= best' arbiter
spoil p3/p3.c 'waited >= ageing' 'waited > ageing' arbiter
spoil p3/p3.c 'done\[slot\] = 0' 'done[slot] = 1' arbiter
spoil p3/add.c 'host\[i\] >> 16' 'host[i] >> 15' add
spoil p3/walk.c 'wraps ?' '0 ?' walk
spoil p3/walk.c 'at += pass' 'at += 0' walk
spoil p3/walk.c 'sum < bytes' '0' walk
spoil p3/copy.c 'first < source' 'first <= source' copy
spoil p3/copy.c 'turn ? copy' 'first ? copy' copy
spoil p3/copy.c '<< copy\[0\].first' '<< 0' copy
spoil shell/ring.c '+ ring\[0\].taken <' '<' ring
spoil shell/irq.c '\& ~irq\[0\].status' '' irq
spoil shell/check.c 'list ? FPR_SG_ALIGN' '!list ? FPR_SG_ALIGN' check
spoil shell/words.c 'byte(words\[20\], 2)' 'byte(words[20], 1)' check
spoil array/shape.c '(x >> 32) \* y +' '(x >> 31) * y +' check
spoil shell/regs.c 'offset == FPR_REG_SQ_TAIL(engine)' 'offset != FPR_REG_SQ_TAIL(engine)' command
spoil shell/shell_top.c 'rested = 0' 'rested = 3' command
exit $failed
