#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprnet replay: four real ranks in namespaces, every sum right (the ranks look), every link used;
# the counters' check notices ranks that talk past the links; links are as slow as they were made;
# nothing is left behind, however a run ends.
set -u
fprnet=$FPR_BUILD/bin/fprnet
python=${PYTHON:-python3}
dir=$(mktemp -d) || exit 1
failed=0
complain() { echo "$*"; failed=1; }
trap 'rm -rf "$dir"' EXIT

cat >"$dir/a.model" <<'END'
batch 10
step 0.03
layer a 1 0
tensor a 30000
layer b 1 0
tensor b 100
tensor c 400000
END

replay() { # arguments...
	"$fprnet" replay --model "$dir/a.model" --scale 1 "$@" >"$dir/out" 2>"$dir/error"
}
holds() { # python expression over r, the first point p and its modes m
	"$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))
p = r["points"][0]
m = p["modes"]
sys.exit(not eval(sys.argv[2]))' "$dir/out" "$1" || complain "not so: $1: $(cat "$dir/out")"
}

[ -x "$FPR_BUILD/bin/fprnet-rank" ] || { echo "built without MPI (tools/setup installs it)"; exit 77; }
ip link | sed -n 's/^[0-9]*: \([^:]*\):.*/\1/p' | sort >"$dir/links"

replay --bandwidth 0.2 --mode fifo,slice,p3,p3-global,best --repeats 1 --json
code=$?
[ $code -ne 3 ] || { cat "$dir/error"; exit 77; }
if [ $code -ne 0 ]; then
	cat "$dir/out" "$dir/error"
	exit 1
fi
"$python" tests/common/schema.py "$dir/out" || complain "not as its schema: $(cat "$dir/out")"
holds 'set(m) == {"fifo", "slice", "p3", "p3-global", "best"} and r["nodes"] == 4'
holds 'all(len(x["rates"]) == 1 and x["rate"] == x["rates"][0] for x in m.values())'
# What goes along is headers, and what MPI has to say itself.
holds '1 < p["least_carried"] < 2'
# A bucket passes no more than its rate: 2.58 MB a node and step, 25 MB a second, and a burst.
holds 'all(x["rate"] < 10 / 0.09 for x in m.values())'
holds 'set(p["ratios"]) == {"best/" + x for x in m if x != "best"}'
holds 'all("ok" not in x and x["low"] <= x["median"] <= x["high"] for x in p["ratios"].values())'

# Tuned, and drawn; a picture that cannot be is refused before anything is measured.
export PYTHON=$python
replay --bandwidth 0.2 --mode fifo,best --repeats 1 --tune --plot "$dir/a.png" ||
	complain "--tune --plot: $(cat "$dir/error")"
[ "$(head -c 4 "$dir/a.png" | tail -c 3)" = PNG ] || complain "--plot: no PNG"
grep -q 'time stretched by 1; takes [0-9]* s or more$' "$dir/out" || complain "no estimate: $(cat "$dir/out")"
replay --plot "$dir/none/a.png" --repeats 1000
[ $? -eq 1 ] || complain "--plot into nowhere: exit code is not 1"
grep -q 'none/a.png: no file can be written there' "$dir/error" || complain "--plot: $(cat "$dir/error")"
# On a terminal, how far it is.
script -qec "'$fprnet' replay --model '$dir/a.model' --scale 1 --bandwidth 0 --nodes 1 --mode best --repeats 2" \
	"$dir/terminal" >/dev/null
grep -q 'run 2 of 2, about [0-9]* s left' "$dir/terminal" || complain "no progress: $(cat -v "$dir/terminal")"
# What has no memory here is refused, links that no processor fills are warned of.
sed 's/tensor c .*/tensor c 4000000000/' "$dir/a.model" >"$dir/large.model"
"$fprnet" replay --model "$dir/large.model" --nodes 64 >"$dir/out" 2>"$dir/error"
[ $? -eq 3 ] || complain "large model: exit code is not 3"
grep -q '64 ranks need about [0-9.]* GiB, this machine has ' "$dir/error" || complain "large model: $(cat "$dir/error")"
replay --nodes 2 --bandwidth 9000 --mode best --repeats 1 ||
	complain "fast links: $(cat "$dir/error")"
grep -q 'warning: 2 links of .* Gbps are more than ' "$dir/error" || complain "fast links: $(cat "$dir/error")"

# One node has nothing to send. With nine repeats there is a verdict, which the exit code is, too.
replay --nodes 1 --bandwidth 0 --mode fifo,best --repeats 9 --json
code=$?
holds 'set(p["ratios"]) == {"best/fifo"} and all(len(x["rates"]) == 9 for x in m.values())'
holds 'all(x["ok"] == (x["high"] >= 1 and x["median"] >= 0.98) for x in p["ratios"].values())'
holds "all(x['ok'] for x in p['ratios'].values()) == ($code == 0) and $code in (0, 1)"

# Where namespaces are not allowed: one line that says so.
setpriv --bounding-set=-sys_admin "$fprnet" replay --model "$dir/a.model" >"$dir/out" 2>"$dir/error"
[ $? -eq 3 ] || complain "without CAP_SYS_ADMIN: exit code is not 3"
[ "$(wc -l <"$dir/error")" -eq 1 ] && grep -q 'namespaces are not allowed here' "$dir/error" ||
	complain "without CAP_SYS_ADMIN: $(cat "$dir/error")"

# Ranks that share one node and memory: an mpirun that does not do as it is told.
mkdir "$dir/bin"
cat >"$dir/bin/mpirun" <<END
#!/bin/sh
while [ "\${1##*/}" != fprnet-rank ]; do shift; done
exec nsenter -t "\$FPRNET_node0" --net -- $(command -v mpirun) --oversubscribe --bind-to none \\
	--mca btl vader,self -n 4 "\$@"
END
chmod +x "$dir/bin/mpirun"
(PATH=$dir/bin:$PATH; replay --bandwidth 0.2 --mode best --repeats 1)
[ $? -eq 1 ] || complain "ranks talked past the links: exit code is not 1"
grep -q 'ranks do not talk over their links' "$dir/error" || complain "not noticed: $(cat "$dir/error")"

# Killed: ranks, nodes and mpirun go too.
for signal in INT KILL; do
	mark=$dir/$signal.model
	cp "$dir/a.model" "$mark"
	"$fprnet" replay --model "$mark" --scale 1 --bandwidth 0.2 --repeats 1000 >"$dir/out" 2>&1 &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		pgrep -f "fprnet-rank $mark" >/dev/null && break
		sleep 0.1
	done
	pgrep -f "fprnet-rank $mark" >/dev/null || complain "no rank after a minute: $(cat "$dir/out")"
	kill -s $signal $pid
	wait $pid
	[ $? -gt 128 ] || complain "SIG$signal: did not end by it"
	for ((i = 0; i < 600; i++)); do
		pgrep -f "$mark" >/dev/null || break
		sleep 0.1
	done
	pgrep -af "$mark" && complain "SIG$signal: these are left"
done
ip link | sed -n 's/^[0-9]*: \([^:]*\):.*/\1/p' | sort | cmp - "$dir/links" ||
	complain "links are left"
exit $failed
