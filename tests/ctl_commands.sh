#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl list, info, selftest, xfer, replay and gradients: what they print, and how they end.
# shellcheck disable=SC2034,SC2154 # what goes to and comes from command.sh
set -u
fprctl=$FPR_BUILD/bin/fprctl
program=$fprctl silent='2 3'
# shellcheck source=tests/common/command.sh
. tests/common/command.sh

# ---- the program -----------------------------------------------------------

ends 0 0
cp "$dir/out" "$dir/list"
ends 0 0 list
cmp -s "$dir/list" "$dir/out" || complain "no command is not list"
ends 0 0 --json
json 'r["devices"][0]["name"] == "local"'
ends 0 0 --json info
json 'r["schema"] == "fprctl.info"'
ends 0 0 --json --device local info
json 'r["name"] == "local"'
ends 2 1 --json one
says "unexpected argument 'one'"
ends 0 0 --help
commands='list info selftest gemm xfer replay gradients bench top reset dump regs trace doctor'
for command in $commands; do
	says "  $command "
done
[ "$(grep -c '^  [a-z]' "$dir/out")" -eq "$(wc -w <<<"$commands")" ] || complain "a command is not tested"
ends 0 0 --version
grep -q '^fprctl [0-9]*\.[0-9]*\.[0-9]*$' "$dir/out" || complain "odd version: $(cat "$dir/out")"
for command in $commands; do
	ends 0 0 $command --help
	says "usage: fprctl $command"
	ends 2 1 $command --nonsense
	says "unknown option '--nonsense'; see fprctl $command --help"
	ends 2 1 $command one two
done
ends 2 1 nonsense
says "no command 'nonsense'"
ends 2 1 ''
ends 2 1 --js
says "unknown option '--js'"
ends 2 1 list --json=1
says "no value belongs to '--json'"

# ---- list and info ---------------------------------------------------------

ends 0 0 list --json
json 'all(set(d) >= {"name", "model", "isa", "threads"} for d in r["devices"])'
for device in ${FPR_TEST_DEVICES:-local local:model=hls}; do
	ends 0 0 info --device "$device"
	says "$device"
	ends 0 0 info --json --device="$device"
	json "r['name'] == '$device' and r['kinds'] == ['chunk', 'set', 'dense', 'value']"
	json 'r["default_kind"] == "value" and r["rows"] * r["cols"] * r["lanes"] > 0'
	json 'r["slice_bytes"] >= 4096 and r["transfer_entries"] >= 64 and r["clock_khz"] == 250000'
	json '{"jobs", "busy_ns", "idle_ns", "stall_ns", "doorbells"} <= set(r["mac"]) == set(r["transfer"])'
	json 'all(c["slices"] > 0 for c in r["classes"])'
done
ends 3 1 info --device accel9
says "no such device 'accel9'; fprctl list shows those there are, fprctl doctor why one is missing"
ends 2 1 info --device local:model=slow
says "unknown option or value; libfpr(3) lists them"
ends 2 1 info --device
says "missing value after '--device'"

# ---- selftest --------------------------------------------------------------

for device in ${FPR_TEST_DEVICES:-local local:model=hls}; do
	ends 0 0 selftest --device "$device" --json
	json 'r["ok"] is True and r["failed"] == 0 and r["passed"] + r["skipped"] == len(r["checks"]) >= 20'
	ends 0 0 selftest --full --device "$device"
	says "failed                 0"
done
definitions='fail = "Input/output error: its option fail= has a job fail; leave it out"'
ends 1 0 selftest --device local:fail=3 --json
json 'r["ok"] is False and r["failed"] == 1 and r["checks"][2]["problem"] == fail'
json '[c["ok"] for c in r["checks"]].count(False) == 1'
definitions=
ends 3 1 selftest --device nothere

# ---- xfer ------------------------------------------------------------------

