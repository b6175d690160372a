# SPDX-License-Identifier: MIT
#
# The RTL: `make rtl-bench` builds the benches, which tests/rtl_*.sh run.
# Tests run side by side: each that makes something here holds a lock on $(BUILD)/rtl.lock.

rtl_src       := $(wildcard hw/rtl/*.sv hw/rtl/bench/*.sv) $(addprefix hw/rtl/,verilate bench/geometry bench/shared) \
		 hw/include/fpr_geometry.h
rtl_bench_src := $(wildcard hw/rtl/bench/build hw/rtl/bench/*/*.[ch]* hw/rtl/*.h hw/p3/* tests/golden/* hw/array/*.[ch] hw/include/*.h)
rtl_kinds     := chunk set dense
rtl_benches   := $(patsubst %,$(BUILD)/rtl/%/bench,$(rtl_kinds) p3 dense_chunk dense_chunk_dsp)

.PHONY: rtl-bench
rtl-bench: $(rtl_benches)

$(BUILD)/rtl/%/verilated: $(rtl_src)
	$(call say,RTL,$(@D))
	$(Q)hw/rtl/verilate $* $(@D)

$(BUILD)/rtl/%/bench: $(BUILD)/rtl/%/verilated $(rtl_bench_src)
	$(call say,RTL,$@)
	$(Q)hw/rtl/bench/build $* $(@D)

# Areas by Yosys: the table of hw/rtl/README.md.
.PHONY: area
area:
	$(Q)hw/rtl/area

# The clock of a PE by nextpnr.
.PHONY: fmax
fmax:
	$(Q)hw/rtl/fmax
