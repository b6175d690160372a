/* SPDX-License-Identifier: MIT */
#ifndef FPR_REGS_H
#define FPR_REGS_H

/*
 * What the PCI function shows: identity, BARs and the registers of BAR0, for
 * the board, the driver and the library. Registers are 32 bits wide and
 * little-endian. A 64-bit value is a LO and a HI register; reading LO latches HI.
 * Reserved registers and bits read 0 and ignore writes. A board that has gone
 * reads all ones.
 */

/* PCI identity. The device ID is from QEMU's experimental range: gateware for
 * a card takes its own, and the driver believes FPR_REG_ID only. */
#define FPR_PCI_VENDOR 0x1af4
#define FPR_PCI_DEVICE 0x10f0
#define FPR_PCI_SUBVENDOR 0x1af4
#define FPR_PCI_SUBDEVICE 0x4650 /* "FP" */
#define FPR_PCI_CLASS 0x120000 /* processing accelerator */

#define FPR_BAR_REGS 0
#define FPR_BAR_MEMORY 2 /* board memory, 64-bit prefetchable */
#define FPR_BAR_MSIX 4
#define FPR_BAR_REGS_BYTES 0x10000

/* ---- identification and capabilities, read-only ---- */

#define FPR_REG_ID 0x000 /* FPR_ID; anything else is not this board */
#define FPR_ID 0x52504621 /* "!FPR" */

#define FPR_REG_VERSION 0x004 /* of this contract: major << 16 | minor */
#define FPR_VERSION_MAJOR 1 /* a driver refuses another major ... */
#define FPR_VERSION_MINOR 1 /* ... and accepts any minor */

#define FPR_REG_BUILD 0x008 /* build id of the hardware source */

#define FPR_REG_CAPS 0x00c
#define FPR_CAPS_KINDS 0x000000ff /* bit i: enum fpr_kind i */
#define FPR_CAPS_AGEING 0x00000100 /* FPR_REG_AGEING works */
#define FPR_CAPS_THERMAL 0x00000200 /* FPR_REG_TEMPERATURE works */
#define FPR_CAPS_CHAIN 0x00000400 /* FPR_MAC_CHAINED works */
#define FPR_CAPS_RECORDS 0x00000800 /* FPR_ENG_RECORD works */
#define FPR_CAPS_DEFAULT_KIND 0x0000f000
#define FPR_CAPS_DEFAULT_KIND_SHIFT 12

#define FPR_REG_GEOMETRY 0x010 /* rows, cols, lanes: 8 bits each from bit 0; */
/* window: 4 bits from 24; run-ahead: 4 bits from 28 */
#define FPR_REG_CLOCK_KHZ 0x014
#define FPR_REG_MEMORY_LO 0x018 /* bytes of board memory, all in FPR_BAR_MEMORY */
#define FPR_REG_MEMORY_HI 0x01c
#define FPR_REG_XFER_ENTRIES 0x020 /* transfers the P3 engine holds per direction */
#define FPR_REG_RING_ORDER 0x024 /* largest ring, log2 of entries */
#define FPR_REG_SG_ENTRIES 0x028 /* most entries of one scatter list */
#define FPR_REG_VECTORS 0x02c /* interrupt vectors the board can use */

/* ---- board ---- */

#define FPR_REG_CTRL 0x040
#define FPR_CTRL_RESET                                              \
	0x00000001 /* full reset: engines stop, registers return to \
		      their defaults; STATUS.READY drops meanwhile */
#define FPR_REG_STATUS 0x044
#define FPR_STATUS_READY 0x00000001
#define FPR_STATUS_FATAL 0x00000002 /* only a full reset helps */

#define FPR_REG_HEARTBEAT 0x048 /* counts up at least every 100 ms while alive */
#define FPR_REG_TEMPERATURE 0x04c /* thousandths of a degree Celsius, signed */
#define FPR_REG_TIME_LO 0x050 /* nanoseconds since reset, for time stamps */
#define FPR_REG_TIME_HI 0x054

/* Interrupt causes: bit e is engine e's completion ring, FPR_IRQ_BOARD the board.
 * Vector v serves cause v when the board was given three vectors, else all
 * causes share vector 0. STATUS is written 1 to clear; MASK enables (MSI, INTx
 * and MSI-X alike) and is 0 after reset. INTx stays asserted while an enabled cause is set.
 * An engine's cause is set by a completion, or by a CQ head that leaves some behind, and
 * also cleared by a CQ head that takes the last one. A message goes out when an enabled
 * cause goes from clear to set. An engine's STATUS.ERROR sets FPR_IRQ_BOARD. */
#define FPR_REG_IRQ_STATUS 0x060
#define FPR_REG_IRQ_MASK 0x064
#define FPR_IRQ_BOARD 0x00000004
#define FPR_VECTORS 3

/* ---- P3 engine settings ---- */

