#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The harness tells success, failure, time-out, a dead guest and a bad kernel log apart.
set -u
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() { # what code text command...
	local what=$1 code=$2 text=$3 rc
	shift 3
	"$@" >"$work/log" 2>&1
	rc=$?
	if [ "$rc" -eq "$code" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/log"; }; then
		echo "ok    $what"
	else
		echo "FAIL  $what: exit code $rc, not $code, or no '$text':"
		sed 's/^/      /' "$work/log"
		failed=1
	fi
}

log() { # line... ; as `dmesg -r` has it
	printf '<4>[ 1.0] before the command\n<14>[ 2.0] vm: the command starts\n'
	printf '%s\n' "$@"
}
gate() { # [-e REGEX] line...
	local regex=()
	[ "$1" != -e ] || { regex=("$2"); shift 2; }
	log "$@" >"$work/dmesg"
	"$here/dmesg-gate" "$work/dmesg" ${regex[@]+"${regex[@]}"} && echo clean
}

command -v busybox >/dev/null || { echo "busybox-static is not installed (tools/setup does it)"; exit 77; }

expect "log: information passes" 0 clean gate '<6>[ 3.0] fpr: 1 board'
expect "log: WARNING level" 1 'low memory' gate '<4>[ 3.0] low memory'
expect "log: WARNING level by a process" 1 'low memory' gate '<12>[ 3.0] low memory'
expect "log: a report at any level" 1 'KASAN' gate '<6>[ 3.0] KASAN: use-after-free'
expect "log: taint passes" 0 clean gate \
	'<4>[ 3.0] fpr: loading out-of-tree module taints kernel.' \
	'<4>[ 3.0] fpr: module verification failed: signature and/or required key missing - tainting kernel'
expect "log: taint is not a licence" 1 'taints kernel. BUG:' gate \
	'<4>[ 3.0] fpr: loading out-of-tree module taints kernel. BUG: x'
expect "log: what is expected passes" 0 clean gate -e 'engine [0-9] hung' '<3>[ 3.0] fpr: engine 1 hung'
expect "log: the unexpected beside it" 1 'lost' gate -e 'engine [0-9] hung' \
	'<3>[ 3.0] fpr: engine 1 hung' '<3>[ 3.0] fpr: lost'

expect "a board that does not start" 125 'no such board' \
	"$here/run-vm" -d 'sh -c "echo no such board; exit 1" %s' -- true

mkdir "$work/share"
cat >"$work/inside" <<INSIDE
test "\$(nproc)" = 2 || exit 1
ls /sys/class/iommu | grep -q dmar || exit 2
test "\$FPR_WORD" = 'two words' || exit 3
modprobe -a gpu-sched drm_exec || exit 4
$here/qmp '{"execute":"query-status"}' | grep -q '"running": true' || exit 5
$here/qmp '{"execute":"no-such-command"}' >/dev/null && exit 6
echo from the guest >$work/share/file && echo lost >$work/not-shared
printf 'a\000b\n'
exit 77
INSIDE
export FPR_WORD='two words'
expect "6.12: exit code, IOMMU, CPUs, modules, QMP, output" 77 a \
	"$here/run-vm" -i -c 2 -w "$work/share" -o "$work/kept" -- bash "$work/inside"
cp "$work/log" "$work/output"
expect "output is binary clean" 0 '' cmp "$work/output" <(printf 'a\000b\n')
expect "a shared directory" 0 'from the guest' cat "$work/share/file"
expect "nothing else is written" 1 '' test -e "$work/not-shared"
expect "the kernel log is kept" 0 'vm: the command starts' cat "$work/kept/dmesg"
expect "7: boots" 0 "$(cat "$("$here/get-kernel" 7)/release")" "$here/run-vm" -k 7 -- uname -r
expect "time-out" 124 'time out' "$here/run-vm" -t 12 -- sleep 1000
expect "panic" 125 'sysrq triggered crash' \
	"$here/run-vm" -- sh -c 'echo c >/proc/sysrq-trigger; sleep 1000'
expect "a bad kernel log" 123 'WARNING: deliberate' \
	"$here/run-vm" -- sh -c 'echo "<4>WARNING: deliberate" >/dev/kmsg'
exit $failed
