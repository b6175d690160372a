#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprnet: what its commands print and how they end; times that can be worked out by hand; the bars
# of `validate` and `limit`.
# shellcheck disable=SC2034,SC2154 # what goes to and comes from command.sh
set -u
fprnet=$FPR_BUILD/bin/fprnet
# m(i, mode) is a mode at a point.
program=$fprnet silent=2 definitions='
def m(point, mode):
    return r["points"][point]["modes"][mode]
def near(a, b):
    return abs(a / b - 1) < 1e-6'
# shellcheck source=tests/common/command.sh
. tests/common/command.sh

# ---- the program -----------------------------------------------------------

ends 0 0
cp "$dir/out" "$dir/help"
ends 0 0 --help
cmp -s "$dir/help" "$dir/out" || complain "no command is not --help"
ends 0 0 --version
grep -q '^fprnet [0-9]*\.[0-9]*\.[0-9]*$' "$dir/out" || complain "odd version: $(cat "$dir/out")"
ends 2 1 nonsense
says "no command 'nonsense'"
page=tools/fprnet/fprnet.1
synopsis() { # command: the options of its synopsis
	awk -v command="$1" '/^\.Nm/ { inside = 0 } /^\.Sh DESCRIPTION/ { exit }
		/Cm / { inside = $0 ~ ("Cm " command "$") } inside { print }' $page |
		sed -n 's/.*Fl \([^ ]*\).*/-\1/p' | sort
}
commands=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' "$dir/help")
[ "$commands" = "$(sed -n 's/^\.Ss //p' $page)" ] || complain "commands and page differ: $commands"
for command in $commands; do
	ends 0 0 "$command" --help
	says "usage: fprnet $command"
	options=$(sed -n 's/^  \(-[^ ]*\).*/\1/p' "$dir/out" | grep -vx -- --help | sort)
	[ "$options" = "$(synopsis "$command")" ] || complain "$command's options and page differ: $options"
	ends 2 1 "$command" --nonsense
	says "unknown option '--nonsense'; see fprnet $command --help"
done
for code in 0 1 2 3; do
	grep -q "^\.It $code$" $page || complain "exit code $code is not described"
	grep -q "= $code,.*" tools/fprnet/fprnet.h || complain "exit code $code is not defined"
done
for list in '' x 0 '1,' 5:1 1:9:0 1:2:3:4 1:nan 99999 1:300; do
	ends 2 1 simulate --bandwidth "$list"
done
says 'is more than 256 numbers'
for list in '' x 'best,' best,x; do
	ends 2 1 simulate --mode "$list"
done
ends 2 1 simulate --nodes 0
ends 2 1 simulate --steps 0
ends 2 1 limit --every 0
ends 2 1 ablate --every 0
ends 2 1 ablate --nodes 1
ends 2 1 ablate --nodes 4,4.5
ends 2 1 simulate --nodes 10001
says "--nodes: '10001' is not a number from 1 to 10000"
ends 2 1 simulate --model nonsense
ends 2 1 replay --nodes 65
says "--nodes: '65' is not a number from 1 to 64"
ends 2 1 replay --nodes 0
says "--nodes: '0' is not a number from 1 to 64"
ends 2 1 replay --repeats 0
ends 2 1 replay --scale 0
ends 2 1 replay --scale 1,2
ends 2 1 replay --bandwidth -1
ends 2 1 replay --model nonsense
ends 2 1 simulate --model "$dir/none"

# ---- model files -----------------------------------------------------------

model() { # text lines...
	printf '%s\n' "$@" >"$dir/a.model"
}
for text in 'layer a 1' 'layer a 1 x' 'layer a -1 1' 'tensor t 5' 'batch 0' 'step 0' 'step nan' \
	'step 1e30' 'range 2 1' 'range 0.2 0.7' 'range 1 1000' 'range 1 1e300' 'nonsense 1' 'name a b' 'layer a 99999999999999999999 1' \
	"name $(printf '%0100d' 0)" "# $(printf '%0600d' 0)"; do
	model "$text"
	ends 2 1 simulate --model "$dir/a.model"
	says "a.model:1: "
