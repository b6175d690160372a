# SPDX-License-Identifier: MIT
#
# The search for a schedule: make workloads, explore, report. The Makefile includes this.

explore_src   := $(filter-out %/main.c %/check.c,$(wildcard tools/explore/*.c))
explore       := $(BUILD)/bin/explore
explore_check := $(BUILD)/bin/explore-check

WORKLOADS     ?= build/workloads

.PHONY: workloads explore report

one: $(explore) $(explore_check)

$(explore): $(call objects,tools/explore/main.c $(explore_src))
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm

$(explore_check): $(call objects,tools/explore/check.c $(explore_src) $(wildcard hw/array/*.c))
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm

# Eight networks, trained; nothing is random.
workloads: setup
	$(Q)$(PYTHON) tools/explore/workloads $(WORKLOADS)

explore: $(explore)
	$(Q)$(explore) --tiles $(WORKLOADS) table

# What all of it comes to: tables in hw/README.md.
report: $(explore)
	$(Q)[ -e $(WORKLOADS)/resnet.tiles ] || $(submake) workloads
	$(Q)$(PYTHON) tools/explore/gains.py make $(explore) $(WORKLOADS) $(BUILD)/report.json

-include $(patsubst %.c,$(BUILD)/obj/%.d,$(wildcard tools/explore/*.c))
