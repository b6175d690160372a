/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_HW_H
#define FPR_HW_H

#include "fpr_device.h"

/**
 * struct fpr_record - what the board knows of a descriptor
 * @state: FPR_RECORD_*, 0 when nothing of it has happened
 * @bytes: transfers: how many, from the start, are moved or added
 */
struct fpr_record {
	u32 state;
	u64 bytes;
};

u32 fpr_read(struct fpr_device *fdev, u32 reg);
u64 fpr_read64(struct fpr_device *fdev, u32 reg);
void fpr_write(struct fpr_device *fdev, u32 reg, u32 value);
int fpr_hw_identify(struct fpr_device *fdev);
int fpr_hw_reset(struct fpr_device *fdev);
int fpr_hw_engine_reset(struct fpr_device *fdev, u32 engine);
void fpr_hw_configure(struct fpr_device *fdev);
bool fpr_hw_alive(struct fpr_device *fdev);
bool fpr_hw_record(struct fpr_device *fdev, u32 engine, u32 cookie, u64 fence,
		   struct fpr_record *record);
int fpr_hw_status_errno(u32 status);

#endif
