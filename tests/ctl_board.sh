#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl's commands about boards behind the driver (list, top, dump, regs, trace, reset), on the files
# of machines that are made up; a guest runs them on a real driver (vm_ctl).
# shellcheck disable=SC2034,SC2154 # what goes to and comes from command.sh and machine.sh
set -u
program=$FPR_BUILD/bin/fprctl silent='2 3 4 5'
# shellcheck source=tests/common/command.sh
. tests/common/command.sh
# shellcheck source=tests/common/machine.sh
. tests/common/machine.sh

at=sys/bus/pci/devices/$address
other=0000:81:00.0
make_machine
add_board $other 1

# ---- names -------------------------------------------------------------------

ends 0 0 list --json
json '[(b["index"], b["pci_address"], b["driver"], b["node"]) for b in r["boards"]] == [
	(0, "0000:01:00.0", "fpr", "accel0"), (1, "0000:81:00.0", "fpr", "accel1")]'
ends 2 1 regs
says "there are 2 boards: --device says which"
for name in 1 81:00.0 0000:81:00.0 accel1 /dev/accel/accel1; do
	ends 0 0 regs --device $name --json
	json 'r["pci_address"] == "0000:81:00.0"'
done
for name in 2 01 0000:02:00.0 accel accel01 ''; do
	[ "$name" = 01 ] || ends 3 1 regs --device "$name"
done
for command in regs reset top dump; do
	ends 3 1 $command --device local:threads=1
	says "'local:threads=1' is the virtual board in this process"
done
# What libfpr cannot open has a reason.
bind $other vfio-pci
ends 3 1 info --device 1
says "board 0000:81:00.0 is served by vfio-pci; fprctl doctor says what to do"
rm "$root/sys/bus/pci/devices/$other/driver"
ends 3 1 info --device 81:00.0
says "is served by no driver"
ends 0 0 list
says "0000:81:00.0"
rm -r "$root/sys/bus/pci/devices/$other"

# ---- regs --------------------------------------------------------------------

register $address $((0x1000 + 0x1c)) '\x07\x00\x00\x00'
register $address $((0x1100 + 0x38)) '\x01\x00\x00\x00\x02\x00\x00\x00'
register $address $((0x400 + 3 * 0x20 + 0x10)) '\x09'
ends 0 0 regs
says ENG_STATUS
ends 0 0 regs --json --all
definitions='v = {x["name"]: x for x in r["registers"]}'
json 'v["ID"]["value"] == "0x52504621" and v["VERSION"]["value"] == "0x00010001"'
json 'v["STATUS"]["bits"] == "ready" and v["ENG_STATUS[0]"]["bits"] == "ready enabled busy"'
json 'v["ENG_STATUS[1]"]["bits"] == "none" and v["ENG_BUSY_NS[1]"]["value"] == "0x0000000200000001"'
json 'v["CLASS_SLICES[3]"]["value"] == "0x0000000000000009" and v["CLASS_SLICES[3]"]["offset"] == "0x0470"'
# Each register of the contract, where the header has it.
"${CC:-gcc}" -E -dM -Ihw/include hw/include/fpr_regs.h |
	sed -n 's/^#define \(FPR_\(REG\|ENG\|CLASS\)_[A-Z0-9_]*\)\((.)\)\? .*/\1/p' |
	grep -vE 'FPR_ENG_(CTRL|STATUS)_|_HI$|FPR_REG_(ENGINE|CLASS|DOORBELL)$' |
	sed 's/^FPR_REG_//; s/^FPR_//; s/_LO$//' | sort >"$dir/contract"
json 'set(open("'"$dir/contract"'").read().split()) == {x["name"].split("[")[0] for x in r["registers"]}'
[ "$(wc -l <"$dir/contract")" -gt 40 ] || complain "found few registers in the header"
ends 0 0 regs --json
json '"CLASS_SLICES[3]" in v and "CLASS_SLICES[4]" not in v and "ENG_RECORD[0]" not in v'
definitions=
before=$(cksum <"$root/$at/resource0")
ends 0 0 regs
[ "$before" = "$(cksum <"$root/$at/resource0")" ] || complain "regs changes registers"
register $address 0 '\xff\xff\xff\xff'
ends 1 1 regs
says "reads all ones"
put $at/config '\xf4\x1a\xf0\x10\x00\x04'
ends 1 1 regs
says "answers no memory accesses"

# ---- dump --------------------------------------------------------------------

ends 0 0 dump --json
json 'r["dumps"] == [] and r["shown"] == 0'
ends 0 0 dump
says "no board has hung"
cat >"$dir/core" <<'EOF'
driver: fpr
reason: the array hung
monotonic_ns: 123456789
contract: 0x10001
build: 0xabc
status: 0x1
heartbeat: 77
engine0:
  status: 0x7
  sq_head: 5
  tail: 9
  cq_head: 3
  progress: 1000
  jobs: 4
