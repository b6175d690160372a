// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "fpr_hw.h"

/* A board that is slower than this to reset does not work. */
#define FPR_RESET_US 2000000
#define FPR_RESET_POLL_US 1000

/**
 * fpr_read() - read a register
 * @fdev: the board
 * @reg: FPR_REG_*
 * Return: its value; all ones when the board has gone
 */
u32 fpr_read(struct fpr_device *fdev, u32 reg)
{
	return ioread32(fdev->regs + reg);
}

/**
 * fpr_read64() - read a LO/HI pair
 * @fdev: the board
 * @reg: the LO register
 * Return: the value LO had when HI was latched
 */
u64 fpr_read64(struct fpr_device *fdev, u32 reg)
{
	unsigned long flags;
	u32 low, high;

	spin_lock_irqsave(&fdev->hw_lock, flags);
	low = fpr_read(fdev, reg);
	high = fpr_read(fdev, reg + 4);
	spin_unlock_irqrestore(&fdev->hw_lock, flags);
	return (u64)high << 32 | low;
}

/**
 * fpr_write() - write a register
 * @fdev: the board
 * @reg: FPR_REG_*
 * @value: what to write
 */
void fpr_write(struct fpr_device *fdev, u32 reg, u32 value)
{
	iowrite32(value, fdev->regs + reg);
}

/**
 * fpr_hw_alive() - does the board still answer?
 * @fdev: the board
 * Return: false when it has gone
 */
bool fpr_hw_alive(struct fpr_device *fdev)
{
	return !fdev->gone && fpr_read(fdev, FPR_REG_ID) == FPR_ID;
}

/**
 * fpr_hw_identify() - is this the board, and what can it do?
 * @fdev: the board; bus mastering need not be on
 * Return: 0, or -ENODEV: not an fpr board, one of another contract, or one whose
 *	capabilities make no sense
 */
int fpr_hw_identify(struct fpr_device *fdev)
{
	struct device *dev = &fdev->pdev->dev;
	struct fpr_caps *caps = &fdev->caps;
	u32 id = fpr_read(fdev, FPR_REG_ID);

	if (id == U32_MAX) {
		dev_err(dev,
			"reads all ones: the link is down; reset the slot or reload the FPGA\n");
		return -ENODEV;
	}
	if (id != FPR_ID) {
		dev_err(dev, "its ID reads %#x, not %#x: load fpr's design\n", id, FPR_ID);
		return -ENODEV;
	}
	caps->contract = fpr_read(fdev, FPR_REG_VERSION);
	if (caps->contract >> 16 != FPR_VERSION_MAJOR) {
		dev_err(dev, "board contract %u.%u, this driver knows %u.x: update the older\n",
			caps->contract >> 16, caps->contract & 0xffff, FPR_VERSION_MAJOR);
		return -ENODEV;
	}
	caps->build = fpr_read(fdev, FPR_REG_BUILD);
	caps->caps = fpr_read(fdev, FPR_REG_CAPS);
	caps->geometry = fpr_read(fdev, FPR_REG_GEOMETRY);
	caps->clock_khz = fpr_read(fdev, FPR_REG_CLOCK_KHZ);
	caps->memory_bytes = fpr_read64(fdev, FPR_REG_MEMORY_LO);
	caps->xfer_entries = fpr_read(fdev, FPR_REG_XFER_ENTRIES);
	caps->ring_order = fpr_read(fdev, FPR_REG_RING_ORDER);
	caps->sg_entries = fpr_read(fdev, FPR_REG_SG_ENTRIES);
	caps->vectors = fpr_read(fdev, FPR_REG_VECTORS);
	if (caps->memory_bytes > pci_resource_len(fdev->pdev, FPR_BAR_MEMORY) ||
	    caps->memory_bytes < PAGE_SIZE || !caps->sg_entries || caps->xfer_entries < 2 ||
	    caps->ring_order < 6 || caps->ring_order > 16) {
		dev_err(dev, "capabilities make no sense: reload the FPGA\n");
		return -ENODEV;
	}
	return 0;
}

/**
 * fpr_hw_reset() - full reset
 * @fdev: the board
 *
 * Sleeps. Engines are off, registers at their defaults, board memory as it was.
 *
 * Return: 0, -ENODEV: the board has gone; -ETIMEDOUT: it does not come back
 */
