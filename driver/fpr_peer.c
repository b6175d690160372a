// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>
#include <linux/pci-p2pdma.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "fpr_compat.h"
#include "fpr_peer.h"

/*
 * Board memory for other devices, as the kernel's peer-to-peer DMA has it. Newer kernels
 * know which way the transactions take and make the addresses that lead there; older
 * ones make those that lead through the host bridge, which all drivers use.
 */

/**
 * fpr_peer_init() - let the kernel know that the aperture is offered
 * @fdev: the board, probed
 */
void fpr_peer_init(struct fpr_device *fdev)
{
#ifdef FPR_HAVE_P2P_PROVIDER
	/* Without it the board works; it is only no peer. */
	if (!pcim_p2pdma_init(fdev->pdev))
		fdev->provider = pcim_p2pdma_provider(fdev->pdev, FPR_BAR_MEMORY);
#endif
}

/**
 * fpr_peer_reachable() - can a device reach the aperture?
 * @fdev: the board
 * @client: the device
 * Return: true when the kernel says so
 */
bool fpr_peer_reachable(struct fpr_device *fdev, struct device *client)
{
#ifdef FPR_HAVE_P2P_PROVIDER
	if (!fdev->provider)
		return false;
#endif
	return pci_p2pdma_distance(fdev->pdev, client, false) >= 0;
}

#ifdef FPR_HAVE_P2P_PROVIDER
/**
 * fpr_peer_map() - part of the aperture for a peer
 * @fdev: the board
 * @attach: the peer's attachment; the buffer's reservation is locked
 * @offset: in board memory
 * @bytes: multiple of the page size
 * @direction: of the peer's accesses
 * Return: bus addresses for fpr_peer_unmap(), or an error pointer
 */
struct sg_table *fpr_peer_map(struct fpr_device *fdev, struct dma_buf_attachment *attach,
			      u64 offset, u64 bytes, enum dma_data_direction direction)
{
	struct phys_vec range = { .paddr = fdev->aperture_phys + offset, .len = bytes };

	return dma_buf_phys_vec_to_sgt(attach, fdev->provider, &range, 1, bytes, direction);
}

/**
 * fpr_peer_unmap() - undo fpr_peer_map()
 * @attach: the peer's attachment; the buffer's reservation is locked
 * @sgt: from fpr_peer_map()
 * @direction: as then
 */
void fpr_peer_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		    enum dma_data_direction direction)
{
	dma_buf_free_sgt(attach, sgt, direction);
}
#else
/* An entry's length has 32 bits. */
#define FPR_PEER_PIECE SZ_1G

static void fpr_peer_unmap_some(struct device *dev, struct sg_table *sgt, unsigned int count,
				enum dma_data_direction direction)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(sgt->sgl, sg, count, i)
		dma_unmap_resource(dev, sg_dma_address(sg), sg_dma_len(sg), direction, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

struct sg_table *fpr_peer_map(struct fpr_device *fdev, struct dma_buf_attachment *attach,
			      u64 offset, u64 bytes, enum dma_data_direction direction)
{
	phys_addr_t at = fdev->aperture_phys + offset;
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	struct scatterlist *sg;
	unsigned int i;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	if (sg_alloc_table(sgt, DIV_ROUND_UP(bytes, FPR_PEER_PIECE), GFP_KERNEL)) {
		kfree(sgt);
		return ERR_PTR(-ENOMEM);
	}
	for_each_sgtable_sg(sgt, sg, i) {
		u32 piece = min_t(u64, bytes, FPR_PEER_PIECE);
		dma_addr_t address = dma_map_resource(attach->dev, at, piece, direction, 0);

		if (dma_mapping_error(attach->dev, address)) {
			fpr_peer_unmap_some(attach->dev, sgt, i, direction);
			return ERR_PTR(-EIO);
		}
		sg_set_page(sg, NULL, piece, 0);
		sg_dma_address(sg) = address;
		sg_dma_len(sg) = piece;
		at += piece;
		bytes -= piece;
	}
	return sgt;
}

void fpr_peer_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		    enum dma_data_direction direction)
{
	fpr_peer_unmap_some(attach->dev, sgt, sgt->nents, direction);
}
#endif