for device in ${FPR_TEST_DEVICES:-local local:model=hls}; do
	for direction in to-board to-host both; do
		ends 0 0 xfer --device "$device" --size 100001 --count 5 --direction $direction \
			--priority 5000 --json
		json "r['ok'] is True and r['direction'] == '$direction' and r['priority'] == 5000"
		json "r['transfers'] == 5 * (1 + (r['direction'] == 'both'))"
		json 'r["bytes"] == 100001 * r["transfers"] and r["bytes_per_second"] > 0'
		json 'r["slices"] >= r["transfers"] and r["preemptions"] == 0'
	done
	ends 0 0 xfer --device "$device" --size 4096
	says "ok                     yes"
	head -c 100032 /dev/urandom >"$dir/in"
	ends 0 0 xfer --device "$device" --in "$dir/in" --out "$dir/copy" --json
	json 'r["op"] == "copy" and r["bytes"] == 100032 and r["priority"] == 32768'
	cmp -s "$dir/in" "$dir/copy" || complain "a copy through the board differs"
	"$python" -c 'import struct, sys
open(sys.argv[1], "wb").write(struct.pack("<64f", *range(64)))
open(sys.argv[2], "wb").write(struct.pack("<64f", *range(1000, 1064)))
open(sys.argv[3], "wb").write(b"".join(struct.pack("<f", v)[2:] for v in range(64)))' \
		"$dir/x" "$dir/y" "$dir/z"
	sum() { # type first second: first + second in $dir/sum, whose floats are 1000 + 2 i
		ends 0 0 xfer --device "$device" --in "$2" --add "$1" --onto "$3" --out "$dir/sum"
		"$python" -c 'import struct, sys
sys.exit(list(struct.unpack("<64f", open(sys.argv[1], "rb").read())) != [1000 + 2 * i for i in range(64)])' \
			"$dir/sum" || complain "wrong sum: $1"
	}
	sum f32 "$dir/x" "$dir/y"
	sum bf16-f32 "$dir/z" "$dir/y"
done
ends 2 1 xfer
says "either --in or --size is needed"
ends 2 1 xfer --size 1 --in "$dir/x" --out "$dir/sum"
ends 2 1 xfer --size 0
ends 2 1 xfer --size 4096 --out "$dir/sum"
ends 2 1 xfer --size 4096 --priority 65536
ends 2 1 xfer --size 4096 --direction up
ends 2 1 xfer --in "$dir/x"
says "--out is missing"
ends 2 1 xfer --in "$dir/x" --add f32 --out "$dir/sum"
ends 2 1 xfer --in "$dir/nothere" --out "$dir/sum"
says "nothere: No such file"
ends 2 1 xfer --in "$dir/z" --add bf16-f32 --onto "$dir/z" --out "$dir/sum"
says "expected 256 bytes, has 128"
head -c 100 "$dir/x" >"$dir/odd"
ends 2 1 xfer --in "$dir/odd" --add f32 --onto "$dir/odd" --out "$dir/sum"
says "no multiple of 64"
ends 1 1 xfer --device local:fail=1 --in "$dir/x" --out "$dir/never"
says "xfer: Input/output error"
[ ! -e "$dir/never" ] || complain "a failed transfer left a file"
ends 3 1 xfer --size 4096 --device nothere

# ---- replay ----------------------------------------------------------------

trace=$dir/t.fpr
"$FPR_BUILD/tests/lib_trace" "$trace" || complain "cannot write the sample trace"
for device in ${FPR_TEST_DEVICES:-local local:model=hls}; do
	ends 0 0 replay "$trace" --device "$device" --json
	json 'r["ok"] is True and r["records"] == 6 and r["mismatches"] == 0'
	json 'r["macs"] > 0 and r["nanoseconds"] > 0'
	json 'r["counters_compared"] == 5 and "first_mismatch" not in r'
	ends 0 0 replay --device "$device" "$trace"
	says "mismatches             0"
done
for order in "--device local $trace --json" "--json $trace --device=local" "--json -- $trace"; do
	# shellcheck disable=SC2086 # several words
	ends 0 0 replay $order
	json 'r["ok"] is True and r["complete"] is True and r["records"] == 6'
	# shellcheck disable=SC2086
	POSIXLY_CORRECT=1 ends 0 0 replay $order