int fpr_hw_reset(struct fpr_device *fdev)
{
	u32 status;
	int ret;

	fpr_write(fdev, FPR_REG_CTRL, FPR_CTRL_RESET);
	ret = read_poll_timeout(fpr_read, status, status & FPR_STATUS_READY, FPR_RESET_POLL_US,
				FPR_RESET_US, false, fdev, FPR_REG_STATUS);
	if (status == U32_MAX)
		return -ENODEV;
	return ret;
}

/**
 * fpr_hw_engine_reset() - make one engine drop its work
 * @fdev: the board
 * @engine: FPR_ENGINE_*
 *
 * Sleeps. The engine is off afterwards and touches no memory of ours.
 *
 * Return: 0, -ENODEV: the board has gone; -ETIMEDOUT: it does not come back
 */
int fpr_hw_engine_reset(struct fpr_device *fdev, u32 engine)
{
	u32 base = FPR_REG_ENGINE(engine), status;
	int ret;

	fpr_write(fdev, base + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	ret = read_poll_timeout(fpr_read, status, status & FPR_ENG_STATUS_READY, FPR_RESET_POLL_US,
				FPR_RESET_US, false, fdev, base + FPR_ENG_STATUS);
	if (status == U32_MAX)
		return -ENODEV;
	return ret;
}

/**
 * fpr_hw_record() - what became of a descriptor of an engine that was reset
 * @fdev: the board
 * @engine: FPR_ENGINE_*, not enabled again yet
 * @cookie: of the descriptor
 * @fence: of the descriptor
 * @record: filled in
 * Return: false when the board keeps no records
 */
bool fpr_hw_record(struct fpr_device *fdev, u32 engine, u32 cookie, u64 fence,
		   struct fpr_record *record)
{
	u32 base = FPR_REG_ENGINE(engine);

	memset(record, 0, sizeof(*record));
	if (!(fdev->caps.caps & FPR_CAPS_RECORDS))
		return false;
	fpr_write(fdev, base + FPR_ENG_RECORD, cookie);
	/* Another fence: the board never saw this descriptor. */
	if (fpr_read64(fdev, base + FPR_ENG_RECORD_FENCE_LO) == fence) {
		record->state = fpr_read(fdev, base + FPR_ENG_RECORD_STATE);
		record->bytes = fpr_read64(fdev, base + FPR_ENG_RECORD_BYTES_LO);
	}
	return true;
}

/**
 * fpr_hw_configure() - what a full reset forgets, but for the rings
 * @fdev: the board
 */
void fpr_hw_configure(struct fpr_device *fdev)
{
	u32 slice = clamp(fpr_slice & ~(FPR_SLICE_MIN - 1), FPR_SLICE_MIN, FPR_SLICE_MAX);

	fpr_write(fdev, FPR_REG_SLICE, fpr_slice ? slice : FPR_SLICE_DEFAULT);
	if (fdev->caps.caps & FPR_CAPS_AGEING)
		fpr_write(fdev, FPR_REG_AGEING, fpr_ageing);
	fpr_write(fdev, FPR_REG_IRQ_STATUS, U32_MAX);
	fpr_write(fdev, FPR_REG_IRQ_MASK,
		  BIT(FPR_ENGINE_MAC) | BIT(FPR_ENGINE_XFER) | FPR_IRQ_BOARD);
	fdev->heartbeat = fpr_read(fdev, FPR_REG_HEARTBEAT);
	fdev->heartbeat_at = jiffies;
}

/**
 * fpr_hw_status_errno() - what a board's status is called here
 * @status: enum fpr_status
 * Return: 0 or -errno
 */
int fpr_hw_status_errno(u32 status)
{
	switch (status) {
	case FPR_OK:
		return 0;
	case FPR_ERR_OPCODE:
	case FPR_ERR_RESERVED:
	case FPR_ERR_SHAPE:
	case FPR_ERR_BOUNDS:
	case FPR_ERR_ALIGN:
	case FPR_ERR_OVERLAP:
		return -EINVAL;
	case FPR_ERR_MEMORY:
		return -ENOMEM;
	case FPR_ERR_CHAIN:
		return -ECANCELED;
	default:
		return -EIO;
	}
}
