# SPDX-License-Identifier: MIT
#
# The search for a schedule: make workloads, explore. The Makefile includes this.

explore_src   := $(filter-out %/main.c %/check.c,$(wildcard tools/explore/*.c))
explore       := $(BUILD)/bin/explore
explore_check := $(BUILD)/bin/explore-check

WORKLOADS     ?= build/workloads

.PHONY: workloads explore

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

-include $(patsubst %.c,$(BUILD)/obj/%.d,$(wildcard tools/explore/*.c))