done
ends 2 1 replay "$trace" "$trace"
says "unexpected argument '$trace'"
ends 2 1 replay -- --json
says "--json: No such file"
ends 1 1 replay "$trace" --device local:fail=2 --json
says "t.fpr: record 1: Input/output error"
json 'r["ok"] is False and r["complete"] is False and r["records"] == 1'
ends 2 1 replay
says "missing operand 'FILE'"
ends 2 1 replay "$dir/nothere"
says "nothere: No such file"
ends 2 1 replay "$fprctl"
says "not a trace, or damaged"
ends 2 1 replay /dev/null
says "truncated after 0 records"
echo not a trace >"$dir/note"
ends 2 1 replay "$dir/note"
says "note: not a trace, or damaged"
head -c 2000 "$trace" >"$dir/cut"
partial=1 ends 2 1 replay "$dir/cut" --json
json '1 <= r["records"] <= 5 and r["mismatches"] == 0'
json 'r["ok"] is False and r["complete"] is False'
grep -q 'cut: truncated after [1-5] records' "$dir/error" || complain "$(cat "$dir/error")"
ends 3 1 replay "$trace" --device nothere

# A trace whose checksums are right but whose result or cost is not.
"$python" tests/common/trace_lie.py "$trace" "$dir/lie" element || complain "cannot change an element"
ends 1 0 replay "$dir/lie" --json
json 'r["ok"] is False and r["mismatches"] == 1 and r["records"] == 6'
json '(r["first_mismatch"]["record"], r["first_mismatch"]["row"],
	r["first_mismatch"]["column"]) == (0, 2, 3)'
json 'r["first_mismatch"]["name"] == "conv1/AxW step 100"'
json 'int(r["first_mismatch"]["expected"], 16) ^ int(r["first_mismatch"]["got"], 16) == 1'
ends 1 0 replay "$dir/lie"
says first_mismatch
# A mismatch before the damage is told, before the complaint, and decides the code.
head -c -5 "$dir/lie" >"$dir/cut"
ends 1 1 replay "$dir/cut" --json
json 'r["mismatches"] == 1 and r["records"] >= 5 and r["first_mismatch"]["record"] == 0'
says "cut: truncated after"
"$fprctl" replay "$dir/cut" 2>&1 | tail -n 1 | grep -q truncated ||
	complain "the complaint is not the last line"
"$python" tests/common/trace_lie.py "$trace" "$dir/lie" counter || complain "cannot change a counter"
ends 1 0 replay "$dir/lie" --json
json 'r["first_mismatch"]["counter"] == "terms.issued" and r["mismatches"] == 1'
json 'abs(r["first_mismatch"]["expected"] - r["first_mismatch"]["got"]) == 1'
"$python" tests/common/trace_lie.py "$trace" "$dir/lie" lanes || complain "cannot change the array"
ends 0 0 replay "$dir/lie" --json
json 'r["ok"] is True and r["counters_compared"] == 4'

# ---- gradients -------------------------------------------------------------

export FPR_LIBRARY=$FPR_BUILD/lib/libfpr.so PYTHONPATH=lib/python
"$python" tests/common/trace_step.py "$dir/step" && "$python" tests/common/trace_step.py "$dir/liar" lie || exit 1
for device in ${FPR_TEST_DEVICES:-local local:slice=4096}; do
	ends 0 0 gradients --json --device "$device" "$dir/step"
	json 'r["products"] == 7 and r["gradients"] == 4 and r["ok"]'
	json 'r["bytes"] == 4 * (512 * 512 + 96 * 64 + 64 * 48 + 48 * 16)'
	# Equals keep their order.
	json 'r["fifo"]["first_layer_place"] == 4 and r["fifo"]["preemptions"] == 0'
	# Four priorities, spread over all classes.
	json 'r["fifo"]["classes"] == 1 and r["p3"]["classes"] == 4'
	json '0 < r["fifo"]["first_layer_ns"] == r["fifo"]["last_ns"]'
	json '1 <= r["p3"]["first_layer_place"] <= 4 and r["p3"]["first_layer_ns"] <= r["p3"]["last_ns"]'
