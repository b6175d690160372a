/* SPDX-License-Identifier: MIT */
#include "sg.h"

#include "check.h"
#include "dma.h"
#include "shell.h"

void fpr_sg_start(struct fpr_sg_walk *walk, const struct fpr_ref *ref, uint32_t align)
{
	walk->table = ref->address;
	walk->unfetched = ref->sg_entries;
	walk->align = align;
	/* The offset is skipped when the first byte is asked for. */
	walk->skip = ref->sg_offset;
	walk->at = 0;
	walk->left = 0;
	walk->next = 0;
	walk->n = 0;
}

static enum fpr_status fetch(struct fpr_shell *shell, struct fpr_sg_walk *walk)
{
	uint32_t n = walk->unfetched < FPR_SG_FETCH ? walk->unfetched : FPR_SG_FETCH;

	if (!n)
		return FPR_ERR_BOUNDS; /* the list is shorter than what it should cover */
	if (fpr_dma_read(shell, walk->table, walk->fetched, n * sizeof(walk->fetched[0])))
		return FPR_ERR_DMA;
	walk->table += n * sizeof(walk->fetched[0]);
	walk->unfetched -= n;
	walk->next = 0;
	walk->n = n;
	return FPR_OK;
}

static enum fpr_status next_entry(struct fpr_shell *shell, struct fpr_sg_walk *walk)
{
	enum fpr_status status = FPR_OK;
	const struct fpr_sg *entry;

	if (walk->next == walk->n)
		status = fetch(shell, walk);
	if (status != FPR_OK)
		return status;
	entry = &walk->fetched[walk->next++];
	walk->at = entry->address;
	walk->left = entry->bytes;
	return fpr_check_sg(entry, walk->align);
}

/* Stands on a byte that exists. */
static enum fpr_status settle(struct fpr_shell *shell, struct fpr_sg_walk *walk)
{
	while (walk->skip || !walk->left) {
		uint64_t step = walk->skip < walk->left ? walk->skip : walk->left;
		enum fpr_status status;

		walk->skip -= step;
		walk->at += step;
		walk->left -= step;
		if (walk->left)
			continue;
		status = next_entry(shell, walk);
		if (status != FPR_OK)
			return status;
	}
	return FPR_OK;
}

enum fpr_status fpr_sg_run(struct fpr_shell *shell, struct fpr_sg_walk *walk, uint64_t most,
			   uint64_t *at, uint64_t *bytes)
{
	enum fpr_status status = settle(shell, walk);

	if (status != FPR_OK)
		return status;
	*at = walk->at;
	*bytes = walk->left < most ? walk->left : most;
	walk->at += *bytes;
	walk->left -= *bytes;
	return FPR_OK;
}

void fpr_sg_skip(struct fpr_sg_walk *walk, uint64_t bytes)
{
	walk->skip += bytes;
}

enum fpr_status fpr_sg_read(struct fpr_shell *shell, struct fpr_sg_walk *walk, void *to,
			    uint64_t bytes)
{
	uint8_t *p = to;

	while (bytes) {
		uint64_t at, n;
		enum fpr_status status = fpr_sg_run(shell, walk, bytes, &at, &n);

		if (status != FPR_OK)
			return status;
		if (fpr_dma_read(shell, at, p, n))
			return FPR_ERR_DMA;
		p += n;
		bytes -= n;
	}
	return FPR_OK;
}

enum fpr_status fpr_sg_write(struct fpr_shell *shell, struct fpr_sg_walk *walk, const void *from,
			     uint64_t bytes)
{
	const uint8_t *p = from;

	while (bytes) {
		uint64_t at, n;
		enum fpr_status status = fpr_sg_run(shell, walk, bytes, &at, &n);

		if (status != FPR_OK)
			return status;
		if (fpr_dma_write(shell, at, p, n))
			return FPR_ERR_DMA;
		p += n;
		bytes -= n;
	}
	return FPR_OK;
}
