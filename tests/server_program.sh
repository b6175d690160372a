#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The fpr-board program: its options, their completion, its exit codes, its control socket.
set -u
board=${FPR_BUILD:?}/bin/fpr-board
work=$(mktemp -d) here=$PWD
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

complain() { echo "$*"; failed=1; }

# refused CODE ARGUMENT...: ends with CODE and exactly one line on stderr, none on stdout
refused() {
	local want=$1 code
	shift
	"$board" "$@" >out 2>err
	code=$?
	[ $code = "$want" ] || complain "$*: exit $code, not $want"
	[ "$(wc -l <err)" = 1 ] || complain "$*: $(wc -l <err) lines of complaint"
	[ ! -s out ] || complain "$*: something on stdout"
}

# start ARGUMENT...: a board on ./s and ./c
start() {
	"$board" --socket s --control c "$@" 2>err &
	pid=$!
	for _ in $(seq 600); do
		[ -S s ] && return
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	complain "$*: no socket: $(cat err)"
}

# ended CODE: the board started last ends with it and leaves no sockets
ended() {
	wait $pid
	local code=$?
	[ $code = "$1" ] || complain "board ended with $code, not $1"
}

"$board" --help >help || complain "--help fails"

# What is offered behind these words.
completes() {
	bash -c '. "$1"; shift; COMP_WORDS=("$0" "$@"); COMP_CWORD=$#; _fpr_board; printf "%s\n" "${COMPREPLY[@]}"' \
		"$board" "$here/hw/board/server/fpr-board.bash" "$@" | tr '\n' ' '
}
for option in $(sed -n 's/^  \(--[a-z]*\)[ =].*/\1/p' help); do
	[[ " $(completes --)" == *" $option "* ]] || complain "'--' does not offer $option"
done
[ "$(completes --model = h)" = 'hls ' ] || complain "'--model=h' does not complete"
[ "$(completes --model =)" = 'fast hls rtl ' ] || complain "'--model=' offers $(completes --model =)"
[ "$(completes --irq =)" = 'msix msi intx ' ] || complain "'--irq=' offers $(completes --irq =)"
[ "$(completes --fault delay)" = 'delay-dma delay-slice ' ] || complain "'--fault delay' offers $(completes --fault delay)"

refused 2
refused 2 --nonsense
refused 2 --socket
refused 2 --socket s word
refused 2 --socket s --model=slow
refused 2 --socket s --irq=lapic
refused 2 --socket s --memory=0
refused 2 --socket s --memory=100
refused 2 --socket s --memory=-256
refused 2 --socket s --memory=131072
refused 2 --socket s --scratch=x
refused 2 --socket s --threads=0
refused 2 --socket s --fault 'hang everything'
refused 2 --send stats
refused 2 --socket s --control c --send stats
refused 1 --socket "$work/no/such/place"
refused 1 --socket "$work/$(printf 'x%.0s' $(seq 200))"
refused 1 --socket s --control "$work/no/such/place"
refused 1 --control c --send stats
refused 2 --control c --send stats --record r
refused 2 --socket s --record
refused 1 --socket s --record "$work/no/such/place"

for signal in TERM INT; do
	start
	"$board" --control c --send stats | grep -q '^{.*}$' || complain "no stats"
	[ "$("$board" --control c --send 'hang mac 3')" = ok ] || complain "hang is not ok"
	"$board" --control c --send 'hang on' >out && complain "'hang on' is taken"
	grep -q '^error: ' out || complain "'hang on' has no error"
	kill -$signal $pid
	ended 0
	[ ! -e s ] && [ ! -e c ] || complain "sockets are left behind"
done

for irq in msix msi intx; do
	start --irq=$irq --model=hls --memory=16
	kill -TERM $pid
	ended 0
done

# Every fault of the command line is armed, and no other; 'clear' disarms all that was armed.
start --fault hang:mac:2 --fault 'hang xfer 3' --fault hang:xfer:after:4 --fault hang:xfer:priority:5 \
	--fault wedge:mac --fault wedge:xfer --fault wedge:board --fault error:mac:6 --fault corrupt:xfer:phase:7 \
	--fault drop-interrupts:8 --fault delay-dma:9 --fault delay-slice:10 --fault heartbeat:stop \
	--fault misread:id:-1 --fault temperature:-11 --fault fatal
armed='"armed":{"hang mac":2,"hang xfer":3,"hang xfer after":4,"hang xfer priority":1,"wedge mac":1,"wedge xfer":1,'
armed+='"wedge board":1,"error mac":6,"corrupt xfer":7,"drop-interrupts":8,"delay-dma":9,"delay-slice":10,'
armed+='"heartbeat stop":1,"misread":1,"fatal":1},"temperature":-11,'
"$board" --control c --send stats >out
grep -qF "$armed" out || complain "--fault: not armed as asked: $(cat out)"
"$board" --control c --send clear >/dev/null
"$board" --control c --send stats | grep -qF '"armed":{"fatal":1},"temperature":-11,' || complain "'clear' leaves a fault armed"
kill -TERM $pid
ended 0
start --fault hang:mac
"$board" --control c --send stats | grep -q '"mac":{[^}]*"hung":1' || complain "--fault hang:mac: it does not hang"
kill -TERM $pid
ended 0
for fault in exit vanish:50; do
	timeout 60 "$board" --socket s --fault $fault
	[ $? = 4 ] || complain "--fault $fault: does not end with 4"
	rm -f s
done

start
"$board" --control c --send exit >/dev/null 2>&1
ended 4
rm -f s c
# Recordings: what board it is; what cannot be written is told in one line, at the latest when it ends.
start --record r --memory=16
kill -TERM $pid
ended 0
grep -qx 'fpr-board 1 memory=16777216 clock_khz=[1-9][0-9]* build=[0-9]* temperature=40000' r || complain "the recording begins with $(head -c 200 r)"
refused 1 --socket s --record /dev/full
grep -q '^fpr-board: /dev/full: No space left' err || complain "a full disk: $(cat err)"

start
[ "$("$board" --control c --send 'vanish 50')" = ok ] || complain "vanish is not ok"
ended 4
exit $failed
