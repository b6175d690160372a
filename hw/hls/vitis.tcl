# Not run here: written from the vendor's documentation, no Vitis HLS was at hand.
# SPDX-License-Identifier: MIT
#
# One unit through C simulation, synthesis and co-simulation, or the whole array
# through synthesis:
#
#   vitis_hls -f vitis.tcl <root> <unit | gemm>
#
# The caller judges the log; see the gate in the script next to this one.

set root [lindex $argv end-1]
set unit [lindex $argv end]
set part xcu55c-fsvh2892-2L-e
set period 4

# The sources that a unit is linked with; the list names it first in its line.
proc parts {list unit} {
	set file [open $list]
	set found [lsearch -inline -index 0 [split [read $file] "\n"] $unit]
	close $file
	return [lrange $found 1 end]
}

set flags "-I$root/hw/include -I$root/hw/array -I$root/hw/p3 -I$root/hw/shell -I$root/hw/hls/units"

open_project -reset $unit
if {$unit eq "gemm"} {
	set_top fpr_gemm_top
	foreach f [glob $root/hw/array/*.c] {
		if {[file tail $f] ne "gemm_host.c"} {
			add_files $f -cflags $flags
		}
	}
} else {
	set_top ${unit}_top
	add_files $root/hw/hls/units/${unit}_top.c -cflags $flags
	foreach f [parts $root/hw/hls/units/list $unit] {
		add_files $root/$f -cflags $flags
	}
	add_files -tb $root/hw/hls/units/${unit}_tb.c -cflags "$flags -DTB_CALLS=50"
}
open_solution -reset -flow_target vivado solution
set_part $part
create_clock -period $period
if {$unit ne "gemm"} {
	csim_design -ldflags -lm
}
csynth_design
if {$unit ne "gemm"} {
	cosim_design -ldflags -lm
}
exit