done
model 'step 1' 'layer a 1 1' 'tensor t 0'
ends 2 1 simulate --model "$dir/a.model"
says "a.model:3: "
model 'step 1' 'layer a 1 1'
ends 2 1 simulate --model "$dir/a.model"
model 'layer a 1 1' 'tensor t 5'
ends 2 1 simulate --model "$dir/a.model"
model 'step 1' 'layer a 0 0' 'tensor t 5'
ends 2 1 simulate --model "$dir/a.model"

# ---- by hand ---------------------------------------------------------------

# One tensor of one slice, on server 0, two nodes. Node 1 computes, pushes, waits for the sum of two
# (its own part of it, the update and two messages) and for the reply.
model 'step 0.1' 'batch 10' 'layer a 7 0 # comment' 'tensor t 30000'
ends 0 0 simulate --model "$dir/a.model" --nodes 2 --bandwidth 1 --constants reference --json --steps 20
hand='(lambda tx: 0.1 + 2 * (tx + 50e-6) + 35e-6 + 120e3 / 4e9 + 120e3 / 2e9 + 70e-6)((120e3 + 64) * 8 / 0.97e9)'
for mode in slice p3 best; do
	json "near(m(0, '$mode')['step_seconds'], $hand)"
done
# In fifo a notice and a request go between sum and reply, and the server reads the request.
json "near(m(0, 'fifo')['step_seconds'], $hand + 2 * (64 * 8 / 0.97e9 + 50e-6) + 35e-6)"
json "round(m(0, 'fifo')['messages']) == 2 and round(m(0, 'best')['messages']) == 1"
json "near(m(0, 'best')['rate'], 10 / m(0, 'best')['step_seconds'])"
json "near(m(0, 'p3')['ratio_to_fifo'], m(0, 'p3')['rate'] / m(0, 'fifo')['rate'])"
# The bound: computing, and half a model each way over each link.
json 'near(10 / r["points"][0]["bound_rate"], 0.1 + 120e3 * 8 / 0.97e9 + 50e-6)'
json "near(m(0, 'best')['of_bound'], m(0, 'best')['rate'] / r['points'][0]['bound_rate'])"

# Whatever the order and however often modes are asked for, all are compared with fifo.
ends 0 0 simulate --model "$dir/a.model" --bandwidth 1 --mode best,fifo,best --json
json "list(r['points'][0]['modes']) == ['fifo', 'best'] and m(0, 'best')['ratio_to_fifo'] > 0"

# Alone nothing is sent, and no mode costs anything.
ends 0 0 simulate --model vgg19 --nodes 1 --bandwidth 1 --constants reference --json --steps 20
json 'all(m(0, x)["messages"] == 0 and m(0, x)["step_seconds"] > 0.577 for x in r["points"][0]["modes"])'
json "m(0, 'best')['ratio_to_fifo'] > 0.98"
# As deep as can be thought of: nothing is done for each pair of layers.
{ echo 'step 1' && seq 100000 | sed 's/.*/layer l& 1000 10\ntensor t& 10/'; } >"$dir/a.model"
ends 0 0 simulate --model "$dir/a.model" --nodes 1 --bandwidth 1 --mode best --steps 1 --json
json "0.999 < m(0, 'best')['of_bound'] <= 1"
# Two layers: what is needed first overtakes.
model 'step 0.03' 'layer a 1 0' 'tensor t 2000000' 'layer b 1 0' 'tensor u 20000000'
ends 0 0 simulate --model "$dir/a.model" --bandwidth 10 --json
json "m(0, 'best')['rate'] >= m(0, 'p3')['rate'] * 0.999 and m(0, 'p3')['rate'] > 1.03 * m(0, 'slice')['rate']"

# ---- simulations -----------------------------------------------------------

