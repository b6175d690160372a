# never run on hardware
# SPDX-License-Identifier: MIT
#
# One block's Verilog, of the C:
#
#   vitis_hls -f hls.tcl ROOT shell|array
#
# leaves it in BLOCK/solution/syn/verilog. Its ports are those that fpr_shell_core.sv and
# fpr_array.sv connect.

set root [lindex $argv end-1]
set block [lindex $argv end]
set tops [dict create shell fpr_shell_top array fpr_gemm_top]
set top [dict get $tops $block]
set flags "-DFPR_HLS_BLOCK -I$root/hw/include -I$root/hw/array -I$root/hw/p3 -I$root/hw/shell"

# Not the host's side.
proc sources {folder} {
	set found {}
	foreach f [glob $folder/*.c] {
		if {[file tail $f] ne "gemm_host.c"} {
			lappend found $f
		}
	}
	return $found
}

open_project -reset $block
set_top $top
if {$block eq "shell"} {
	set files [concat [sources $root/hw/shell] $root/hw/array/shape.c]
} else {
	set files [sources $root/hw/array]
}
foreach f $files {
	add_files $f -cflags $flags
}
open_solution -reset -flow_target vivado solution
set_part xcu55c-fsvh2892-2L-e
create_clock -period 4
if {$block eq "shell"} {
	# Words of one port each, and what is under way is forgotten by a reset.
	set_directive_interface -mode ap_memory -storage_type rom_1p $top entry
	set_directive_interface -mode ap_memory -storage_type ram_1p $top answer
	set_directive_reset $top flow
} else {
	set_directive_interface -mode ap_memory -storage_type ram_1p $top counters
	config_interface -m_axi_addr64=1 -m_axi_max_widen_bitwidth 32
}
csynth_design
exit
