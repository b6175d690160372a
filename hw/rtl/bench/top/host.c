/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static unsigned int bucket_of(uint64_t address)
{
	return (unsigned int)(address / HOST_PAGE % HOST_BUCKETS);
}

struct host_page *host_page(const struct host *host, uint64_t address)
{
	struct host_page *page = host->bucket[bucket_of(address)];

	while (page && page->address != address / HOST_PAGE * HOST_PAGE)
		page = page->next;
	return page;
}

int host_add(struct host *host, uint64_t address, uint64_t bytes)
{
	for (uint64_t at = address / HOST_PAGE * HOST_PAGE; at < address + bytes; at += HOST_PAGE) {
		struct host_page **bucket = &host->bucket[bucket_of(at)];
		struct host_page *page;

		if (host_page(host, at))
			continue;
		page = calloc(1, sizeof(*page));
		if (!page)
			return -1;
		memset(page->data, 0xdb, sizeof(page->data)); /* what nobody has asked for */
		page->address = at;
		page->next = *bucket;
		*bucket = page;
	}
	return 0;
}

void host_free(struct host *host)
{
	for (unsigned int i = 0; i < HOST_BUCKETS; i++) {
		while (host->bucket[i]) {
			struct host_page *page = host->bucket[i];

			host->bucket[i] = page->next;
			free(page);
		}
	}
}

void host_begin(struct host *host)
{
	for (unsigned int i = 0; i < HOST_BUCKETS; i++)
		for (struct host_page *page = host->bucket[i]; page; page = page->next)
			memset(page->flags, 0, sizeof(page->flags));
}

int host_place(struct host *host, uint64_t address, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		struct host_page *page = host_page(host, address + i);
		uint32_t at = (uint32_t)((address + i) % HOST_PAGE);

		/* What it wrote itself, this board will have written, too. */
		if (page->flags[at] & HOST_WANTED) {
			if (page->wanted[at] != data[i])
				return -1;
			continue;
		}
		if ((page->flags[at] & HOST_PLACED) && page->data[at] != data[i])
			return -1;
		page->flags[at] |= HOST_PLACED;
		page->data[at] = data[i];
	}
	return 0;
}

void host_want(struct host *host, uint64_t address, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		struct host_page *page = host_page(host, address + i);
		uint32_t at = (uint32_t)((address + i) % HOST_PAGE);

		page->flags[at] |= HOST_WANTED;
		page->wanted[at] = data[i];
	}
}

void host_spoil(struct host *host)
{
	for (unsigned int i = 0; i < HOST_BUCKETS; i++)
		for (struct host_page *page = host->bucket[i]; page; page = page->next)
			for (uint32_t at = 0; at < HOST_PAGE; at++)
				if (page->flags[at] == HOST_WANTED)
					page->data[at] = (uint8_t)~page->wanted[at];
}

static uint64_t differs_in(const struct host_page *page, uint64_t *wanted)
{
	for (uint32_t at = 0; at < HOST_PAGE; at++) {
		if (!(page->flags[at] & HOST_WANTED))
			continue;
		++*wanted;
		if (page->data[at] != page->wanted[at])
			return page->address + at;
	}
	return 0;
}

uint64_t host_differs(const struct host *host, uint64_t *wanted)
{
	for (unsigned int i = 0; i < HOST_BUCKETS; i++) {
		for (struct host_page *page = host->bucket[i]; page; page = page->next) {
			uint64_t at = differs_in(page, wanted);

			if (at)
				return at;
		}
	}
	return 0;
}
