#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl gemm: results of every option against integer arithmetic, cycles worked
# out by hand, and one clear line for every mistake.
set -u
fprctl=$FPR_BUILD/bin/fprctl
python=${PYTHON:-python3}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

failed=0
complain() { echo "$*"; failed=1; }

# ---- results ---------------------------------------------------------------

cat >reference.py <<'PY'
"""Small integers as files, and what the product of each option must be."""
import itertools, json, random, struct, subprocess, sys

fprctl, devices = sys.argv[1], sys.argv[2].split()
random.seed(7)


def f32(values):
    return struct.pack("<%df" % len(values), *values)


def bf16(values):
    bits = [struct.unpack("<I", struct.pack("<f", v))[0] for v in values]
    return struct.pack("<%dH" % len(bits), *[(b + 0x7FFF + (b >> 16 & 1)) >> 16 for b in bits])


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


def flat(rows):
    return [v for row in rows for v in row]


def transposed(rows, columns):
    return [[row[j] for row in rows] for j in range(columns)]


def trial(device, m, n, k, kind, serial, ta, tb, accumulate, out):
    pack = bf16 if out == "bf16" else f32
    a = [[random.randint(-7, 7) for _ in range(k)] for _ in range(m)]
    b = [[random.randint(-7, 7) for _ in range(n)] for _ in range(k)]
    c = [[random.randint(-7, 7) for _ in range(n)] for _ in range(m)]
    write("a", bf16(flat(transposed(a, k) if ta else a)))
    write("b", bf16(flat(transposed(b, n) if tb else b)))
    write("c", pack(flat(c)))
    command = [fprctl, "gemm", "--device", device, "-m", str(m), "-n", str(n), "-k", str(k),
               "--kind", kind, "--serial", serial, "--out", out, "--a", "a", "--b", "b",
               "--c", "c", "--json"]
    command += ["--ta"] * ta + ["--tb"] * tb + ["--accumulate", "c"] * accumulate
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, (command, done)
    want = [(c[i][j] if accumulate else 0) + sum(a[i][x] * b[x][j] for x in range(k))
            for i in range(m) for j in range(n)]
    with open("c", "rb") as file:
        assert file.read() == pack(want), command
    check_report(json.loads(done.stdout), locals())


def check_report(report, v):
    products = v["m"] * v["n"] * v["k"]
    assert report["device"] == v["device"]
    assert report["shape"] == {"m": v["m"], "n": v["n"], "k": v["k"], "batch": 1}
    assert report["kind"] == v["kind"] and report["out"] == v["out"]
    assert report["serial"] in ([v["serial"]] if v["serial"] != "auto" else ["a", "b"])
    assert report["t"] == (15 if v["kind"] in ("chunk", "value") else 12)
    assert report["transpose_a"] is bool(v["ta"]) and report["transpose_b"] is bool(v["tb"])
    assert report["accumulate"] is bool(v["accumulate"])
    cycles, terms = report["cycles"], report["terms"]
    assert cycles["total"] == cycles["compute"] + cycles["memory_stall"]
    assert sum(terms.values()) == 8 * products and set(terms) == {
        "issued", "skipped_zero", "skipped_oob"}
    assert sum(report["lanes"].values()) == cycles["compute"] * (256 if v["kind"] == "value" else 512)
    assert (cycles["compute"] > 0) == (products > 0)
    size = 2 if v["out"] == "bf16" else 4
    assert report["bytes"]["c_written"] == v["m"] * v["n"] * size
    assert report["bytes"]["c_read"] == v["m"] * v["n"] * size * v["accumulate"]


for device in devices:
    for kind, serial, ta, tb, accumulate, out in itertools.product(
            ("chunk", "set", "dense", "value"), ("a", "b"), (0, 1), (0, 1), (0, 1), ("f32", "bf16")):
        trial(device, 5, 3, 9, kind, serial, ta, tb, accumulate, out)
    for m, n, k in ((1, 1, 1), (8, 8, 64), (9, 17, 65), (16, 8, 130), (4, 4, 0), (0, 4, 8),
                    (4, 0, 8), (0, 0, 0)):
        trial(device, m, n, k, "chunk", "auto", 0, 1, 1, "f32")
PY
"$python" reference.py "$fprctl" "${FPR_TEST_DEVICES:-local local:model=hls}" ||
	complain "wrong results"

# ---- cycles of one tile, by hand -------------------------------------------