ends 0 0 simulate --bandwidth 4,40 --json
cp "$dir/out" "$dir/first"
ends 0 0 simulate --bandwidth 4,40 --json
cmp -s "$dir/first" "$dir/out" || complain "two equal runs differ"
json 'all(x["of_bound"] <= 1 for p in r["points"] for x in p["modes"].values())'
# With nothing to hide behind, and with tuning: never slower than the baseline.
ends 0 0 simulate --bandwidth 1000 --mode fifo,best --tune --json
json "m(0, 'best')['ratio_to_fifo'] > 0.98 and m(0, 'best')['slice_bytes'] == 1 << 20"
ends 0 0 simulate --nodes 200 --bandwidth 5 --mode best --steps 1 --json
json "0.5 < m(0, 'best')['of_bound'] <= 1"
# Many: two slices, each sent and received by all but its server, whose link is busiest.
model 'step 0.1' 'layer a 7 0' 'tensor t 30000' 'layer b 1 0' 'tensor u 30000'
ends 0 0 simulate --model "$dir/a.model" --nodes 3000 --bandwidth 1 --mode best --steps 1 --constants reference --json
json "abs(m(0, 'best')['messages'] - 2 * 2 * 2999 / 3000) < 1e-3"
json "1 < m(0, 'best')['step_seconds'] / (0.1 + 2999 * (120e3 + 64) * 8 / 0.97e9) < 1.5"
ends 0 0 simulate --bandwidth 2,4 --mode fifo,p3 --plot "$dir/a.png"
[ "$(head -c 4 "$dir/a.png" | tail -c 3)" = PNG ] || complain "--plot: no PNG"
ends 1 1 simulate --bandwidth 2 --mode fifo --plot "$dir/none/a.png"
# The name says the format, and the Python is Debian's, whatever is first in PATH.
ends 2 1 simulate --bandwidth 2 --mode fifo --plot "$dir/a.docx"
says 'the name must end in one of '
[ ! -e "$dir/a.docx" ] || complain "--plot: a.docx is there"
mkdir "$dir/other" && printf '#!/bin/sh\nexit 1\n' >"$dir/other/python3" && chmod +x "$dir/other/python3"
(unset PYTHON; PATH=$dir/other:$PATH; ends 0 0 simulate --bandwidth 2 --mode fifo --plot "$dir/a.svg"; exit $failed) || failed=1
grep -q '<svg' "$dir/a.svg" || complain "--plot: no SVG"
(export PYTHON=$dir/none; ends 1 1 simulate --bandwidth 2 --mode fifo --plot "$dir/a.svg"; exit $failed) || failed=1
says "--plot needs Python, $dir/none: No such file or directory"

# ---- simulations that fail -------------------------------------------------

# As installed, with models of its own, one too large for the memory that there is.
mkdir -p "$dir/bin" "$dir/share/fprnet/models"
cp "$fprnet" "$dir/bin"
printf '%s\n' '#!/bin/sh' 'ulimit -v 100000' "exec $dir/bin/fprnet \"\$@\"" >"$dir/small"
chmod +x "$dir/small"
for name in resnet50 inceptionv3 vgg19 sockeye; do
	printf '%s\n' 'step 0.1' 'layer a 7 0' 'tensor t 30000' >"$dir/share/fprnet/models/$name.model"
done
printf '%s\n' 'step 0.1' 'layer a 7 0' 'tensor t 200000000000' >"$dir/share/fprnet/models/sockeye.model"
program=$dir/small
for command in limit validate ablate; do
	ends 1 1 "$command" --json
	[ ! -s "$dir/out" ] || complain "$command: a report of what failed"
	ends 1 1 "$command"
done
cp "$dir/share/fprnet/models/sockeye.model" "$dir/share/fprnet/models/resnet50.model"
ends 1 1 fit
[ ! -s "$dir/out" ] || complain "fit: constants of what failed"
program=$fprnet
ends 1 1 simulate --model "$dir/share/fprnet/models/sockeye.model" --mode fifo --json
says 'fifo at 1 Gbps: a slice would be above 1073741824 bytes'

# ---- the bars --------------------------------------------------------------

ends 0 0 validate --json
json 'r["ok"] and all(x["ok"] for x in r["held_out"].values())'
json 'sum(not p["fitted"] for x in r["models"] if x["gated"] for p in x["points"]) == 10'
ends 0 0 limit --every 4
says 'ok'
ends 0 0 limit --every 100 --json
json 'len(r["networks"]) == 8 and all(x["best"]["of_bound"] > 0.9 for x in r["networks"])'
ends 0 0 ablate --nodes 2 --every 100 --json
json 'all(x["nodes"] == 2 and 0 < x["ResNet-50"]["least"] <= x["ResNet-50"]["mean"] for x in r["rows"])'
json '{"step-order", "tuned", "aside"} < {x["without"] for x in r["rows"]}'
exit $failed
