#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# tools/setup beside an apt-get that has not everything: it installs what there is, names what is
# missing, and fails for that alone without which nothing can be built.
set -u
bin=$TMPDIR/bin
failed=0
complain() { echo "$*"; failed=1; }

# Of the machine only this: neither its packages nor its sudo.
mkdir "$bin" || exit 1
for tool in sh sed grep tr cat dirname mktemp tail rm; do
	ln -s "$(command -v $tool)" "$bin" || exit 1
done
stub() { # name, with what it does on standard input
	{ echo '#!/bin/sh'; cat; } >"$bin/$1"
	chmod +x "$bin/$1"
}
export HAVE=$TMPDIR/have GONE='' USER_ID=0
option=
stub id <<<'echo "$USER_ID"'
stub dpkg-query <<'EOF'
printf '%s\n' "$@" | grep -xFf "$HAVE" | sed 's/^/installed /'
EOF
# All of a call's names or none, as the real one.
stub apt-get <<'EOF'
[ "$1" = install ] || exit 0
shift 3
for name; do
	case " $GONE " in *" $name "*) echo "E: Unable to locate package $name" >&2; exit 100 ;; esac
done
printf '%s\n' "$@" >>"$HAVE"
EOF
all=$(tools/setup --list)

sets_up() { # exit code, the last line's end, what is missing before; $HAVE is what is there then
	local code=$1 says=$2 got
	shift 2
	printf '%s\n' $all | grep -vxF "$(printf '%s\n' "$@")" >"$HAVE"
	PATH=$bin tools/setup $option >"$TMPDIR/out" 2>&1
	got=$?
	[ $got -eq "$code" ] || complain "GONE='$GONE' USER_ID=$USER_ID, without $*: exit code $got: $(cat "$TMPDIR/out")"
	case $(tail -n 1 "$TMPDIR/out") in
	*"$says") ;;
	*) complain "GONE='$GONE' USER_ID=$USER_ID, without $*: no '$says' in: $(cat "$TMPDIR/out")" ;;
	esac
}
there() { # names
	local name
	for name; do grep -qxF "$name" "$HAVE" || complain "GONE='$GONE': $name was not installed"; done
}

sets_up 0 '' nothing
[ ! -s "$TMPDIR/out" ] || complain "nothing to do, and it says: $(cat "$TMPDIR/out")"
sets_up 0 'installing dkms verilator' verilator dkms
there verilator dkms
option=--building
sets_up 0 'installing clang' clang verilator
grep -qxF verilator "$HAVE" && complain "verilator is not needed to build, and was installed"
option=
GONE=verilator
sets_up 0 'skipped or fails: verilator' verilator yosys gcc dkms
there yosys gcc dkms
GONE='verilator libgmp-dev'
sets_up 1 'could not be installed: libgmp-dev' verilator libgmp-dev yosys
there yosys
GONE='' USER_ID=1000
sets_up 0 'skipped or fails: yosys' yosys
sets_up 1 'could not be installed: gcc' yosys gcc
grep -q 'run setup as root' "$TMPDIR/out" || complain "it does not say what helps: $(cat "$TMPDIR/out")"
rm "$bin/dpkg-query"
sets_up 0 "$(tail -n 1 <<<"$all")" gcc
grep -q 'this is not Debian' "$TMPDIR/out" || complain "another system: $(cat "$TMPDIR/out")"
exit $failed
