/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "recording.h"

#define PAGE 4096
#define LINE_MAX_BYTES (4u << 20)

/* ---- lines -------------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_data(struct recorded *event, const char *text)
{
	event->data = malloc(event->bytes ? event->bytes : 1);
	if (!event->data)
		return -1;
	for (uint32_t i = 0; i < event->bytes; i++, text += 2) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			return -1;
		event->data[i] = (uint8_t)(high << 4 | low);
	}
	return *text == '\n' ? 0 : -1;
}

static int parse_event(struct recorded *event, const char *line)
{
	int end = 0;

	event->what = line[0];
	switch (line[0]) {
	case 'x':
		return 0;
	case 'm':
	case 'l':
		return sscanf(line + 1, "%" SCNx64, &event->at) == 1 ? 0 : -1;
	case 'r':
	case 'w':
		return sscanf(line + 1, "%" SCNx64 " %" SCNx32, &event->at, &event->value) == 2
			       ? 0
			       : -1;
	case 'f':
		return sscanf(line + 1, "%" SCNx64 " %" SCNx32, &event->at, &event->bytes) == 2
			       ? 0
			       : -1;
	case 'R':
	case 'W':
	case 'i':
	case 'o':
		if (sscanf(line + 1, "%" SCNx64 " %" SCNx32 " %n", &event->at, &event->bytes,
			   &end) != 2)
			return -1;
		return parse_data(event, line + 1 + end);
	default:
		return -1;
	}
}

/* ---- the whole ---------------------------------------------------------- */

/* Board memory is written word by word, and a bus would be busy for long with that. */
static int join(struct recorded *last, struct recorded *event)
{
	uint8_t *data;

	if (last->what != 'W' || event->what != 'W' || last->at + last->bytes != event->at ||
	    last->at / PAGE != event->at / PAGE)
		return 0;
	data = realloc(last->data, last->bytes + event->bytes);
	if (!data)
		return 0;
	memcpy(data + last->bytes, event->data, event->bytes);
	last->data = data;
	last->bytes += event->bytes;
	free(event->data);
	return 1;
}

static int append(struct recording *recording, const char *line, unsigned int number)
{
	struct recorded event = {.line = number};
	struct recorded *more;

	if (recording->events == recording->room) {
		recording->room = recording->room ? 2 * recording->room : 1024;
		more = realloc(recording->event, recording->room * sizeof(*more));
		if (!more)
			return -1;
		recording->event = more;
	}
	if (parse_event(&event, line)) {
		free(event.data);
		return -1;
	}
	if (!recording->events || !join(&recording->event[recording->events - 1], &event))
		recording->event[recording->events++] = event;
	return 0;
}

static int parse_first(struct recording *recording, const char *line)
{
	return sscanf(line,
		      "fpr-board 1 memory=%" SCNu64 " clock_khz=%" SCNu32 " build=%" SCNu32
		      " temperature=%" SCNd32,
		      &recording->memory, &recording->clock_khz, &recording->build,
		      &recording->temperature) == 4
		       ? 0
		       : -1;
}

static int load(gzFile file, char *line, struct recording *recording)
{
	unsigned int number = 0;

	while (gzgets(file, line, LINE_MAX_BYTES)) {
		number++;
		if (line[0] == '#')
			continue;
		if (number == 1 ? parse_first(recording, line) : append(recording, line, number))
			return (int)number;
	}
	return number ? 0 : -1;
}

int recording_load(const char *path, struct recording *recording)
{
	gzFile file = gzopen(path, "rb");
	char *line = malloc(LINE_MAX_BYTES);
	int ret = -1;

	memset(recording, 0, sizeof(*recording));
	if (file && line)
		ret = load(file, line, recording);
	free(line);
	if (file)
		gzclose(file);
	return ret;
}

void recording_free(struct recording *recording)
{
	for (size_t i = 0; i < recording->events; i++)
		free(recording->event[i].data);
	free(recording->event);
	memset(recording, 0, sizeof(*recording));
}
