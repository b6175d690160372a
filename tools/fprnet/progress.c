/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "fprnet.h"
#include "progress.h"

const char *duration(double seconds)
{
	static char text[32];

	if (seconds < 90)
		snprintf(text, sizeof(text), "%.0f s", seconds);
	else if (seconds < 90 * 60)
		snprintf(text, sizeof(text), "%.0f min", seconds / 60);
	else
		snprintf(text, sizeof(text), "%.1f h", seconds / 3600);
	return text;
}

void progress_show(const struct progress *progress)
{
	const double gone = (double)(now_ns() - progress->began_ns) / 1e9;
	double left = progress->least_s - gone;

	if (!progress->shown || progress->done == progress->all)
		return;
	/* What runs took so far knows more than what they take at least. */
	if (progress->done)
		left = gone / progress->done * (progress->all - progress->done);
	fprintf(stderr, "\r\033[Krun %d of %d, about %s left", progress->done + 1, progress->all,
		duration(left > 0 ? left : 0));
	fflush(stderr);
}

void progress_begin(struct progress *progress, int all, double least_s)
{
	*progress = (struct progress){.shown = isatty(STDERR_FILENO),
				      .all = all,
				      .began_ns = now_ns(),
				      .least_s = least_s};
	progress_show(progress);
}

void progress_next(struct progress *progress)
{
	progress->done++;
	progress_show(progress);
}

void progress_clear(const struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
