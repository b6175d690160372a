# never run on hardware
# SPDX-License-Identifier: MIT
#
# The card's bitstream:
#
#   vivado -mode batch -source hw/card/u55c/build.tcl [-tclargs DIR]
#
# leaves DIR/fpr_card.bit (build/u55c), reports and checkpoints. Vitis HLS must be in the PATH.

set here [file dirname [file normalize [info script]]]
set root [file normalize $here/../../..]
set out [expr {$argc > 0 ? [file normalize [lindex $argv 0]] : "$root/build/u55c"}]
set part xcu55c-fsvh2892-2L-e
set hbm_gib 16
set memory_gib 8 ;# in BAR2; the rest is working memory

# What hardware and software agree on stands in one header. A value is without 0x.
proc header {root name} {
	set file [open $root/hw/include/fpr_regs.h]
	set text [read $file]
	close $file
	if {![regexp -line "^#define $name (?:0x)?(\[0-9a-f\]+)\\M" $text -> value]} {
		error "$name is not in fpr_regs.h"
	}
	return $value
}

# made NAME CORE VERSION {parameter value ...}: one of the vendor's cores
proc made {name core version parameters} {
	create_ip -vendor xilinx.com -library ip -name $core -version $version -module_name $name
	set settings {}
	foreach {parameter value} $parameters {
		lappend settings CONFIG.$parameter $value
	}
	set_property -dict $settings [get_ips $name]
	generate_target all [get_ips $name]
	synth_ip [get_ips $name]
}

