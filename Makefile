# SPDX-License-Identifier: MIT
#
# make          build everything with gcc into build/ and with clang into build/clang/
# make demo     install what is missing, build, train a small CNN on the local board, then run
#               some of its steps again behind the driver, in a virtual host
# make check    install what is missing, build, run the whole test suite
# make check-debug-kernel
#               the driver's tests on a kernel with KASAN, lockdep, kmemleak, fault injection;
#               builds that first, once
# make fast     build with gcc, run the C tests
# make driver   the kernel module, for the running kernel or KDIR=...
# make programs, one
#               with gcc only what is installed (a minute), or all that is built with it
# make install, uninstall
#               everything, under DESTDIR and PREFIX (/usr/local); below a PREFIX that is not the
#               system's, such as ~/fpr, all that needs no root: tools/install/README.md
# make install-programs, install-libraries, install-opencl, install-pages, install-python
#               parts of that
# make driver-install, driver-uninstall
#               the module's sources for DKMS and what loads it, for which there is one place
# make deb      Debian packages, in build/deb
# make bench    the engine against the HLS C and OpenBLAS
# make bench-driver
#               the kernel interface in a guest, against memcpy and the board's own round trip
# make fuzz-driver
#               a million calls to the driver from threads that know what they do, in a guest
# make guest-modules
#               the module for the guests' kernels, which tests load
# make rtl-model, rtl-bench
#               the RTL's tiles, with which model=rtl has a board compute; the RTL's benches
# make area, fmax, energy
#               what the RTL of each kind takes on an FPGA, its clock there, what changes in its gates
# make hls      synthesis checks with whatever HLS tool is installed
# make accuracy, resnet-study, text-study, sync-study
#               the studies behind the README's claims
# make workloads, explore, report
#               train networks, keep their operands; compare schedules on them
# make setup, clean, help

BUILD  ?= build
CC     := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
PYTHON ?= /usr/bin/python3
submake = $(MAKE) --no-print-directory -j$(shell nproc)
V      ?= 0
Q      := $(if $(filter 1,$(V)),,@)
say     = $(if $(filter 1,$(V)),,$(info $()  $(1)	$(2)))

# Contraction would fuse a rounding away and change bits between compilers.
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	    -Wvla -Wundef -Wcast-qual -Wwrite-strings -Werror
SANITIZE ?=
ALL_CFLAGS  = -std=gnu11 $(CFLAGS) $(WARNINGS) -fPIC -ffp-contract=off -pthread \
	      -Ihw/include -Ihw/array -Ihw/p3 -Ihw/shell -Ihw/board -Ihw/board/shell -Ihw/board/server -Ilib -Idriver/uapi \
	      -Itests $(packages_cflags) -MMD -MP \
	      $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_LDFLAGS = $(LDFLAGS) -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE))

# Programs find the library beside them, in build/ and below a PREFIX; packages need no such thing.
RPATH      ?= -Wl,-rpath,'$$ORIGIN/../lib'

packages_cflags := $(shell pkg-config --cflags libdrm libpci 2>/dev/null)
packages_libs    = $(shell pkg-config --libs libdrm libpci)

# libfprsync is built where MPI is; everything else does without.
mpi        := $(shell pkg-config --exists ompi-c 2>/dev/null && echo ompi-c)
mpi_cflags := $(if $(mpi),$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(mpi))))
mpi_libs    = $(shell pkg-config --libs $(mpi))

# The OpenCL driver is built where the loader's headers are, likewise.
opencl     := $(shell pkg-config --exists OpenCL 2>/dev/null && echo OpenCL)

# A file's name says which instructions it may use.
isa_avx2   := -mavx2 -mfma
isa_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512cd -mavx512vnni -mavx512bitalg
isa_flags   = $(if $(filter %_avx2.c,$<),$(isa_avx2))$(if $(filter %_avx512.c,$<),$(isa_avx512))