#define FPR_REG_SLICE 0x080 /* bytes served before the next decision; multiple of 4096 */
#define FPR_SLICE_DEFAULT (160u * 1024)
#define FPR_SLICE_MIN 4096u
#define FPR_SLICE_MAX (16u * 1024 * 1024)

#define FPR_REG_AGEING 0x084 /* slices a transfer waits per step of priority; 0: never */

/* Bytes, slices and preemptions per class of priority: class = priority / 4096. */
#define FPR_CLASSES 16
#define FPR_REG_CLASS(c) (0x400 + (c)*0x20)
#define FPR_CLASS_H2C_BYTES_LO 0x00
#define FPR_CLASS_C2H_BYTES_LO 0x08
#define FPR_CLASS_SLICES_LO 0x10
#define FPR_CLASS_PREEMPTIONS_LO 0x18

/* ---- engines ---- */

#define FPR_ENGINE_MAC 0
#define FPR_ENGINE_XFER 1
#define FPR_ENGINES 2

#define FPR_REG_ENGINE(e) (0x1000 + (e)*0x100)
#define FPR_ENG_SQ_LO 0x00 /* bus address of the submission ring, 4 KiB aligned */
#define FPR_ENG_SQ_HI 0x04
#define FPR_ENG_CQ_LO 0x08 /* bus address of the completion ring, 4 KiB aligned */
#define FPR_ENG_CQ_HI 0x0c
#define FPR_ENG_SQ_ORDER 0x10 /* log2 of entries, 1 .. FPR_REG_RING_ORDER */
#define FPR_ENG_CQ_ORDER 0x14
#define FPR_ENG_CTRL 0x18
#define FPR_ENG_CTRL_ENABLE 0x00000001 /* takes the ring registers */
#define FPR_ENG_CTRL_RESET                                      \
	0x00000002 /* drops all work without completions; READY \
		      drops meanwhile; ENABLE is off after */
#define FPR_ENG_STATUS 0x1c
#define FPR_ENG_STATUS_READY 0x00000001
#define FPR_ENG_STATUS_ENABLED 0x00000002
#define FPR_ENG_STATUS_BUSY 0x00000004
#define FPR_ENG_STATUS_ERROR 0x00000008 /* stopped: ring unreadable; reset it */
#define FPR_ENG_SQ_HEAD 0x20 /* entries fetched, modulo ring size */
#define FPR_ENG_JOBS_LO 0x28 /* descriptors completed */
#define FPR_ENG_PROGRESS_LO                              \
	0x30 /* tiles done, or bytes moved: stands still \
		only when nothing moves */
#define FPR_ENG_BUSY_NS_LO 0x38
#define FPR_ENG_IDLE_NS_LO 0x40
#define FPR_ENG_STALL_NS_LO 0x48 /* waiting for DMA */
#define FPR_ENG_CYCLES_LO 0x50 /* MAC: cycles.total of all jobs */
#define FPR_ENG_ISSUED_LO 0x58 /* MAC: terms.issued of all jobs */
#define FPR_ENG_SKIPPED_ZERO_LO 0x60
#define FPR_ENG_SKIPPED_OOB_LO 0x68

/* What became of each descriptor, for a host that lost its completion or reset the
 * engine. Record i is that of the last descriptor taken whose cookie is i modulo 1 <<
 * FPR_REG_RING_ORDER: a host that gives no two descriptors under way such cookies finds
 * them all. Records outlive every reset; ENABLE clears the engine's. While READY is set
 * and ENABLE is not they are exact: what is counted has reached memory, nothing else has. */
#define FPR_ENG_RECORD 0x70 /* which one the next three show */
#define FPR_ENG_RECORD_STATE 0x74
#define FPR_RECORD_TAKEN 0x00000001 /* fetched; 0: nothing of it has happened */
#define FPR_RECORD_DONE 0x00000002 /* ended, with the status in bits 16 to 31 */
#define FPR_RECORD_SERVED 0x00000004 /* transfers: was being moved as the engine stopped */
#define FPR_RECORD_TORN 0x00000008 /* MAC: C may be written in part; else it is untouched */
#define FPR_RECORD_STATUS_SHIFT 16
#define FPR_ENG_RECORD_FENCE_LO 0x78 /* its fence */
#define FPR_ENG_RECORD_BYTES_LO                             \
	0x80 /* transfers: so many bytes from the start are \
		moved or added; of accumulates whole 64-byte beats */

/* Doorbells lie in a page of their own. Values are indices modulo ring size; one out of
 * range, or a CQ head past what was posted, sets STATUS.ERROR of the engine. A ring holds
 * one entry less than its size. A descriptor is fetched once it has a completion slot. */
#define FPR_REG_DOORBELL 0x8000
#define FPR_REG_SQ_TAIL(e) (FPR_REG_DOORBELL + (e)*8)
#define FPR_REG_CQ_HEAD(e) (FPR_REG_DOORBELL + (e)*8 + 4)

#endif
