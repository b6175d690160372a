# never run on hardware
# SPDX-License-Identifier: MIT
#
# Pins as in the vendor's U55C constraints. Those of the PCIe lanes follow from the
# quads, which the PCIe core's own constraints name.

# PCIe: 100 MHz from the slot, for lanes 0 to 7, at quad 227
set_property PACKAGE_PIN AL15 [get_ports pcie_refclk_p]
set_property PACKAGE_PIN AL14 [get_ports pcie_refclk_n]
create_clock -name pcie_refclk -period 10.000 [get_ports pcie_refclk_p]

set_property -dict {PACKAGE_PIN BF41 IOSTANDARD LVCMOS18 PULLUP true} [get_ports pcie_perst_n]
set_false_path -from [get_ports pcie_perst_n]

# HBM: 100 MHz of the card
set_property -dict {PACKAGE_PIN BK43 IOSTANDARD LVDS} [get_ports hbm_refclk_p]
set_property -dict {PACKAGE_PIN BK44 IOSTANDARD LVDS} [get_ports hbm_refclk_n]
create_clock -name hbm_refclk -period 10.000 [get_ports hbm_refclk_p]

# A one turns the card's power off. It must be driven, and low while nothing is configured.
set_property -dict {PACKAGE_PIN BE45 IOSTANDARD LVCMOS18 PULLDOWN true} [get_ports hbm_cattrip]
set_false_path -to [get_ports hbm_cattrip]

# Only slow things cross: that the memory is ready, and its temperature.
set_clock_groups -asynchronous -group [get_clocks -include_generated_clocks hbm_refclk]

set_property CONFIG_VOLTAGE 1.8 [current_design]
set_property CONFIG_MODE SPIx4 [current_design]
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 4 [current_design]
set_property BITSTREAM.CONFIG.SPI_32BIT_ADDR YES [current_design]
set_property BITSTREAM.CONFIG.SPI_FALL_EDGE YES [current_design]
set_property BITSTREAM.CONFIG.OVERTEMPSHUTDOWN Enable [current_design]
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]