engine1:
  status: 0xb
  sq_head: 0
  tail: 0
  cq_head: 0
  progress: 0
  jobs: 0
oldest_job:
  opcode: 1
  m: 8
  n: 16
  k: 64
  batch: 1
  kind: 0
  serial: 1
  t: 15
  out: 0
  trans: 0 1
  accumulate: 0
EOF
cores=sys/class/devcoredump
mkdir -p "$root/$cores/devcd1" "$root/$cores/devcd2"
cp "$dir/core" "$root/$cores/devcd1/data"
put $cores/devcd2/data 'another driver'"'"'s\n'
ln -s ../../../bus/pci/devices/$address "$root/$cores/devcd1/failing_device"
ends 0 0 dump
says "reason"
says "the array hung"
ends 0 0 dump --json --device 0
json 'r["shown"] == 1 and r["unreadable"] == 0 and r["dumps"][0]["dump"] == "devcd1"'
definitions='d = r["dumps"][0]'
json 'd["pci_address"] == "0000:01:00.0" and d["reason"] == "the array hung"'
json 'd["contract"] == "1.1" and d["status"] == "ready" and d["heartbeat"] == 77'
json 'd["mac"] == {"status": "ready enabled busy", "sq_head": 5, "tail": 9, "cq_head": 3, "progress": 1000, "jobs": 4}'
json 'd["transfer"]["status"] == "ready enabled error"'
json 'd["oldest_job"]["opcode"] == "gemm" and d["oldest_job"]["kind"] == "chunk" and d["oldest_job"]["serial"] == "b"'
json '(d["oldest_job"]["m"], d["oldest_job"]["n"], d["oldest_job"]["k"], d["oldest_job"]["trans"]) == (8, 16, 64, "0 1")'
ends 0 0 dump --json --file "$dir/core"
json 'd["reason"] == "the array hung" and d["mac"]["tail"] == 9'
definitions=
ends 0 0 dump --clear
[ "$(cat "$root/$cores/devcd1/data")" != "$(cat "$dir/core")" ] || complain "--clear does nothing"
[ "$(cat "$root/$cores/devcd2/data")" = "another driver's" ] || complain "--clear takes another driver's"
head -n 4 "$dir/core" >"$dir/cut"
ends 2 1 dump --file "$dir/cut"
says "no dump of a board, or damaged"
cp "$dir/cut" "$root/$cores/devcd1/data"
ends 1 1 dump
says "1 dumps of the driver make no sense"
ends 2 1 dump --file "$dir/nothere"
ends 2 1 dump --file "$dir/core" --clear
ends 3 1 dump --device 7

# ---- trace -------------------------------------------------------------------

ends 1 1 trace start
says "no tracefs"
tracing=sys/kernel/tracing
mkdir -p "$root/$tracing/events"
ends 1 1 trace start
says "the module is not loaded"
mkdir -p "$root/$tracing/events/fpr"
for command in stop show drop; do
	ends 1 1 trace $command
	says "nothing was started"
done
put $tracing/instances/fprctl/trace 'old\n'
put $tracing/instances/fprctl/tracing_on '0\n'
put $tracing/instances/fprctl/events/fpr/enable '0\n'
ends 0 0 trace start --json
json 'r["done"] == "start"'
for file in events/fpr/enable tracing_on; do
	[ "$(cat "$root/$tracing/instances/fprctl/$file")" = 1 ] || complain "start leaves $file as it was"
done
cat >"$root/$tracing/instances/fprctl/trace" <<'EOF'
# tracer: nop
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
          fprctl-1234    [001] .....   100.000250: fpr_job_submit: dev=0000:01:00.0 ctx=a b job=7 count=1 item=0 ret=0
 kworker/u9:1-77      [000] d..1.   100.500000: fpr_reset: dev=0000:01:00.0 level=full reason=no heartbeat
nonsense
EOF
ends 0 0 trace show
says "fpr_job_submit: dev=0000:01:00.0"
ends 0 0 trace show --json
json 'r["count"] == 2 and r["not_understood"] == 1'
definitions='e = r["events"]'
json 'e[0]["event"] == "fpr_job_submit" and e[0]["pid"] == 1234 and e[0]["command"] == "fprctl" and e[0]["cpu"] == 1'
json 'e[0]["time_us"] == 100000250 and e[0]["fields"] == {"dev": "0000:01:00.0", "ctx": "a b", "job": "7", "count": "1", "item": "0", "ret": "0"}'
json 'e[1]["command"] == "kworker/u9:1" and e[1]["fields"]["reason"] == "no heartbeat"'
definitions=
ends 0 0 trace stop
ends 2 1 trace
ends 2 1 trace nothing
says "'nothing' is none of start|stop|show|drop"

# ---- top ---------------------------------------------------------------------

