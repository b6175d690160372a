#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A board whose tiles are the RTL (model=rtl): products given to the library end in the
# bits and counters of the HLS C, for every kind; the self-test's vectors pass; fpr-board
# starts with it; a job can be stopped; and where the RTL is not built, one line says so.
set -u
for tool in verilator g++ gcc; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
build=$(realpath "${FPR_BUILD:-build}") python=${PYTHON:-python3}
flock "$build/rtl.lock" make --no-print-directory -s rtl-model BUILD="$build" || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
complain() { echo "$*"; failed=1; }

# ---- the same bits and counters ----------------------------------------------

cat >"$dir/compare.py" <<'PY'
"""Jobs on both models: what lies in C afterwards, and the whole report."""
import json, random, struct, subprocess, sys

fprctl, directory = sys.argv[1:]
random.seed(11)


def value(wild):
    """A bfloat16: mostly near one; a wild one from anywhere, with denormals, NaN and Inf."""
    sign, fraction = random.getrandbits(1) << 15, random.getrandbits(7)
    if random.random() < wild:
        return sign | random.choice((0x0000, 0x0000 | fraction, 0x7F80, 0x7F80 | fraction,
                                     random.randrange(1, 255) << 7 | fraction, 0x0080, 0x7F7F))
    return 0 if random.random() < 0.3 else sign | random.randrange(115, 130) << 7 | fraction


def write(name, values, wide=False):
    with open(f"{directory}/{name}", "wb") as file:
        file.write(struct.pack(f"<{len(values)}{'IH'[not wide]}", *values))