compute() { # arguments of gemm; prints cycles.compute
	"$fprctl" gemm -m 8 -n 8 --a a --b b --c c --json "$@" |
		"$python" -c 'import json, sys; print(json.load(sys.stdin)["cycles"]["compute"])'
}
expect() { # what expected got
	[ "$2" = "$3" ] || complain "$1: expected $2, got $3"
}
bf16() { # word count
	"$python" -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<H", int(sys.argv[1], 16)) * int(sys.argv[2]))' "$1" "$2"
}
bf16 0000 512 >a
bf16 3f80 512 >b
expect "dense, 64 products: 8 sets" 8 "$(compute -k 64 --kind dense)"
expect "set, zeros: 2 cycles per set" 16 "$(compute -k 64 --kind set)"
expect "chunk, zeros: 64 / 16 loads" 4 "$(compute -k 64 --kind chunk)"
cp b a
expect "chunk, ones: 8 values of a term in each lane" 8 "$(compute -k 64 --kind chunk)"
expect "set, ones: still the least duration" 16 "$(compute -k 64 --kind set)"
bf16 3faa 512 >a # 170 = 2^7 + 2^5 + 2^3 + 2^1
expect "chunk, four terms in each value" 32 "$(compute -k 64 --kind chunk)"
expect "value, four terms in each of 16 values" 64 "$(compute -k 64 --kind value)"
expect "set, four terms, none beyond the window of another" 32 "$(compute -k 64 --kind set)"
expect "chunk, T = 3 keeps two of the four" 16 "$(compute -k 64 --kind chunk -T 3)"
expect "chunk, serial b has one term each" 8 "$(compute -k 64 --kind chunk --serial b)"
expect "chunk, auto finds b" 8 "$(compute -k 64 --kind chunk --serial auto)"
bf16 3faa 8 >a
bf16 3f80 8 >b
expect "chunk, one product" 4 "$(compute -k 1 --kind chunk)"
: >a
: >b
expect "no products" 0 "$(compute -k 0 --kind chunk)"
expect "an empty operand may be left out" 0 "$("$fprctl" gemm -m 2 -n 2 -k 0 --c c --json |
	"$python" -c 'import json, sys; print(json.load(sys.stdin)["cycles"]["total"])')"
expect "no products: C is +0" "0 16" "$(tr -d '\0' <c | wc -c) $(stat -c %s c)"

# ---- mistakes --------------------------------------------------------------

bf16 3f80 6 >a
bf16 3f80 12 >b
refuse() { # exit-code text arguments...
	local code=$1 text=$2 out
	shift 2
	rm -f new
	out=$("$fprctl" gemm "$@" 2>error)
	expect "exit code of gemm $*" "$code" $?
	expect "lines on standard error of gemm $*" 1 "$(wc -l <error)"
	grep -qF -- "$text" error || complain "gemm $*: '$(cat error)' lacks '$text'"
	[ -z "$out" ] || complain "gemm $*: something on standard output"
	[ ! -e new ] || complain "gemm $*: a file was made"
	[ -z "$(find . -name '*.tmp')" ] || complain "gemm $*: a temporary file is left"
}
good=(-m 2 -n 4 -k 3 --a a --b b --c new)
refuse 2 "-m is missing" -n 4 -k 3 --a a --b b --c new
refuse 2 "-n is missing" -m 2 -k 3 --a a --b b --c new
refuse 2 "-k is missing" -m 2 -n 4 --a a --b b --c new
refuse 2 "--a is missing" -m 2 -n 4 -k 3 --b b --c new
refuse 2 "--b is missing" -m 2 -n 4 -k 3 --a a --c new
refuse 2 "--c is missing" -m 2 -n 4 -k 3 --a a --b b
refuse 2 "nothere: No such file" "${good[@]}" --a nothere
refuse 2 "b: expected 12 bytes, has 24" "${good[@]}" --a b
refuse 2 "a: expected 24 bytes, has 12" "${good[@]}" --b a
refuse 2 "expected 24 bytes, has 12" "${good[@]}" -k 6 --b b
refuse 2 "expected 32 bytes, has 12" "${good[@]}" --accumulate a
refuse 2 "expected 16 bytes, has 12" "${good[@]}" --accumulate a --out bf16
refuse 2 "not a regular file" "${good[@]}" --a .
refuse 2 "'fast' is none of chunk, set, dense, value" "${good[@]}" --kind fast
refuse 2 "'c' is none of a, b, auto" "${good[@]}" --serial c
refuse 2 "'f16' is none of f32, bf16" "${good[@]}" --out f16
refuse 2 "'16' is not a number from 0 to 15" "${good[@]}" -T 16
refuse 2 "'-1' is not a number" "${good[@]}" -T -1
refuse 2 "'2x' is not a number" "${good[@]}" -m 2x
refuse 2 "'' is not a number" "${good[@]}" -m ''
refuse 2 "'16777217' is not a number from 0 to 16777216" "${good[@]}" -m 16777217
refuse 2 "'99999999999999999999999' is not a number" "${good[@]}" -m 99999999999999999999999
refuse 2 "too large a product" "${good[@]}" -m 16777216 -n 16777216 -k 16777216
refuse 2 "unknown option '--fast'" "${good[@]}" --fast
refuse 2 "unknown option '-x'" "${good[@]}" -x
refuse 2 "missing value after '--kind'" "${good[@]}" --kind
refuse 2 "unexpected argument 'extra'" "${good[@]}" extra
refuse 3 "no such device 'accel7'" "${good[@]}" --device accel7
refuse 2 "unknown option or value" "${good[@]}" --device local:speed=9
refuse 2 "unknown option '-z'" -zq -m 8
refuse 2 "missing value after '-m'" -m
refuse 2 "unknown option '--ser'" "${good[@]}" --ser b
refuse 2 "unknown option '--'" "${good[@]}" --=b
refuse 2 "no value belongs to '--json'" "${good[@]}" --json=1
refuse 2 "no value belongs to '--help'" "${good[@]}" --help=1
refuse 2 "--kind: '' is none of" "${good[@]}" --kind=
# The output is tried before anything runs: the job that would fail does not.
refuse 2 "nodir/new: No such file" "${good[@]}" --c nodir/new --device local:fail=1
refuse 2 ".: Is a directory" "${good[@]}" --c . --device local:fail=1
mkfifo pipe
for option in a b accumulate; do
	refuse 2 "pipe: not a regular file" "${good[@]}" --$option pipe
