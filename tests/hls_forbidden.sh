#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The check for forbidden constructs passes the array and refuses each construct.
set -u
check=hw/hls/forbidden
command -v gcc >/dev/null || { echo "gcc is not installed (tools/setup does it)"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

$check || { echo "the array itself is refused"; failed=1; }

# expect STATUS WHAT REASON FILE_NAME: the source is on standard input
expect() {
	local out rc
	cat >"$tmp/$4"
	out=$($check "$tmp/$4" 2>&1)
	rc=$?
	if [ $rc -ne "$1" ] || { [ "$1" -ne 0 ] && ! grep -q "$3" <<<"$out"; }; then
		echo "$2: status $rc, wanted $1 with '$3': $out"
		failed=1
	fi
	rm "$tmp/$4"
}

# refuse REASON STATEMENT: the statement alone makes a clean header bad; `refused` looks at all of them at once.
reasons=()
refuse() {
	cat >"$tmp/${#reasons[@]}.h" <<-END
		#include <stdint.h>
		#include "hls.h"
		uint32_t f(uint32_t a[4]);
		uint32_t f(uint32_t a[4])
		{
			$2
			return a[0];
		}
	END
	reasons+=("$1")
}
refused() {
	local out i
	out=$($check "$tmp"/*.h 2>&1) && { echo "status 0 in spite of ${#reasons[@]} bad headers"; failed=1; }
	for i in "${!reasons[@]}"; do
		grep -q "/$i\.h:6: .*${reasons[i]}" <<<"$out" ||
			{ echo "not refused because of '${reasons[i]}': $(sed -n 6p "$tmp/$i.h")"; failed=1; }
	done
}

expect 0 'a clean file' '' unit.c <<'END'
/* float, malloc(3), goto and 1.5 may be talked about. */
#include <stdint.h>
#include "hls.h"
#define PRODUCT(a, b) ((a) * (b)) // and *p, too
uint32_t f(uint32_t a[4], uint32_t n);
uint32_t f(uint32_t a[4], uint32_t n)
{
	uint32_t sum = 2 * a[0] * (n) * PRODUCT(a[1], a[2]);

	HLS_LOOP(ADD)
	for (uint32_t i = 0; i < 4; i++) {
		HLS_OPT(UNROLL)
		sum += i < n ? a[i] * a[i] : 0u;
	}
	return sum;
}
END

refuse 'no heap' 'free(a);'
refuse 'no floating point' 'double d = a[0]; a[0] = d;'
refuse 'no floating point' 'a[0] = a[1] * 1.5;'
refuse 'no floating point' 'a[0] = a[1] * 1e3;'
refuse 'no input or output' 'printf("%u", a[0]);'
refuse 'no assert' 'assert(a[0]);'
refuse 'write the loop' 'memcpy(a, a + 1, 4);'
refuse 'no union' 'union { uint32_t x; } u = {a[0]}; a[0] = u.x;'
refuse 'no jumps' 'goto out; out:'
refuse 'fixed-width' 'int i = 0; a[i] = 0;'
refuse 'no asm' 'asm("nop");'
refuse 'no endless' 'HLS_LOOP(X) for (;;) { }'
refuse 'no endless' 'HLS_LOOP(X) while (1) { }'
refuse 'no pointer cast' 'a[0] = ((uint16_t *)a)[1];'
refuse 'no pointer cast' 'a[0] = ((const struct s*)a)[1];'
refuse 'no function pointer' 'uint32_t (*g)(uint32_t) = 0; a[0] = g(1);'
refuse 'arrays, not pointers' 'uint32_t *p = a; a[0] = p[1];'
refuse 'arrays, not pointers' 'a[0] = *a;'
refuse 'pragmas go through' '_Pragma("HLS UNROLL")'
refuse 'interface pragmas in tops' 'HLS_IFACE(mode = m_axi port = a)'
refuse 'name the loop' 'for (uint32_t i = 0; i < 4; i++) a[i] = i;'
refused

expect 1 'a function that calls itself' 'calls itself' unit.c <<'END'
#include <stdint.h>
uint32_t f(uint32_t n);
uint32_t f(uint32_t n)
{
	return n == 0u ? 0u : f(n - 1u);
}
END
expect 1 'varargs' 'no variable arguments' unit.c <<<'void f(uint32_t n, ...);'
expect 1 'a system header' 'only stdint.h' unit.c <<<'#include <string.h>'
expect 1 'a pragma' 'pragmas go through' unit.c <<<'#pragma HLS PIPELINE'
expect 0 'interface pragmas in a top' '' unit_top.c <<'END'
#include <stdint.h>
#include "hls.h"
void f(uint32_t a[4]);
void f(uint32_t a[4])
{
	HLS_IFACE(mode = m_axi port = a)
	a[0] = 0;
}
END
expect 1 'recursion through two functions' 'recursion' unit.c <<'END'
#include <stdint.h>
uint32_t odd(uint32_t n);
uint32_t even(uint32_t n);
uint32_t odd(uint32_t n)
{
	return n == 0u ? 0u : even(n - 1u);
}
uint32_t even(uint32_t n)
{
	return n == 0u ? 1u : odd(n - 1u);
}
END

# A single line in the array's own source is found.
{ cat hw/array/tile_chunk.c; echo 'float stray;'; } >"$tmp/tile_chunk.c"
$check "$tmp/tile_chunk.c" >/dev/null && { echo "a float in the tile passes"; failed=1; }
$check "$tmp/missing.c" >/dev/null 2>&1 && { echo "a missing file passes"; failed=1; }
exit $failed