x86        := $(findstring x86_64,$(shell $(CC) -dumpmachine))
lib_src    := $(wildcard hw/array/*.c hw/p3/*.c hw/board/*.c lib/*.c lib/drm/*.c)
lib_src    := $(if $(x86),$(lib_src),$(filter-out %_avx2.c %_avx512.c,$(lib_src)))
board_src  := $(wildcard hw/shell/*.c hw/board/shell/*.c hw/board/server/*.c)
ctl_src    := $(wildcard tools/fprctl/*.c)
net_src    := $(wildcard tools/fprnet/*.c) $(addprefix tools/fprctl/,options.c program.c)
replay_src := $(wildcard tools/fprnet/rank/*.c) tools/fprctl/program.c $(addprefix tools/fprnet/,bound.c constants.c files.c lists.c model.c)
sync_src   := $(wildcard lib/sync/*.c)
group_src  := $(wildcard lib/sync/mpi/*.c)
bridge_src := $(wildcard lib/sync/board/*.c)
opencl_src := $(wildcard lib/opencl/*.c)
rank_src   := $(wildcard tests/mpi/*.c)
common_src := $(filter-out %/cl_fixture.c,$(wildcard tests/golden/*.c tests/common/*.c))
test_src   := $(wildcard tests/*.c)
objects     = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
lib_obj    := $(call objects,$(lib_src))
board_obj  := $(call objects,$(board_src) $(filter hw/%,$(lib_src)))
sync_obj   := $(call objects,$(sync_src))
group_obj  := $(call objects,$(group_src))
bridge_obj := $(call objects,$(bridge_src))
opencl_obj := $(call objects,$(opencl_src))
ranks      := $(if $(mpi),$(patsubst tests/mpi/%.c,$(BUILD)/mpi/%,$(filter-out %/rank.c,$(rank_src))))
tests      := $(patsubst tests/%.c,$(BUILD)/tests/%,$(test_src))
cl_tests   := $(filter $(BUILD)/tests/cl_%,$(tests))
guest_src  := $(wildcard tests/vm/guest/*.c)
guest_part := guest neighbour drm32 fuzz_world fuzz_calls
guests     := $(patsubst tests/vm/guest/%.c,$(BUILD)/guest/%,$(filter-out $(guest_part:%=\%/%.c),$(guest_src)))

# Does this compiler make programs with these options?
links       = $(shell echo 'int main(void) { return 0; }' | $(1) -x c -o /dev/null - 2>/dev/null && echo yes)

# As 32-bit programs, where such link; neither the other machines nor the sanitizers have them.
guests32   := $(if $(SANITIZE),,$(and $(x86),$(filter one,$(MAKECMDGOALS)),$(call links,$(CC) -m32),\
		$(addprefix $(BUILD)/guest32/,good args fuzz)))

lib_so     := $(BUILD)/lib/libfpr.so
sync_so    := $(if $(mpi),$(BUILD)/lib/libfprsync.so)
bridge_so  := $(if $(mpi),$(BUILD)/lib/libfprsync-board.so)
opencl_so  := $(if $(opencl),$(BUILD)/lib/libfpr_opencl.so)
fprctl     := $(BUILD)/bin/fprctl
fprnet     := $(BUILD)/bin/fprnet
fprnet_rank := $(if $(mpi),$(BUILD)/bin/fprnet-rank)
fpr_board  := $(BUILD)/bin/fpr-board
fprtrain    = FPR_LIBRARY=$(abspath $(lib_so)) $(PYTHON) tools/fprtrain/fprtrain

.PHONY: all one checked ranks only-read programs setup setup-building demo check check-one check-clang check-modules check-asan check-tsan check-debug-kernel driver driver-install driver-uninstall guest-modules fast bench bench-driver fuzz-driver hls accuracy resnet-study text-study sync-study clean help

all:
	$(Q)$(submake) one CC=gcc BUILD=$(BUILD)
	$(Q)$(submake) one CC=clang BUILD=$(BUILD)/clang

one: programs $(tests) $(guests) $(guests32) $(ranks)

# C tests alone, all or those that CHECKED names, for a build that nobody installs.
CHECKED ?= %
checked: $(filter $(CHECKED:%=$(BUILD)/tests/%),$(tests))
ranks: $(ranks)

programs: $(lib_so) $(sync_so) $(bridge_so) $(opencl_so) $(fprctl) $(fprnet) $(fprnet_rank) $(fpr_board)

# Hundreds of objects: a process less for each is felt.
.SECONDEXPANSION:
%/.:
	$(Q)mkdir -p $@

$(BUILD)/obj/%.o: %.c Makefile | $$(@D)/.
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(isa_flags) -c $< -o $@

# nodelete: a queue destroyed while it works leaves a thread that ends by itself.
$(lib_so): $(lib_obj) lib/libfpr.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(RPATH) -shared -Wl,-z,nodelete -Wl,-soname,libfpr.so.1 -Wl,--version-script=lib/libfpr.map \
		$(if $(SANITIZE),,-Wl,-z,defs) -o $@.1 $(lib_obj) $(packages_libs) -lz -lm
	$(Q)ln -sf $(@F).1 $@

$(patsubst %,$(BUILD)/obj/%/%.o,lib/sync/mpi lib/sync/board tests/mpi tools/fprnet/rank): ALL_CFLAGS += -Ilib/sync -Ilib/sync/board $(mpi_cflags)

# The square root's errno would keep the optimiser from being vectorised.
$(BUILD)/obj/lib/sync/mpi/update.o: ALL_CFLAGS += -O3 -fno-math-errno

$(BUILD)/lib/libfprsync.so: $(sync_obj) $(group_obj) lib/sync/libfprsync.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libfprsync.so.1 -Wl,--version-script=lib/sync/libfprsync.map \
		$(if $(SANITIZE),,-Wl,-z,defs) -o $@.1 $(sync_obj) $(group_obj) $(mpi_libs) -lm
	$(Q)ln -sf $(@F).1 $@

# The one thing that needs both libraries.
$(BUILD)/lib/libfprsync-board.so: $(bridge_obj) $(lib_so) $(BUILD)/lib/libfprsync.so lib/sync/board/libfprsync-board.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libfprsync-board.so.1 \
		-Wl,--version-script=lib/sync/board/libfprsync-board.map $(if $(SANITIZE),,-Wl,-z,defs) \
		-o $@.1 $(bridge_obj) -L$(BUILD)/lib -lfprsync -lfpr
	$(Q)ln -sf $(@F).1 $@

# Found by the OpenCL loader through the .icd; nodelete as libfpr. No name of it is taken for the
# loader's: its own calls stay inside.
$(BUILD)/lib/libfpr_opencl.so: $(opencl_obj) $(lib_so) lib/opencl/libfpr_opencl.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) $(BUILD)/vendors
	$(Q)$(CC) $(ALL_LDFLAGS) $(RPATH) -shared -Wl,-z,nodelete -Wl,-Bsymbolic -Wl,-soname,libfpr_opencl.so.1 \
		-Wl,--version-script=lib/opencl/libfpr_opencl.map $(if $(SANITIZE),,-Wl,-z,defs) \
		-o $@.1 $(opencl_obj) -L$(BUILD)/lib -lfpr
	$(Q)ln -sf $(@F).1 $@
	$(Q)echo $(abspath $@.1) >$(BUILD)/vendors/fpr.icd

# Tests that run as ranks, under mpirun.
$(BUILD)/mpi/%: $(BUILD)/obj/tests/mpi/%.o $(BUILD)/obj/tests/mpi/rank.o $(bridge_so)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib' -o $@ $(filter %.o,$^) \
		-L$(BUILD)/lib -lfprsync-board -lfprsync -lfpr $(mpi_libs) -lm

$(fprctl): $(call objects,$(ctl_src)) $(lib_so)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(RPATH) -o $@ $(filter %.o,$^) \
		-L$(BUILD)/lib -lfpr -ljson-c -lz -lm

$(fprnet): $(call objects,$(net_src)) $(sync_obj)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ljson-c -lm

$(BUILD)/bin/fprnet-rank: $(call objects,$(replay_src)) $(sync_so)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(RPATH) -o $@ $(filter %.o,$^) \
		-L$(BUILD)/lib -lfprsync $(mpi_libs) -lm

# The virtual board says which hardware source it is made of.
build_id := $(shell cat hw/include/*.h hw/array/*.[ch] hw/p3/*.[ch] hw/shell/*.[ch] hw/board/shell/*.[ch] | cksum | cut -d' ' -f1)
$(BUILD)/obj/hw/board/server/device.o: ALL_CFLAGS += -DFPR_BUILD_ID=$(build_id)u
$(BUILD)/obj/hw/board/server/device.o: $(wildcard hw/include/*.h hw/array/*.[ch] hw/p3/*.[ch] hw/shell/*.[ch] hw/board/shell/*.[ch])

$(fpr_board): $(board_obj)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(RPATH) -o $@ $^ -lm

# What tests may call, so that each links what it does; and what those of the arithmetic do.
replayer_src := $(patsubst %,hw/rtl/bench/top/%.c,host recording replay rings)
testable_src := $(replayer_src) $(common_src) $(lib_src) $(sync_src) $(filter-out %/main.c,$(board_src)) lib/opencl/clock.c tools/fprnet/stats.c
array_src    := $(common_src) $(filter hw/%,$(lib_src)) $(wildcard lib/trace*.c)
testable     := $(BUILD)/obj/testable.a
$(testable): $(call objects,$(testable_src))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $(sort $^)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(testable)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lgmp $(packages_libs) -lz -ljson-c -lm

$(BUILD)/obj/tests/shell_replay.o: ALL_CFLAGS += -Ihw/rtl/bench/top

# Applications of OpenCL, which know nothing of what lies behind the loader.
ifneq ($(opencl),)
$(cl_tests): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(call objects,$(addprefix tests/common/,cl_fixture.c stride.c) \
		$(wildcard tests/golden/*.c)) $(opencl_so)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -lOpenCL -lcmocka -lgmp -lm
else
$(cl_tests):
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\necho ocl-icd-opencl-dev is not installed\nexit 77\n' >$@ && chmod +x $@
endif

# Driver tests, which run in a guest.
$(BUILD)/guest/%: $(BUILD)/obj/tests/vm/guest/%.o $(BUILD)/obj/tests/vm/guest/guest.o \
		$(BUILD)/obj/tests/vm/guest/neighbour.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(packages_libs)

fuzz_src := tests/vm/guest/fuzz_world.c tests/vm/guest/fuzz_calls.c
$(BUILD)/guest/fuzz: $(call objects,$(fuzz_src))

$(BUILD)/obj32/%.o: %.c Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -m32 -D_FILE_OFFSET_BITS=64 -c $< -o $@

$(BUILD)/guest32/%: $(patsubst %,$(BUILD)/obj32/tests/vm/guest/%.o,guest drm32) $(BUILD)/obj32/tests/vm/guest/%.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -m32 -o $@ $^

$(BUILD)/guest32/fuzz: $(patsubst %.c,$(BUILD)/obj32/%.o,$(fuzz_src))

# Every field of every ioctl, as the UAPI has them.
args_src := driver/uapi/fpr_accel.h hw/include/fpr_gemm.h
$(BUILD)/guest/args_table.h: tests/vm/guest/make-args $(args_src)
	$(call say,MAKE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(PYTHON) $< $(args_src) >$@.new
	$(Q)mv $@.new $@

$(patsubst %,$(BUILD)/%/tests/vm/guest/args.o,obj obj32): ALL_CFLAGS += -I$(BUILD)/guest
$(patsubst %,$(BUILD)/%/tests/vm/guest/args.o,obj obj32): $(BUILD)/guest/args_table.h

$(BUILD)/bin/array-bench: $(call objects,tools/bench/array.c) $(lib_obj)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lopenblas $(packages_libs) -ljson-c -lz -lm

bench_driver := $(BUILD)/bin/driver-bench
one: $(bench_driver)
$(bench_driver): $(call objects,$(wildcard tools/bench/driver/*.c))
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(packages_libs) -ljson-c

.SECONDARY:

setup:
	$(Q)tools/setup
setup-building:
	$(Q)tools/setup --building

demo:
	$(Q)BUILD=$(BUILD) PYTHON=$(PYTHON) tools/demo

# The studies behind the README's claims; each exits 1 when its claim does not hold.
accuracy resnet-study text-study: setup
	$(Q)$(submake) programs
	$(Q)$(fprtrain) --study $(patsubst %-study,%,$@)

# mpirun refuses root, which is who owns a build machine.
sync-study: setup
	$(Q)$(submake) programs
	$(Q)OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
		FPR_SYNC_LIBRARY=$(abspath $(sync_so)) $(fprtrain) --study sync

# The suite runs on the gcc build, its C tests again under the sanitizers, those of the
# arithmetic also as clang makes them; one summary line at the end. It gets there also without
# modules or sanitizers. These are gcc's: it starts in a tenth of clang's time. What tests alone
# take is installed beside the builds.
sanitizers = $(if $(filter 1,$(FPR_CHECK_STRICT))$(call links,$(CC) -fsanitize=address),asan tsan)
check: setup-building
	$(if $(sanitizers),,@echo 'check: $(CC) links no sanitizers: not tested under them')
	$(Q)$(submake) setup $(addprefix check-,one clang modules $(sanitizers))
	$(Q)tests/run $(BUILD) '$(BUILD)/clang:array_*,p3_*' $(sanitizers:%=$(BUILD)/%:c)

# All at once, so that no processor waits for the last link of one of them; $(MAKE) in so many words, or
# they would not share jobs.
check-one:
	$(Q)$(MAKE) --no-print-directory one
check-clang:
	$(Q)$(MAKE) --no-print-directory checked only-read CC=clang BUILD=$(BUILD)/clang CHECKED='array_% p3_%' testable_src='$(array_src)'
check-modules:
	$(Q)$(MAKE) --no-print-directory guest-modules || echo 'check: no modules for guests, so tests in guests fail'
check-asan:
	$(Q)$(MAKE) --no-print-directory checked ranks BUILD=$(BUILD)/asan CFLAGS='-O1 -g1' SANITIZE=address,undefined
check-tsan:
	$(Q)$(MAKE) --no-print-directory checked BUILD=$(BUILD)/tsan CFLAGS='-O1 -g1 -Wno-tsan' SANITIZE=thread \
		CHECKED='cl_% lib_% server_%'

# What of `one` clang's build above leaves out, for its warnings; one process reads all.
read_src := $(wildcard lib/*.c lib/drm/*.c) $(sync_src) $(board_src) $(ctl_src) $(net_src) $(guest_src) $(wildcard tools/bench/driver/*.c tools/explore/*.c) \
	    $(if $(mpi),$(replay_src) $(group_src) $(bridge_src) $(rank_src)) \
	    $(if $(opencl),$(opencl_src) tests/common/cl_fixture.c $(test_src),$(filter-out tests/cl_%,$(test_src)))
only-read: $(BUILD)/guest/args_table.h
	$(call say,READ,$(words $(sort $(read_src))) files)
	$(Q)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -Ihw/rtl/bench/top -Ilib/sync -Ilib/sync/board -I$(BUILD)/guest -Itools/explore \
		$(mpi_cflags) -fsyntax-only $(sort $(read_src))

# Every vm_ test, those that take this kernel included; and sparse on the unit tests, which only this
# kernel has. These guests seldom wait, so no more of them than processors.
check-debug-kernel: setup
	$(Q)$(submake) one
	$(Q)$(submake) guest-module-debug sparse_debug='$(sparse_6.12)'
	$(Q)FPR_TEST_KERNEL=debug FPR_TEST_LIMIT=14400 FPR_TEST_JOBS=$$(nproc) tests/run '$(BUILD):vm_*.sh'

# The module, for the running kernel or KDIR.
KDIR ?= /lib/modules/$(shell uname -r)/build
driver:
	$(Q)driver/build $(KDIR) $(BUILD)/driver

# What DKMS builds the module from, and who may open its node; driver/README.md goes on from here.
version     := $(shell sed -n 's/^.define FPR_VERSION "\(.*\)"$$/\1/p' lib/fpr.h)
dkms_dir     = $(DESTDIR)/usr/src/fpr-$(version)
udev_rule    = $(DESTDIR)/usr/lib/udev/rules.d/60-fpr.rules
modules_load = $(DESTDIR)/usr/lib/modules-load.d/fpr.conf
dkms_files  := $(wildcard LICENSE-* Kbuild driver/configure driver/*.[ch] driver/uapi/*.h hw/include/*.h)
driver-install: driver-uninstall
	$(call say,INSTALL,$(dkms_dir))
	$(Q)install -d $(dkms_dir)
	$(Q)cp --parents $(dkms_files) $(dkms_dir)
	$(Q)sed 's/@VERSION@/$(version)/' driver/dkms.conf.in >$(dkms_dir)/dkms.conf
	$(call say,INSTALL,$(udev_rule))
	$(Q)install -D -m 644 driver/60-fpr.rules $(udev_rule)
	$(call say,INSTALL,$(modules_load))
	$(Q)install -D -m 644 driver/modules-load.conf $(modules_load)

driver-uninstall:
	$(Q)rm -rf $(dkms_dir) $(udev_rule) $(modules_load)

include tools/install/install.mk
include hw/rtl/rtl.mk
include tools/explore/explore.mk

# The module for the kernels that the driver tests boot, in silence under W=1 and, on the older
# one, sparse (Debian's 0.6.4 does not read the headers of 7: no typeof_unqual); kernels and QEMU
# are fetched once. A warning comes once per object: begin anew after one.
sparse_6.12 = C=2 KBUILD_CHECKSRC=2
guest-modules: guest-module-6.12 guest-module-7

guest-module-%:
	$(Q)tests/vm/get-qemu >/dev/null
	$(Q)mkdir -p $(BUILD)
	+$(Q)tests/vm/build-module $* $(BUILD) $(sparse_$*) >$(BUILD)/driver-$*.log 2>&1 || \
		{ tail -n 20 $(BUILD)/driver-$*.log; rm -rf $(BUILD)/driver-$*; exit 1; }
	$(Q)! grep -Ei '(warning|error):' $(BUILD)/driver-$*.log || { rm -rf $(BUILD)/driver-$*; exit 1; }

fast:
	$(Q)$(submake) one
	$(Q)tests/run $(BUILD):c

bench: $(BUILD)/bin/array-bench
	$(Q)OPENBLAS_NUM_THREADS=1 $(BUILD)/bin/array-bench --runs 5

bench-driver: programs $(bench_driver) guest-module-6.12
	$(Q)tests/vm/run-vm -c 2 -t 900 -d '$(BUILD)/bin/fpr-board --socket %s --control %c' -- \
		tests/vm/with-driver $(BUILD)/driver-6.12/fpr.ko $(bench_driver) $(BENCH)

# The driver by itself, then with resets and faults of the board meanwhile.
fuzz-driver: setup
	$(Q)$(submake) one guest-module-6.12
	$(Q)FPR_BUILD=$(abspath $(BUILD)) tests/vm/fuzz 1000000
	$(Q)FPR_BUILD=$(abspath $(BUILD)) tests/vm/fuzz 100000 -d

hls:
	$(Q)FPR_HLS_OUT=$(abspath $(BUILD)/hls) hw/hls/run

clean:
	rm -rf $(BUILD)

help:
	@sed -n '3,/^$$/s/^# //p' Makefile

-include $(patsubst %.o,%.d,$(lib_obj) $(call objects,$(ctl_src) $(board_src) $(net_src) $(replay_src) $(sync_src) $(group_src) $(bridge_src) $(opencl_src) tests/common/cl_fixture.c $(rank_src) $(common_src) $(test_src) $(guest_src))) \
	$(patsubst %.c,$(BUILD)/obj32/%.d,$(guest_src))
