#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The explorer's cycles are the HLS C's, its schedules issue what the contract keeps, its
# command line says what is wrong, and the tables of hw/README.md are those of its figures.
set -u
bin=$FPR_BUILD/bin
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
complain() { echo "$*"; failed=1; }

"$bin/explore-check" 150 || failed=1

refuses() { # exit-code text arguments...
	local code=$1 text=$2
	shift 2
	"$bin/explore" --split "$tmp/split" "$@" >"$tmp/out" 2>"$tmp/error"
	[ $? -eq "$code" ] || complain "explore $*: not exit code $code"
	grep -qF -- "$text" "$tmp/error" || complain "explore $*: no '$text' in: $(cat "$tmp/error")"
}
printf 'tune\tone\nfinal\ttwo\n' >"$tmp/split"
refuses 1 'make workloads' --tiles "$tmp" table
refuses 2 "no schedule 'nonsense'" --tiles "$tmp" table nonsense
refuses 2 'name the schedules' --tiles "$tmp" --final table
refuses 2 usage --nonsense
for share in 'chunk luts=many' 'chunk' 'nonsense luts=1'; do
	echo "share $share" >"$tmp/areas"
	refuses 1 'a share is not' --areas "$tmp/areas" list
done
refuses 1 "No such file" --areas "$tmp/nothing" list
printf 'not tiles, but long enough' >"$tmp/one.tiles"
refuses 1 'make workloads' --tiles "$tmp" table
printf 'fpr-tiles 1\n\0\0\0\0and then rubbish' >"$tmp/one.tiles"
refuses 1 'is damaged' --tiles "$tmp" table

# One tile, 8 x 8, 16 products: ones, but that all serial values but the first of a row are others.
make_tile() { # other value's bytes
	printf 'fpr-tiles 1\n\0\0\0\0'
	printf 'layer%35s' '' | tr ' ' '\0'
	printf 'AxW\0' # stage 0, 8 rows of each, 16 products, weight 2.0
	printf '\0\0\0\0\10\0\0\0\10\0\0\0\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\100'
	for ((i = 0; i < 256; i++)); do
		if [ $i -lt 128 ] && [ $((i % 16)) -gt 0 ]; then printf '%b' "$1"; else printf '\200\77'; fi
	done
}

# A T by layer, worked out by hand: 15 times 2^-8 is more than 1/64 of the sum, 15 times 2^-11 less.
while read -r value t chunk four; do
	make_tile "$value" >"$tmp/one.tiles"
	"$bin/explore" --tiles "$tmp" --split "$tmp/split" cycles chunk-by-layer value-4-by-layer >"$tmp/out"
	for want in "cycles one/all chunk-by-layer=$chunk value-4-by-layer=$four" \
		"threshold one/AxW mean=$t.0 least=$t most=$t"; do
		grep -qxF "$want" "$tmp/out" || complain "$value: no '$want' in: $(cat "$tmp/out")"
	done
done <<-'END'
	\0200\073 8 1.0000 2.0000
	\0000\072 0 0.5000 0.5000
END

# Ones, worked out by hand: a digit a value, in a cycle or two.
make_tile '\0200\077' >"$tmp/one.tiles"
"$bin/explore" --tiles "$tmp" --split "$tmp/split" table dense chunk weight-4 weight-16 >"$tmp/out" ||
	complain "a tile of ones is refused"
for want in 'dense 1.00' 'chunk 1.00' 'weight-4 2.00' 'weight-16 0.50'; do
	got=$(awk -v name="${want% *}" '$1 == name { print $3 }' "$tmp/out")
	[ "$got" = "${want#* }" ] || complain "ones: ${want% *} takes '$got', not ${want#* }"
done

# Areas that synthesis found, of a design and of what all are compared with; others stay estimates.
printf 'pe chunk luts=1\nshare chunk flops=2 luts=1000\nshare dense_chunk luts=500\n' >"$tmp/areas"
"$bin/explore" --tiles "$tmp" --split "$tmp/split" --areas "$tmp/areas" table chunk value >"$tmp/out"
grep -q '^baseline: 500 LUTs;' "$tmp/out" || complain "no baseline out of the figures"
grep -Eq '^chunk +1000 .*\| +4.50 +0.50 ' "$tmp/out" || complain "no chunk out of the figures"
grep -Eq '^value +[0-9]+~ .*\| +4.50 +[0-9.]+~ ' "$tmp/out" || complain "no estimate beside them"

# For programs: a hand-made tile again.
"$bin/explore" --tiles "$tmp" --split "$tmp/split" cycles chunk weight-4 >"$tmp/out"
diff - <(grep -v '^lanes ' "$tmp/out") <<-'END' || complain "explore cycles"
	schedule chunk lanes=8
	schedule weight-4 lanes=4
	cycles one/all chunk=1.0000 weight-4=2.0000
	cycles one/AxW chunk=1.0000 weight-4=2.0000
END

"$PYTHON" tools/explore/gains.py check || complain "see above"
python=$(cat <<'PY'
import sys
sys.path.insert(0, "tools/explore")
import gains
base, half = ({"luts": 1000, "dsp_luts": 600, "dsps": d, "transistors": t, "cmos_flops": 100, "bits": b}
              for d, t, b in ((10, 8000, 100), (0, 4000, 200)))
half.update(luts=500, dsp_luts=500)
got = gains.speedups((half, base), 4, 2.0, 1.5)
# The card: 684 with DSPs take 410,400 LUTs, and 771.84 more are without; or 2364.48 of the other.
want = {"lanes": 8 / 4 / 2, "tiles": 2.25, "bound": 3.0, "luts": 1.0,
        "card": 2364.48 / (684 + 771.84) / 2, "cmos": (8000 + 1600 + 600) / (4000 + 1600 + 1200) / 2}
assert got.keys() == want.keys() and all(abs(got[k] - want[k]) < 1e-9 for k in want), (got, want)
PY
)
"$PYTHON" -B -c "$python" || complain "speedups by hand are others"
exit $failed
