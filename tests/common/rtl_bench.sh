# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Sourced: benches of the RTL. Of the RTL as it is: $build/rtl/NAME/bench. Of a copy that has
# mistakes, each switched on at run time: with no mistake a bench passes, with any it fails.
build=${FPR_BUILD:-build}
failed=0

need() { # TOOL...
	local tool
	for tool; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
	done
}
need verilator g++

make_rtl() { # FILE...: below $build/rtl
	flock "$build/rtl.lock" make --no-print-directory -s "${@/#/$build/rtl/}" BUILD="$build" || exit 1
}

build_benches() { # NAME...
	make_rtl "${@/%//bench}"
}

# ---- mistakes ----

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mistakes=()           # what each is
declare -A mistakes_of # bench: their numbers

# spoil BENCH,... FILE RIGHT WRONG WHAT [BEFORE]: in a file of hw/rtl, wherever the text RIGHT stands,
# or only where it does behind BEFORE
spoil() {
	local before=${6-} file=$tmp/rtl/$2 n=$((${#mistakes[@]} + 1)) bench text spoilt
	[ -d "$tmp/rtl" ] || cp -r hw/rtl "$tmp/rtl" || exit 1
	text=$(<"$file")
	spoilt=${text//"$before$3"/"$before(fpr_broken::which == $n ? ($4) : ($3))"}
	[ "$spoilt" != "$text" ] || { echo "$2: '$before$3' is not there to spoil"; exit 1; }
	echo "$spoilt" >"$file"
	mistakes+=("$5")
	for bench in ${1//,/ }; do
		mistakes_of[$bench]+=" $n"
	done
}

# build_spoilt BENCH [OPTION...]: anew, $build/rtl/broken-BENCH/bench, with options of hw/rtl/bench/build
build_spoilt() {
	mkdir -p "$build/rtl"
	rm -rf "$build/rtl/broken-$1"
	FPR_RTL_BROKEN=1 FPR_RTL=$tmp/rtl hw/rtl/bench/build "$1" "$build/rtl/broken-$1" "${@:2}" || exit 1
}

passes() { # BENCH [ARG...]: with no mistake
	"$build/rtl/broken-$1/bench" "${@:2}" || { echo "$1: fails without a mistake"; failed=1; }
}

notices() { # BENCH [ARG...]: each mistake
	local n
	for n in ${mistakes_of[$1]}; do
		FPR_MISTAKE=$n timeout 60 "$build/rtl/broken-$1/bench" "${@:2}" >"$tmp/log"
		[ $? -eq 1 ] || { echo "$1: nobody noticed: ${mistakes[n - 1]}"; failed=1; }
	done
}
