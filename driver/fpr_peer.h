/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_PEER_H
#define FPR_PEER_H

#include <linux/dma-buf.h>

#include "fpr_device.h"

void fpr_peer_init(struct fpr_device *fdev);
bool fpr_peer_reachable(struct fpr_device *fdev, struct device *client);
struct sg_table *fpr_peer_map(struct fpr_device *fdev, struct dma_buf_attachment *attach,
			      u64 offset, u64 bytes, enum dma_data_direction direction);
void fpr_peer_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		    enum dma_data_direction direction);

#endif