done
ends 1 0 gradients --json "$dir/liar"
json 'not r["ok"]'
ends 1 1 gradients --device local:fail=6 "$dir/step"
says "gradients: "
ends 2 1 gradients "$trace"
says "$trace: no weight's gradient (a product named LAYER/AxG) is in it"
ends 2 1 gradients "$dir/nothere"
ends 2 1 gradients
head -c 3000 "$dir/step" >"$dir/cut"
ends 2 1 gradients "$dir/cut"
says "cut: truncated after 0 records"
ends 2 1 gradients "$fprctl"
says "not a trace, or damaged"
ends 3 1 gradients --device nothere "$dir/step"

# ---- bars --------------------------------------------------------------------

# One terminal for all: what it starts with costs more than they do.
terminal sh -c '"$1" replay "$2/t.fpr"; "$1" gradients "$2/step"; "$1" xfer --size 4096 --count 2
	"$1" gemm -m 8 -n 8 -k 0 --c "$2/c"' - "$fprctl" "$dir"
for bar in replay reading gradients xfer gemm; do
	grep -qE "$bar \[[.#]+\] *[0-9]+%" "$dir/out" || complain "no bar of $bar"
	[ "$(grep -c "$bar \[.*"$'\r\033\[K' "$dir/out")" -ge 1 ] || complain "the bar of $bar is left on the terminal"
done

# ---- completion ------------------------------------------------------------

completes() { # word words...; prints what is offered
	bash -c '. tools/fprctl/fprctl.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_fprctl
		printf "%s\n" "${COMPREPLY[@]}"' - "$fprctl" "$@"
}
for command in $commands; do
	completes "${command:0:2}" | grep -qx "$command" || complain "'${command:0:2}' does not offer $command"
	for option in $("$fprctl" $command --help | sed -n 's/^  \(-[^ ]*\) .*/\1/p'); do
		completes $command "${option:0:2}" | grep -qx -- "$option" ||
			complain "fprctl $command: $option is not offered"
	done
done
completes gemm --acc | grep -qx -- --accumulate || complain "'--acc' does not complete"
completes gemm --kind d | grep -qx dense || complain "'--kind d' does not complete"
offers() { # words words...: what is offered behind the latter
	[ "$(completes "${@:2}" '' | tr '\n' ' ')" = "$1 " ] || complain "'${*:2}' does not offer $1"
}
offers "chunk set dense value" gemm --kind
offers "f32 bf16" gemm --out
offers "to-board to-host both" xfer --direction
offers "auto full flr rebind" reset --level
completes trace s | grep -qx stop || complain "'trace s' does not offer stop"
[ "$(completes info --device l | tr '\n' ' ')" = 'local:model=hls local:model=rtl local ' ] ||
	complain "--device does not offer local, once: $(completes info --device l)"
completes --json inf | grep -qx info || complain "'--json inf' does not complete"
completes --device loc | grep -qx local || complain "'--device loc' does not complete"
completes --json gemm --kind d | grep -qx dense || complain "'--json gemm --kind d' does not complete"
completes gemm --a tests/READ | grep -qx tests/README.md ||
	complain "an option for a file does not offer files"

# fprtrain's comes from its help likewise, where what it needs is there.
trains() { # word words...; prints what is offered
	bash -c '. tools/fprtrain/fprtrain.bash
		_fprtrain_help=$(cat "$1") COMP_WORDS=(fprtrain "${@:2}") COMP_CWORD=$(($# - 1))
		PATH=$FPR_BUILD/bin:$PATH
		_fprtrain
		printf "%s\n" "${COMPREPLY[@]}"' - "$dir/help" "$@"
}
if tools/fprtrain/fprtrain --help >"$dir/help" 2>/dev/null; then
	for option in $(sed '/^options:/q' "$dir/help" | grep -o -- '--[a-z-]*'); do
		trains "$option" | grep -qx -- "$option" || complain "fprtrain: $option is not offered"
	done
	trains --kind d | grep -qx dense || complain "fprtrain '--kind d' does not complete"
	trains --device loc | grep -qx local || complain "fprtrain '--device loc' does not complete"
	trains --plot tests/READ | grep -qx tests/README.md || complain "fprtrain --plot offers no files"
fi
exit $failed