# block DIR ROOT NAME: Verilog of one of the C's blocks
proc block {out root name} {
	cd $out
	exec vitis_hls -f $root/hw/card/u55c/hls.tcl $root $name >@stdout
	set folder $out/$name/solution/syn/verilog
	foreach script [glob -nocomplain $folder/*.tcl] {
		source $script
	}
	read_verilog [glob $folder/*.v]
	foreach data [glob -nocomplain $folder/*.dat] {
		add_files $data
	}
}

file mkdir $out
create_project -in_memory -part $part

# ---- PCIe: Gen4 x8, BARs and identity of the header, MSI-X in a BAR of its own ----

set vendor [header $root FPR_PCI_VENDOR]
set device [header $root FPR_PCI_DEVICE]
set class [header $root FPR_PCI_CLASS]
set regs_kib [expr {"0x[header $root FPR_BAR_REGS_BYTES]" / 1024}]
set vectors [header $root FPR_VECTORS]
foreach {bar want} {FPR_BAR_REGS 0 FPR_BAR_MEMORY 2 FPR_BAR_MSIX 4} {
	if {[header $root $bar] != $want} {
		error "$bar has moved"
	}
}
made fpr_xdma xdma 4.1 [list \
	functional_mode AXI_Bridge mode_selection Advanced \
	device_port_type PCI_Express_Endpoint_device \
	pcie_blk_locn PCIE4C_X1Y0 en_gt_selection true select_quad GTY_Quad_227 \
	pl_link_cap_max_link_width X8 pl_link_cap_max_link_speed 16.0_GT/s \
	ref_clk_freq 100_MHz axisten_freq 250 axi_data_width 512_bit axi_addr_width 64 \
	vendor_id $vendor pf0_device_id $device pf0_use_class_code_lookup_assistant false \
	pf0_subsystem_vendor_id [header $root FPR_PCI_SUBVENDOR] \
	pf0_subsystem_id [header $root FPR_PCI_SUBDEVICE] \
	pf0_class_code $class pf0_class_code_base [string range $class 0 1] \
	pf0_class_code_sub [string range $class 2 3] pf0_class_code_interface [string range $class 4 5] \
	pf0_bar0_enabled true pf0_bar0_64bit false pf0_bar0_scale Kilobytes pf0_bar0_size $regs_kib \
	pf0_bar1_enabled false pciebar2axibar_0 0x0000010000000000 \
	pf0_bar2_enabled true pf0_bar2_64bit true pf0_bar2_prefetchable true \
	pf0_bar2_scale Gigabytes pf0_bar2_size $memory_gib pciebar2axibar_2 0x0000000000000000 \
	pf0_bar4_enabled true pf0_bar4_64bit true pf0_bar4_scale Kilobytes pf0_bar4_size 64 \
	pciebar2axibar_4 0x0000020000000000 \
	pf0_msi_enabled false pf0_interrupt_pin INTA pf0_msix_enabled true \
	pf0_msix_impl_locn Internal pf0_msix_cap_table_size [format %03X [expr {$vectors - 1}]] \
	pf0_msix_cap_table_bir BAR_5:4 pf0_msix_cap_table_offset 00008000 \
	pf0_msix_cap_pba_bir BAR_5:4 pf0_msix_cap_pba_offset 00008FE0 bar_indicator BAR_5:4 \
	xdma_num_usr_irq $vectors xdma_axilite_slave true \
	en_axi_slave_if true axibar_num 1 axibar_0 0x0000000000000000 \
	axibar_highaddr_0 0x0000FFFFFFFFFFFF axibar2pciebar_0 0x0000000000000000 \
	c_s_axi_supports_narrow_burst false]

# ---- board memory: all of HBM through one port ----

set ports {}
for {set i 1} {$i < 32} {incr i} {
	lappend ports [format USER_SAXI_%02d $i] false
}
made fpr_hbm hbm 1.0 [concat [list \
	USER_HBM_DENSITY ${hbm_gib}GB USER_HBM_STACK 2 USER_APB_EN false USER_SAXI_00 true \
	USER_CLK_SEL_LIST0 AXI_00_ACLK USER_AXI_CLK_FREQ 250 USER_AXI_INPUT_CLK_FREQ 250 \
	USER_AXI_INPUT_CLK_NS 4.000 USER_AXI_INPUT_CLK_PS 4000 USER_AXI_INPUT_CLK_XDC 4.000] $ports]
made fpr_narrow axi_dwidth_converter 2.1 \
	{PROTOCOL AXI4 ADDR_WIDTH 64 SI_ID_WIDTH 0 SI_DATA_WIDTH 512 MI_DATA_WIDTH 256}
made fpr_short axi_protocol_converter 2.1 \
	{SI_PROTOCOL AXI4 MI_PROTOCOL AXI3 ADDR_WIDTH 64 ID_WIDTH 0 DATA_WIDTH 256 TRANSLATION_MODE 2}
made fpr_wide axi_dwidth_converter 2.1 \
	{PROTOCOL AXI4 ADDR_WIDTH 64 SI_ID_WIDTH 0 SI_DATA_WIDTH 32 MI_DATA_WIDTH 512}

# ---- the design ----

foreach name {shell array} {
	block $out $root $name
}
exec $root/hw/rtl/bench/geometry >$out/fpr_geometry.svh
read_verilog -sv [glob $root/hw/rtl/*.sv $root/hw/rtl/top/*.sv $here/*.sv]
read_xdc $here/pins.xdc

set commit [exec git -C $root rev-parse --short=8 HEAD]
set generics [list BUILD=32'h[string range $commit 0 7] \
	MEMORY=64'd[expr {$memory_gib << 30}] SCRATCH=64'd[expr {($hbm_gib - $memory_gib) << 30}]]
synth_design -top fpr_card -part $part -generic $generics -include_dirs $out -flatten_hierarchy rebuilt
write_checkpoint -force $out/synth.dcp
report_utilization -hierarchical -file $out/utilization.txt
opt_design
place_design
phys_opt_design
route_design
phys_opt_design
write_checkpoint -force $out/route.dcp
report_timing_summary -file $out/timing.txt
report_drc -file $out/drc.txt
if {[get_property SLACK [get_timing_paths]] < 0} {
	error "timing is not met, see $out/timing.txt"
}
write_bitstream -force $out/fpr_card.bit
