/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "progress.h"

#define WIDTH 30

static struct {
	const char *what;
	uint64_t total, drawn_ns;
	int shown;
} bar;

/* A terminal that cannot go back in a line would collect bars. */
static int is_wanted(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

int progress_start(const char *what, uint64_t total)
{
	progress_end();
	bar.what = what;
	bar.total = is_wanted() ? total : 0;
	return bar.total != 0;
}

void progress_at(uint64_t done)
{
	const uint64_t now = bar.total ? now_ns() : 0;
	char text[WIDTH + 1];
	uint64_t full;

	if (!bar.total || now - bar.drawn_ns < PROGRESS_STEP_NS)
		return;
	if (done > bar.total)
		done = bar.total;
	full = (uint64_t)((double)done / (double)bar.total * WIDTH);
	memset(text, '.', WIDTH);
	memset(text, '#', full);
	text[WIDTH] = 0;
	fprintf(stderr, "\r%s [%s] %3d%%", bar.what, text,
		(int)((double)done / (double)bar.total * 100));
	fflush(stderr);
	bar.drawn_ns = now;
	bar.shown = 1;
}

void progress_hide(void)
{
	if (!bar.shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	bar.shown = 0;
}

void progress_end(void)
{
	progress_hide();
	bar.total = 0;
	bar.drawn_ns = 0;
}
