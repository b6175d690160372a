# SPDX-License-Identifier: MIT
#
# The RTL: `make rtl-bench` builds the benches, which tests/rtl_*.sh run, and `make rtl-model`
# what a board with model=rtl loads. Both link what Verilator made, so that is compiled once.
# Tests run side by side: each that makes something here holds a lock on $(BUILD)/rtl.lock.

rtl_src       := $(wildcard hw/rtl/*.sv hw/rtl/bench/*.sv) $(addprefix hw/rtl/,verilate bench/geometry bench/shared) \
		 hw/include/fpr_geometry.h
rtl_bench_src := hw/rtl/bench/build $(wildcard hw/rtl/bench/*/*.[ch]* hw/rtl/*.h) \
		 $(wildcard hw/p3/* tests/golden/* hw/array/*.[ch] hw/include/*.h hw/shell/*.[ch])
rtl_kinds     := chunk set dense value
rtl_blocks    := axi shell mover direction mac top
rtl_benches   := $(patsubst %,$(BUILD)/rtl/%/bench,$(rtl_kinds) p3 dense_chunk dense_chunk_dsp $(rtl_blocks) bars)
rtl_so        := $(BUILD)/lib/libfpr_rtl.so

.PHONY: rtl-bench rtl-model
rtl-bench: $(rtl_benches)
rtl-model: $(rtl_so)

# Only these have the board's top, or parts of it, or what is before it on a card.
$(rtl_blocks:%=$(BUILD)/rtl/%/verilated): $(wildcard hw/rtl/top/*.sv hw/rtl/bench/*/*.sv)
$(BUILD)/rtl/bars/verilated: $(wildcard hw/card/*/*.sv)

$(BUILD)/rtl/%/verilated: $(rtl_src)
	$(call say,RTL,$(@D))
	$(Q)hw/rtl/verilate $* $(@D)

# What stands in for the array in benches of what is around it.
rtl_array := $(BUILD)/rtl/array.o

$(rtl_array): $(BUILD)/rtl/value/verilated hw/rtl/bench/array hw/rtl/bench/top/array.cpp \
		$(wildcard hw/rtl/*.h hw/rtl/model/*.h hw/array/*.[ch] hw/include/*.h)
	$(call say,RTL,$@)
	$(Q)hw/rtl/bench/array $@ $(BUILD)/rtl/value/model

$(BUILD)/rtl/mac/bench $(BUILD)/rtl/top/bench: $(rtl_array)

$(BUILD)/rtl/%/bench: $(BUILD)/rtl/%/verilated $(rtl_bench_src)
	$(call say,RTL,$@)
	$(Q)hw/rtl/bench/build $* $(@D)

# The array's own loading, memory model and storing around the RTL's tiles.
rtl_c   := $(patsubst %,hw/array/%.c,gemm_host gemm_top gemm_run gemm_load bdc) hw/rtl/model/model.c
rtl_cpp := $(rtl_kinds:%=$(BUILD)/obj/hw/rtl/model/%.o)

$(rtl_cpp): $(BUILD)/obj/hw/rtl/model/%.o: hw/rtl/model/%.cpp $(BUILD)/rtl/%/verilated \
		$(wildcard hw/rtl/*.h hw/rtl/model/*.h hw/array/*.h hw/include/*.h)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -std=gnu++17 -O2 -fPIC -Wall -Wextra -Werror -Ihw/include -Ihw/array -Ihw/rtl \
		-isystem $(BUILD)/rtl/$*/model -isystem $(rtl_root) -isystem $(rtl_root)/vltstd -c $< -o $@

rtl_root = $(shell verilator --getenv VERILATOR_ROOT)/include

$(rtl_so): $(rtl_cpp) $(call objects,$(rtl_c)) hw/rtl/model/libfpr_rtl.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -shared -Wl,-Bsymbolic -Wl,-soname,libfpr_rtl.so.1 -Wl,-z,defs \
		-Wl,--version-script=hw/rtl/model/libfpr_rtl.map -o $@.1 $(filter %.o,$^) \
		$(foreach kind,$(rtl_kinds),$(BUILD)/rtl/$(kind)/model/V$(kind)__ALL.a) \
		$(patsubst %,$(BUILD)/rtl/%.o,verilated verilated_threads) -lpthread
	$(Q)ln -sf $(@F).1 $@

-include $(BUILD)/obj/hw/rtl/model/model.d

# What the RTL takes, by Yosys, how fast its PEs are, by nextpnr, and what changes in its gates
# while it multiplies recorded tiles: all go into hw/rtl/figures and hw/rtl/README.md.
.PHONY: area fmax energy
area:
	$(Q)FPR_AREA_CACHE=$(BUILD)/area hw/rtl/area

fmax:
	$(Q)hw/rtl/fmax

energy:
	$(Q)[ -e $(WORKLOADS)/resnet.tiles ] || $(submake) workloads
	$(Q)FPR_AREA_CACHE=$(BUILD)/area hw/rtl/energy $(BUILD)/energy $(WORKLOADS)
