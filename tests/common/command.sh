# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For tests of a command line; sourced with $program, its path, and $silent, the exit codes that
# come without output. Leaves $dir, which goes in the end, $python, and $failed to exit with.
# shellcheck disable=SC2154 # program and silent: who sources this
python=${PYTHON:-python3}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

failed=0
complain() { echo "$*"; failed=1; }
ends() { # exit-code lines-of-error arguments...; output to $dir/out
	local code=$1 lines=$2 name=${program##*/} got
	shift 2
	"$program" "$@" >"$dir/out" 2>"$dir/error"
	got=$?
	[ $got -eq "$code" ] || complain "$name $*: exit code $got, not $code: $(cat "$dir/error")"
	[ "$(wc -l <"$dir/error")" -eq "$lines" ] ||
		complain "$name $*: not $lines lines of error: $(cat "$dir/error")"
	[[ " $silent " != *" $code "* ]] || [ ! -s "$dir/out" ] || [ -n "${partial-}" ] ||
		complain "$name $*: output beside an error"
}
says() { # text
	grep -qF -- "$1" "$dir/out" "$dir/error" || complain "no '$1' in: $(cat "$dir/out" "$dir/error")"
}
json() { # python expression over r, and what $definitions has, which must hold; and r's schema, if any
	local wrong=
	[ -n "${judge_PID-}" ] || coproc judge { exec "$python" -B tests/common/judge.py; }
	printf '%s\0' "$dir/out" "${definitions-}" "$1" >&"${judge[1]}"
	IFS= read -r -d '' wrong <&"${judge[0]}" || wrong='no answer'
	[ -z "$wrong" ] || complain "not so: $1: $wrong: $(head -c 3000 "$dir/out")"
}
terminal() { # [variable=value...] command...: what it writes to a terminal, stdout too, to $dir/out
	"$python" -c 'import os, pty, sys
out = b""
def read(fd):
    global out
    data = os.read(fd, 65536)
    out += data
    return data
code = pty.spawn(sys.argv[2:], read)
open(sys.argv[1], "wb").write(out)
sys.exit(os.waitstatus_to_exitcode(code))' "$dir/out" env TERM=xterm "$@" </dev/null >/dev/null
}
