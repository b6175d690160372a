#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The card's folder, as far as that goes without the vendor's tools and without a card: every file
# says that it has never run; all ports of its modules exist and have their widths; its
# scripts are Tcl, name sources that exist and are enough, and take identity and BARs from the header;
# its pins are those of its top. What is before its BARs gets at registers and memory.
# shellcheck disable=SC2154 # build, tmp: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
need tclsh gcc
card=hw/card/u55c
complain() { echo "$*"; failed=1; }

for f in "$card"/*; do
	[[ $(head -n 1 "$f") =~ ^(//|#|'<!--')' never run on hardware'( '-->')?$ ]] || complain "$f: does not say what it is"
done

# ---- modules: the vendor's are empty ----

hw/rtl/bench/geometry >"$tmp/fpr_geometry.svh"
lint() { # TOP VENDOR
	verilator --lint-only -Wall -Wno-UNUSEDSIGNAL -Wno-PINCONNECTEMPTY --top-module "$1" -I"$tmp" -y $card \
		-y hw/rtl/top -y hw/rtl -y hw/rtl/bench/card "$2" "$card/$1.sv" >"$tmp/log" 2>&1
}
for top in fpr_card fpr_array fpr_shell_core; do
	lint $top hw/rtl/bench/card/vendor.sv || { complain "$top:"; cat "$tmp/log"; }
done
sed 's/\[2:0\] *usr_irq_req/[3:0] usr_irq_req/' hw/rtl/bench/card/vendor.sv >"$tmp/vendor.sv"
cmp -s "$tmp/vendor.sv" hw/rtl/bench/card/vendor.sv && complain "no interrupts to spoil"
lint fpr_card "$tmp/vendor.sv" && complain "nobody noticed a port of another width"

build_benches bars
"$build/rtl/bars/bench" || failed=1

# ---- scripts: commands of the vendor's write down how they are called ----

mkdir -p "$tmp"/out/{shell,array}/solution/syn/verilog
touch "$tmp"/out/{shell,array}/solution/syn/verilog/made.v
cat >"$tmp/vendor.tcl" <<'EOF'
proc exec {args} { puts "exec $args"; return 01234567 }
proc get_property {args} { return 0.1 }
proc get_ips {name} { return $name }
proc unknown {args} { puts $args }
set argv0 [lindex $argv 0]
set argv [lrange $argv 1 end]
set argc [llength $argv]
source $argv0
EOF
run() { # LOG SCRIPT ARG...
	tclsh "$tmp/vendor.tcl" "${@:2}" >"$tmp/$1" 2>&1 || { complain "$2:"; tail -n 5 "$tmp/$1"; }
}
run build "$PWD/$card/build.tcl" "$tmp/out"
files() { tr '{} ' '\n\n\n' <"$tmp/$1" | sed -n "s|^$PWD/||;/^hw.*\.\(c\|sv\|xdc\|tcl\)\$/p"; }
for f in $(files build); do
	[ -f "$f" ] || complain "build.tcl: there is no $f"
done
for f in "$card"/*.sv "$card"/pins.xdc; do
	files build | grep -qx "$f" || complain "build.tcl does not read $f"
done
grep -q '^write_bitstream' "$tmp/build" || complain "build.tcl does not reach its end"

# has PARAMETER NAME [FORMAT]: a setting of the PCIe core is what the header says of NAME
has() {
	local value
	value=$(printf '#include "fpr_regs.h"\n%s\n' "$2" | gcc -E -P -Ihw/include - | tail -n 1)
	grep -q "CONFIG.$1 $(printf "${3:-%04x}" $((value))) " "$tmp/build" || complain "build.tcl: $1 is not $2"
}
has vendor_id FPR_PCI_VENDOR
has pf0_device_id FPR_PCI_DEVICE
has pf0_subsystem_vendor_id FPR_PCI_SUBVENDOR
has pf0_subsystem_id FPR_PCI_SUBDEVICE
has pf0_class_code FPR_PCI_CLASS %06x
has pf0_bar0_size FPR_BAR_REGS_BYTES/1024 %d
has pf0_msix_cap_table_size FPR_VECTORS-1 %03X
has xdma_num_usr_irq FPR_VECTORS %d

# The C that becomes a block is all that it needs.
for block in shell array; do
	run $block "$PWD/$card/hls.tcl" "$PWD" $block
	mapfile -t sources < <(files $block)
	[ ${#sources[@]} -gt 3 ] || complain "hls.tcl: no sources of $block"
	gcc -std=gnu11 -O0 -shared -fPIC -Wl,-z,defs -DFPR_HLS_BLOCK -Ihw/include -Ihw/array -Ihw/p3 -Ihw/shell \
		"${sources[@]}" -o "$tmp/$block.so" || complain "hls.tcl: sources are missing"
done

# ---- pins ----

ports() { sed -n '/^) (/,/^);/s/^\t\(input \|output\) logic *\(\[[^]]*\]\)\? *\([a-z_]*\),\?$/\3/p' $card/fpr_card.sv; }
pins() { grep -o 'get_ports [a-z_]*' $card/pins.xdc | cut -d' ' -f2; }
[ "$(ports | wc -l)" -gt 5 ] || complain "no ports found"
for pin in $(pins); do
	ports | grep -qx "$pin" || complain "pins.xdc: fpr_card has no $pin"
done
# The PCIe core's constraints have the lanes.
for port in $(ports | grep -v '_[rt]x_[pn]$'); do
	grep -q "PACKAGE_PIN.*get_ports $port\]" $card/pins.xdc || complain "pins.xdc: no pin for $port"
done
exit $failed