done
ln -s nothere dangling
refuse 2 "dangling: a link to a file that is not there" "${good[@]}" --c dangling
[ -L dangling ] && [ ! -e nothere ] || complain "a dangling link was replaced or followed"
refuse 1 "Input/output error" "${good[@]}" --device local:fail=1

# An output that was there is left alone by an error, and replaced otherwise.
echo old >keep
"$fprctl" gemm "${good[@]}" --device local:fail=1 --c keep 2>/dev/null
expect "an old file after an error" old "$(cat keep)"
"$fprctl" gemm "${good[@]}" --c keep >text || complain "good arguments fail"
expect "size of C" 32 "$(stat -c %s keep)"
grep -q 'cycles' text || complain "nothing printed for the eye"
"$fprctl" gemm "${good[@]}" --c /dev/null >/dev/null || complain "a device as output fails"
[ -c /dev/null ] || complain "/dev/null is no longer a device"
ln -s keep link
"$fprctl" gemm "${good[@]}" --c link >/dev/null || complain "a link as output fails"
[ -L link ] || complain "a link was replaced"

# The old file's rights are kept, and no wider file is there in between.
for mode in 600 640 444 755; do
	chmod $mode keep
	"$fprctl" gemm "${good[@]}" --c keep >/dev/null || complain "mode $mode fails"
	expect "rights of an older file" $mode "$(stat -c %a keep)"
done
rm -f new
(umask 027 && "$fprctl" gemm "${good[@]}" >/dev/null) || complain "a new file fails"
expect "rights of a new file" 640 "$(stat -c %a new)"

# A report that cannot be printed is an error, and errors change nothing.
chmod 644 keep
echo old >keep
"$fprctl" gemm "${good[@]}" --c keep >/dev/full 2>error
expect "exit code when standard output is full" 1 $?
expect "the complaint" "fprctl: cannot write to standard output" "$(cat error)"
expect "an old file when standard output is full" old "$(cat keep)"
"$fprctl" gemm "${good[@]}" --c keep >&- 2>/dev/null
expect "exit code when standard output is closed" 1 $?
expect "an old file when standard output is closed" old "$(cat keep)"

# Pipes, and standard output by any name, get C itself; what is behind names it stays.
"$fprctl" gemm "${good[@]}" --c plain >report || complain "a plain file fails"
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
	"$fprctl" gemm "${good[@]}" --c $name 2>error | cat >both
	cat plain report | cmp - both || complain "$name as a pipe: $(cat error)"
	"$fprctl" gemm "${good[@]}" --c $name >both 2>error
	cat plain report | cmp - both || complain "$name as a file: $(cat error)"
done
[ -L /dev/stdout ] || complain "/dev/stdout is no longer a link"
"$fprctl" gemm "${good[@]}" --c >(cat >copy; : >copied) >both
for _ in {1..500}; do [ -e copied ] && break; sleep 0.02; done
cmp plain copy || complain "a process substitution as output fails"
cmp report both || complain "the report beside a process substitution differs"
cat pipe >copy &
"$fprctl" gemm "${good[@]}" --c pipe >/dev/null || complain "a named pipe as output fails"
wait $!
cmp plain copy || complain "a named pipe got something else"
[ -p pipe ] || complain "a named pipe was replaced"

# A signal leaves no temporary file: the job is one that takes the HLS C minutes.
head -c 4000000 /dev/zero >big
"$fprctl" gemm -m 2000 -n 2000 -k 1000 --a big --b big --c long --device local:model=hls &
job=$!
for _ in {1..500}; do [ -e "long.$job.tmp" ] && break; sleep 0.02; done
[ -e "long.$job.tmp" ] || complain "no temporary file while the job runs"
kill -TERM $job
wait $job 2>/dev/null
expect "exit code after SIGTERM" 143 $?
[ -z "$(find . -name 'long*')" ] || complain "a signal leaves a file"
exit $failed
