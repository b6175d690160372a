#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl selftest finds broken board memory and says where; bench; bars and colours.
# shellcheck disable=SC2034,SC2154 # what goes to and comes from command.sh
set -u
program=$FPR_BUILD/bin/fprctl silent='2 3'
# shellcheck source=tests/common/command.sh
. tests/common/command.sh

# ---- selftest ----------------------------------------------------------------

definitions='c = {x["name"]: x for x in r["checks"]}'
ends 0 0 selftest --quick --json
json 'r["ok"] and r["skipped"] == 1 and c["memory march"]["tested_bytes"] == 4 << 20'
json 'c["interrupt latency"]["result"] == "skipped" and "no interrupts" in c["interrupt latency"]["problem"]'
json 'c["DMA integrity"]["copies"] > 40'
ends 0 0 selftest
says "PASSED  memory march"
says "SKIPPED interrupt latency        (this board"
ends 2 1 selftest --quick --full

# Board memory that is broken, which reality will not do on demand: a library in front of libfpr.
"${CC:-gcc}" -shared -fPIC -Wall -Werror -Ihw/include -Ilib -o "$dir/bad.so" tests/preload/bad_memory.c -ldl ||
	complain "cannot build bad memory"
broken() { FPR_BAD_MEMORY=$how LD_PRELOAD=$dir/bad.so "$FPR_BUILD/bin/fprctl" "$@"; }
program=broken how=stuck
ends 1 0 selftest --json
json 'not r["ok"] and c["memory march"]["result"] == "failed" and c["chunk: one product"]["ok"]'
# The cell is the same in each buffer: word 0x12344 / 8, byte 4.
json '"word 9320 of 524288 held 0x" in c["memory march"]["problem"]'
json 'int(c["memory march"]["problem"].split()[5], 16) ^ int(c["memory march"]["problem"].split()[8], 16) == 0x20 << 32'
ends 1 0 selftest
says "FAILED  memory march"
says "        cause:  word 9320 of"
how='alias'
ends 1 0 selftest --json
# A march one way alone would not see what is written before it is read.
json 'c["memory march"]["result"] == "failed" and "word %d of" % (0x112344 // 8) in c["memory march"]["problem"]'
how=beside
ends 1 0 selftest --json
json 'c["memory march"]["ok"] and c["DMA integrity"]["result"] == "failed"'
json '"bytes beside the copy changed: " in c["DMA integrity"]["problem"] and "to board offset" in c["DMA integrity"]["problem"]'

# Other mistakes that a board could make, by another such library.
"${CC:-gcc}" -shared -fPIC -Wall -Werror -Ihw/include -Ilib -o "$dir/bad_board.so" tests/preload/bad_board.c -ldl ||
	complain "cannot build a bad board"
broken() { FPR_BAD_BOARD=$how LD_PRELOAD=$dir/bad_board.so "$FPR_BUILD/bin/fprctl" "$@"; }
definitions+='
bad = {n: x["problem"] for n, x in c.items() if not x["ok"]}
products = list(c)[:list(c).index("transfers, board memory")]'
how=bits
ends 1 0 selftest --json
json 'bad == dict.fromkeys(products, "wrong bits")'
how=counters
ends 1 0 selftest --json
json 'bad == {n: "terms do not add up" if "integers" in n else "wrong counters" for n in products}'
how=order
ends 1 0 selftest --json
json 'bad == {"transfers, order": "a transfer was served before a more urgent or earlier one"}'
watchdog="completions came without interrupts, found by the driver's watchdog"
how=silent
ends 1 0 selftest --json
json "bad == {'interrupt latency': '''32 of 32 $watchdog'''} and 'irq=msi' in c['interrupt latency']['remedy']"
how=few
ends 1 0 selftest --json
json "bad == {'interrupt latency': '''31 of 32 $watchdog'''}"
program=$FPR_BUILD/bin/fprctl
definitions=
ends 1 0 selftest --device local:fail=90 --json
json '[x["problem"] for x in r["checks"] if not x["ok"]] and r["failed"] == 1'

# ---- bench -------------------------------------------------------------------

ends 0 0 bench --runs 1 --json
json 'r["runs"] == 1 and {"chunk", "set", "dense", "value"} < set(r["gemm"]) and set(r["transfer"]) > {"to_board", "to_host", "memcpy"}'
json 'r["gemm"]["dense"]["speed_of_dense"] == 1 and r["transfer"]["memcpy"]["speed_of_memcpy"] == 1'
json 'all(k["cycles"] > 0 and k["time_ns"] > 0 for n, k in r["gemm"].items() if n != "edge")'
json 'abs(r["gemm"]["chunk"]["cycles_of_dense"] - r["gemm"]["chunk"]["cycles"] / r["gemm"]["dense"]["cycles"]) < .001'
ends 0 0 bench --runs 2
says "bytes_per_second"
ends 2 1 bench --runs 0
ends 2 1 bench --runs 1001
ends 1 1 bench --device local:fail=5
says "bench: Input/output error"
ends 3 1 bench --device nothere

# ---- terminals ---------------------------------------------------------------

# On a terminal long work shows a bar and takes it away again; elsewhere there is none.
terminal NO_COLOR= "$program" bench --runs 300 || complain "bench fails on a terminal"
grep -q 'bench \[\.*\] *[0-9]*%' "$dir/out" || complain "no bar on a terminal: $(head -c 300 "$dir/out")"
grep -q $'\r\033\[K' "$dir/out" || complain "a bar is left on the terminal"
terminal NO_COLOR=1 TERM=dumb "$program" bench --runs 50 || complain "bench fails on a dumb terminal"
grep -q 'bench \[' "$dir/out" && complain "a bar on a dumb terminal"
terminal "$program" selftest --full
grep -q $'\033\[32mPASSED' "$dir/out" || complain "no colour on a terminal"
for bar in integers 'memory march' 'DMA integrity'; do
	grep -q "$bar \[" "$dir/out" || complain "no bar of $bar"
done
terminal NO_COLOR=1 "$program" selftest
grep -q $'\033\[3' "$dir/out" && complain "colour in spite of NO_COLOR"
ends 0 0 bench --runs 30 # no line of error, and so no bar
ends 0 0 selftest
grep -q $'\033' "$dir/out" && complain "colour in a file"
exit $failed