def run(model, m, n, k, *options):
    device = f"local:model={model}"
    with open(f"{directory}/c0", "rb") as source, open(f"{directory}/c", "wb") as target:
        target.write(source.read())
    done = subprocess.run(
        [fprctl, "gemm", "--device", device, "--json", "-m", str(m), "-n", str(n), "-k", str(k),
         "--a", f"{directory}/a", "--b", f"{directory}/b", "--c", f"{directory}/c",
         *(f"{directory}/c" if option == "C" else option for option in options)],
        capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done
    report = json.loads(done.stdout)
    assert report.pop("device") == device
    report = {key: report[key] for key in
              ("shape", "kind", "serial", "t", "out", "cycles", "terms", "lanes", "bytes")}
    with open(f"{directory}/c", "rb") as file:
        return file.read(), report


def compare(wild, m, n, k, *options):
    wide = "bf16" not in options
    write("a", [value(wild) for _ in range(m * k)])
    write("b", [value(wild) for _ in range(k * n)])
    write("c0", [value(wild) << 16 * wide for _ in range(m * n)], wide)
    want, got = run("hls", m, n, k, *options), run("rtl", m, n, k, *options)
    assert want[1] == got[1], (options, want[1], got[1])
    assert want[0] == got[0], (options, "other bits")


for kind in "chunk", "set", "dense", "value":
    # Several panels, rows and columns that are not there, steps that wait for memory.
    compare(0, 13, 11, 1100, "--kind", kind, "--serial", "b", "--accumulate", "C")
    compare(0.02, 5, 9, 70, "--kind", kind, "--ta", "--out", "bf16", "--accumulate", "C")
    compare(0.5, 9, 3, 8, "--kind", kind, "--tb", "-T", "3")
    compare(0, 16, 8, 512, "--kind", kind, "--serial", "auto")
    compare(0, 1, 1, 1, "--kind", kind)
    compare(0, 2, 2, 0, "--kind", kind, "--accumulate", "C")
PY
"$python" "$dir/compare.py" "$build/bin/fprctl" "$dir" || complain "the models differ"
"$build/bin/fprctl" selftest --device local:model=rtl >"$dir/out" 2>&1 ||
	{ complain "the self-test fails:"; cat "$dir/out"; }

# ---- watched and stopped, tile by tile ------------------------------------------

cat >"$dir/stop.c" <<'C'
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "board.h"

#define SIDE 64
#define K 512

static uint16_t a[SIDE * K], b[SIDE * K];
static uint32_t c[2][SIDE * SIDE];
static struct fpr_board_watch watch;

static void *stop(void *arg)
{
	while (!__atomic_load_n(&watch.tiles, __ATOMIC_RELAXED))
		;
	__atomic_store_n(&watch.stop, 1, __ATOMIC_RELAXED);
	return arg;
}

int main(void)
{
	struct fpr_board_options hls = {.model = FPR_BOARD_HLS}, rtl = {.model = FPR_BOARD_RTL};
	struct fpr_gemm job = {.m = SIDE, .n = SIDE, .k = K, .kind = FPR_KIND_CHUNK, .t = 15};
	struct fpr_gemm_counters count[2] = {0};
	struct fpr_board *board[2];
	pthread_t thread;

	for (int i = 0; i < SIDE * K; i++) {
		a[i] = (uint16_t)(0x3f80 + i % 251);
		b[i] = (uint16_t)(0xbf00 + i % 509);
	}
	if (fpr_board_open(&hls, &board[0]) || fpr_board_open(&rtl, &board[1]))
		return 2;
	pthread_create(&thread, NULL, stop, NULL);
	if (fpr_board_gemm_watched(board[1], &job, a, b, c[1], NULL, &watch) != -ECANCELED ||
	    watch.tiles >= SIDE / 8 * SIDE / 8)
		return 3;
	pthread_join(thread, NULL);
	/* What was stopped leaves nothing behind. */
	watch = (struct fpr_board_watch){0};
	job.m = 16;
	if (fpr_board_gemm(board[0], &job, a, b, c[0], &count[0]) ||
	    fpr_board_gemm_watched(board[1], &job, a, b, c[1], &count[1], &watch) ||
	    watch.tiles != 16 / 8 * SIDE / 8)
		return 4;
	return memcmp(c[0], c[1], sizeof(c[0]) / 4) || memcmp(&count[0], &count[1], sizeof(count[0]));
}
C
gcc -std=gnu11 -pthread -Ihw/include -Ihw/board -o "$dir/stop" "$dir/stop.c" "$build"/obj/hw/{array,board,p3}/*.o -lm &&
	LD_LIBRARY_PATH=$build/lib "$dir/stop" || complain "a job that is stopped: $?"

# ---- as a PCI device -----------------------------------------------------------

starts() { # program: serves until it is told to end
	"$1" --socket "$dir/s" --control "$dir/c" --model=rtl --memory=16 &
	local pid=$!
	until [ -e "$dir/s" ]; do
		kill -0 $pid 2>/dev/null || break
		sleep 0.02
	done
	kill -TERM $pid 2>/dev/null
	wait $pid
}
starts "$build/bin/fpr-board" || complain "fpr-board does not serve the RTL"

# ---- not built, or of another build --------------------------------------------

says() { # exit-code text command...
	local want=$1 text=$2
	shift 2
	env -u LD_LIBRARY_PATH "$@" >"$dir/out" 2>&1
	[ $? -eq "$want" ] || complain "$1 does not exit with $want"
	[ "$(wc -l <"$dir/out")" -eq 1 ] && grep -qF "$text" "$dir/out" ||
		complain "$1 does not say '$text' in one line: $(cat "$dir/out")"
}
mkdir "$dir/bin" "$dir/lib"
cp "$build/bin/fprctl" "$build/bin/fpr-board" "$dir/bin"
cp -P "$build"/lib/libfpr.so* "$dir/lib"
says 3 "make rtl-model builds it" "$dir/bin/fprctl" selftest --device local:model=rtl
says 1 "make rtl-model builds it" "$dir/bin/fpr-board" --socket "$dir/s" --model=rtl
g++ -shared -x c++ /dev/null -o "$dir/lib/libfpr_rtl.so.1"
says 3 "found another" "$dir/bin/fprctl" selftest --device local:model=rtl
says 1 "of another build" "$dir/bin/fpr-board" --socket "$dir/s" --model=rtl
exit $failed
