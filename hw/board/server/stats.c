/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "device.h"

struct line {
	char *text;
	size_t room, at;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	size_t left = line->room - line->at;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(line->text + line->at, left, format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < left)
		line->at += (size_t)n;
}

static void add_number(struct line *line, const char *name, uint64_t value)
{
	add(line, "\"%s\":%" PRIu64 ",", name, value);
}

static void add_shell(struct line *line, const struct fpr_shell_stats *s)
{
	const struct {
		const char *name;
		const uint64_t *value;
	} fields[] = {
		{"interrupts", &s->interrupts},
		{"interrupts_dropped", &s->interrupts_dropped},
		{"doorbells", &s->doorbells},
		{"register_reads", &s->register_reads},
		{"register_writes", &s->register_writes},
		{"descriptors", &s->descriptors},
		{"completions", &s->completions},
		{"errors", &s->errors},
		{"dma_read_bytes", &s->dma_read_bytes},
		{"dma_write_bytes", &s->dma_write_bytes},
		{"dma_faults", &s->dma_faults},
		{"engine_resets", &s->engine_resets},
		{"full_resets", &s->full_resets},
		{"faults_injected", &s->faults_injected},
		{"rounds", &s->rounds},
		{"round_ns", &s->round_ns},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		add_number(line, fields[i].name,
			   __atomic_load_n(fields[i].value, __ATOMIC_RELAXED));
}

static void add_engine(struct line *line, const char *name, const struct fpr_core_engine *e,
		       uint64_t progress)
{
	add(line, "\"%s\":{", name);
	add_number(line, "jobs", e->jobs);
	add_number(line, "progress", progress);
	add_number(line, "under_way", e->ring.taken);
	add_number(line, "hung", e->hung);
	add_number(line, "error", e->error);
	line->at -= line->text[line->at - 1] == ',';
	add(line, "},");
}

static void add_vfu(struct line *line, const struct vfu_stats *s)
{
	add_number(line, "messages", s->messages);
	add_number(line, "config_accesses", s->config_accesses);
	add_number(line, "bar_reads", s->reads);
	add_number(line, "bar_writes", s->writes);
	add_number(line, "posted_writes", s->posted_writes);
	add_number(line, "dma_maps", s->maps);
	add_number(line, "dma_unmaps", s->unmaps);
	add_number(line, "dma_messages", s->asked);
	add_number(line, "interrupts_delivered", s->interrupts);
	add_number(line, "bus_resets", s->resets);
}

/* By the words of the commands that armed them: a count, a duration, or 1. */
static void add_armed(struct line *line, const struct fpr_shell *shell)
{
	const struct fpr_shell_faults *f = &shell->faults;
	const struct fpr_engine_faults *mac = &f->engine[FPR_ENGINE_MAC];
	const struct fpr_engine_faults *xfer = &f->engine[FPR_ENGINE_XFER];
	const struct {
		const char *name;
		uint64_t value;
	} armed[] = {
		{"hang mac", mac->hang_in},
		{"hang xfer", xfer->hang_in},
		{"hang xfer after", __atomic_load_n(&shell->hang_after, __ATOMIC_RELAXED)},
		{"hang xfer priority", f->deadly != 0},
		{"wedge mac", mac->wedged},
		{"wedge xfer", xfer->wedged},
		{"wedge board", f->wedged},
		{"error mac", mac->error_in},
		{"error xfer", xfer->error_in},
		{"corrupt mac", mac->corrupt_in},
		{"corrupt xfer", xfer->corrupt_in},
		{"drop-interrupts", f->drop_interrupts},
		{"delay-dma", __atomic_load_n(&shell->delay_ms, __ATOMIC_RELAXED)},
		{"delay-slice", __atomic_load_n(&shell->slice_delay_ms, __ATOMIC_RELAXED)},
		{"heartbeat stop", f->no_heartbeat},
		{"misread", f->misread},
		{"fatal", shell->core->fatal},
	};

	add(line, "\"armed\":{");
	for (size_t i = 0; i < sizeof(armed) / sizeof(armed[0]); i++)
		if (armed[i].value)
			add_number(line, armed[i].name, armed[i].value);
	line->at -= line->text[line->at - 1] == ',';
	add(line, "},");
}

void fpr_stats_json(struct fpr_device *device, char *text, size_t room)
{
	struct fpr_shell *shell = &device->shell;
	struct line line = {text, room - 2, 0};
	struct vfu_stats vfu;

	text[0] = 0;
	vfu_stats(device->vfu, &vfu);
	pthread_mutex_lock(&device->lock);
	add(&line, "{");
	add_shell(&line, &shell->stats);
	add_engine(&line, "mac", &shell->core->engine[FPR_ENGINE_MAC],
		   __atomic_load_n(&shell->watch.tiles, __ATOMIC_RELAXED));
	add_engine(&line, "xfer", &shell->core->engine[FPR_ENGINE_XFER],
		   shell->core->engine[FPR_ENGINE_XFER].moved);
	add_armed(&line, shell);
	add(&line, "\"temperature\":%d,", (int32_t)shell->config.temperature);
	pthread_mutex_unlock(&device->lock);
	add_vfu(&line, &vfu);
	line.at -= line.text[line.at - 1] == ',';
	text[line.at] = '}';
	text[line.at + 1] = 0;
}