make_machine
process() { # pid command mac-ns transfer-ns client
	put proc/$1/comm "$2\n"
	put proc/$1/cmdline "$2"
	mkdir -p "$root/proc/$1/fd"
	ln -sf /dev/accel/accel0 "$root/proc/$1/fd/3"
	ln -sf /dev/null "$root/proc/$1/fd/4"
	put proc/$1/fdinfo/3 "pos:\t0\ndrm-driver:\tfpr\ndrm-client-id:\t$5\ndrm-pdev:\t$address\ndrm-engine-mac:\t$3 ns\ndrm-engine-transfer:\t$4 ns\ndrm-engine-capacity-transfer:\t2\ndrm-total-host:\t2 MiB\ndrm-total-board:\t4096 KiB\n"
}
process 1200 train 5000000 0 5
process 1201 'child' 5000000 0 5
process 1300 idle 7 7 6
ends 0 0 top -n 2 -d 0.02 --json
[ "$(wc -l <"$dir/out")" -eq 2 ] || complain "top --json: not a line per look"
sed -i 1d "$dir/out"
json 'r["schema"] == "fprctl.top" and len(r["boards"]) == 1'
json '[p["pid"] for p in r["processes"]] == [1200, 1300]' # 1201 has the same file
json 'r["processes"][0]["board_bytes"] == 4 << 20 and r["processes"][0]["host_bytes"] == 2 << 20'
json 'r["boards"][0]["memory_used_bytes"] == 8 << 20 and r["boards"][0]["files"] == 2'
json 'all(p["mac_percent"] == 0 and p["transfer_busy_ns"] == 0 for p in r["processes"])'
# Work that is seen to be done between two looks.
"$program" top -n 1 -d 1.5 --json >"$dir/out" &
top=$!
sleep 0.7
process 1200 train 305000000 400000000 5
wait $top || complain "top fails"
json 'r["processes"][0]["mac_busy_ns"] == 300000000 and r["processes"][0]["transfer_busy_ns"] == 400000000'
json 'abs(r["processes"][0]["mac_percent"] - 3e10 / r["interval_ns"]) < .01'
json 'abs(r["processes"][0]["transfer_percent"] - 2e10 / r["interval_ns"]) < .01'
json 'r["boards"][0]["mac_busy_ns"] == 300000000 and r["processes"][1]["mac_busy_ns"] == 0'
ends 0 0 top -n 1 -d 0.01
says "train"
grep -q '^   1300 idle ' "$dir/out" || complain "top shows no line of a process"
ends 2 1 top -n x
ends 2 1 top -d 0
says "is not a number from 0.001"
ends 3 1 top -n 1 --device 9
mv "$root/sys/bus" "$root/sys/no-bus"
ends 0 0 top -n 1 -d 0.01
says "no board on the PCI bus; fprctl doctor says more"
mv "$root/sys/no-bus" "$root/sys/bus"

# ---- reset -------------------------------------------------------------------

ends 5 1 reset
says "is in use by train (1200) and others; end it, or give --force"
rm -r "$root"/proc/1[23]??
ends 2 1 reset --level hard
ends 3 1 reset --device accel5
# Nothing here resets: that is told, and is no success.
ends 1 1 reset --level full
says "no debugfs"
put $at/state 'wedged\n'
ends 1 1 reset --level full
says "where a full reset does nothing; use --level rebind"
bind $address vfio-pci
ends 1 1 reset
says "is served by vfio-pci"
make_machine
put $at/reset ''
ends 1 2 reset --level flr
says "was reset (flr), but it cannot be opened"
put $at/state 'wedged\n'
ends 1 1 reset --level flr
says "was reset (flr), but it does not run (state: wedged)"

# ---- as somebody who may not -------------------------------------------------

if [ "$(id -u)" -eq 0 ]; then
	make_machine
	cp "$FPR_BUILD/bin/fprctl" "$dir" && mkdir -p "$dir/lib" && cp "$FPR_BUILD/lib/libfpr.so.1" "$dir/lib"
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec setpriv --reuid=65533 --regid=65533 --clear-groups "%s" "$@"\n' "$dir/lib" \
		"$dir/fprctl" >"$dir/other"
	put $at/reset ''
	mkdir -p "$root/$cores/devcd1" "$root/$tracing/events/fpr" "$root/$tracing/instances"
	cp "$dir/core" "$root/$cores/devcd1/data"
	ln -s ../../../bus/pci/devices/$address "$root/$cores/devcd1/failing_device"
	chmod -R a+rX "$dir"
	chmod a+x "$dir/other"
	chmod 600 "$root/$at/resource0" "$root/$cores/devcd1/data" "$root/$at/reset"
	path=$dir
	while [ "$path" != / ]; do chmod a+x "$path"; path=$(dirname "$path"); done 2>/dev/null
	program=$dir/other
	ends 4 1 regs
	says "reading them takes root"
	partial=1 ends 4 1 dump
	says "that takes root"
	ends 4 1 reset --level flr
	says "takes root"
	ends 4 1 trace start
	says "takes root"
fi
exit $failed
