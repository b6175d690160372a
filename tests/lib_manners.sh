#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The library keeps no state of its own, prints nothing and never ends the
# program: its objects have no writable data and call nothing that would.
set -u
failed=0
objects=("$FPR_BUILD"/obj/lib/*.o)
[ -e "${objects[0]}" ] || { echo "no objects in $FPR_BUILD/obj/lib"; exit 1; }
for object in "${objects[@]}"; do
	state=$(size -A "$object" | awk '($1 ~ /^\.(data|bss|tdata|tbss)$/) && $2 > 0 { print $1, $2 }')
	[ -z "$state" ] || { echo "${object##*/} has writable data: $state"; failed=1; }
	calls=$(nm -u "$object" | awk '{ print $2 }' | sed 's/^__//; s/_chk$//' |
		grep -xE 'v?f?printf|puts|fputs|fputc|putc|putchar|perror|std(out|err)|exit|_exit|abort|assert_fail|v?syslog')
	[ -z "$calls" ] || { echo "${object##*/} calls $calls"; failed=1; }
done
exit $failed
