# SPDX-License-Identifier: MIT
#
# The RTL: `make rtl-bench` builds the benches, which tests/rtl_*.sh run.

rtl_src     := $(wildcard hw/rtl/*.sv hw/rtl/bench/* hw/rtl/bench/*/* hw/p3/* tests/golden/* hw/array/*.[ch] hw/include/*.h)
rtl_benches := $(patsubst %,$(BUILD)/rtl/%/bench,chunk set dense p3 dense_chunk dense_chunk_dsp)

.PHONY: rtl-bench
rtl-bench: $(rtl_benches)

# One after the other: they share Verilator's runtime.
$(BUILD)/rtl/%/bench: $(rtl_src)
	$(call say,RTL,$@)
	$(Q)flock $(BUILD) hw/rtl/bench/build $* $(@D)

# Areas by Yosys: the table of hw/rtl/README.md.
.PHONY: area
area:
	$(Q)hw/rtl/area

# The clock of a PE by nextpnr.
.PHONY: fmax
fmax:
	$(Q)hw/rtl/fmax
