// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "fpr_hw.h"
#include "fpr_irq.h"
#include "fpr_mac.h"
#include "fpr_reset.h"
#include "fpr_xfer.h"

/*
 * Completions are taken in the interrupt itself: it costs one register write for a
 * burst of any length, the head doorbell, which also clears the cause.
 */

static irqreturn_t fpr_irq_mac(int irq, void *data)
{
	struct fpr_device *fdev = data;

	if (fpr_mac_poll(fdev))
		fdev->mac.ring.interrupts++;
	return IRQ_HANDLED;
}

static irqreturn_t fpr_irq_xfer(int irq, void *data)
{
	struct fpr_device *fdev = data;

	if (fpr_xfer_poll(fdev))
		fdev->xfer.ring.interrupts++;
	return IRQ_HANDLED;
}

static irqreturn_t fpr_irq_board(int irq, void *data)
{
	struct fpr_device *fdev = data;

	fpr_write(fdev, FPR_REG_IRQ_STATUS, FPR_IRQ_BOARD);
	fpr_reset_request(fdev, FPR_REASON_BOARD);
	return IRQ_HANDLED;
}

/* The one vector for all causes; with INTx it may be another device's too. */
static irqreturn_t fpr_irq_any(int irq, void *data)
{
	struct fpr_device *fdev = data;
	u32 cause = fpr_read(fdev, FPR_REG_IRQ_STATUS);

	/* All ones: the board has gone, and the watchdog will say so. */
	if (!cause || cause == U32_MAX)
		return IRQ_NONE;
	/* Before the rings are drained, or what comes meanwhile would go unseen. */
	fpr_write(fdev, FPR_REG_IRQ_STATUS, cause);
	if (cause & BIT(FPR_ENGINE_MAC))
		fpr_irq_mac(irq, data);
	if (cause & BIT(FPR_ENGINE_XFER))
		fpr_irq_xfer(irq, data);
	if (cause & FPR_IRQ_BOARD)
		fpr_irq_board(irq, data);
	return IRQ_HANDLED;
}

/* What the module's parameter asks for; -EINVAL when there is no such kind. */
static int fpr_irq_wanted(void)
{
	if (sysfs_streq(fpr_irq, "auto"))
		return PCI_IRQ_ALL_TYPES;
	if (sysfs_streq(fpr_irq, "msix"))
		return PCI_IRQ_MSIX;
	if (sysfs_streq(fpr_irq, "msi"))
		return PCI_IRQ_MSI;
	if (sysfs_streq(fpr_irq, "intx"))
		return PCI_IRQ_INTX;
	return -EINVAL;
}

/**
 * fpr_irq_check() - is there the kind of interrupts that the module's parameter names?
 * Return: 0 or -EINVAL
 */
int fpr_irq_check(void)
{
	if (fpr_irq_wanted() > 0)
		return 0;
	pr_err("fpr: no such interrupts: irq=%s; it takes auto, msix, msi or intx\n", fpr_irq);
	return -EINVAL;
}

static int fpr_irq_alloc(struct fpr_device *fdev)
{
	struct pci_dev *pdev = fdev->pdev;
	unsigned int types = fpr_irq_wanted();
	int ret = -ENOSPC;

	if (fdev->caps.vectors >= FPR_VECTORS && types & ~PCI_IRQ_INTX)
		ret = pci_alloc_irq_vectors(pdev, FPR_VECTORS, FPR_VECTORS, types & ~PCI_IRQ_INTX);
	if (ret < 0)
		ret = pci_alloc_irq_vectors(pdev, 1, 1, types);
	if (ret < 0)
		return ret;
	fdev->vectors = ret;
	/* Not asked for later: pci_irq_vector() takes a lock that allocations are made under. */
	while (ret--)
		fdev->irqs[ret] = pci_irq_vector(pdev, ret);
	fdev->irq_mode = pdev->msix_enabled ? DRM_FPR_IRQ_MSIX :
			 pdev->msi_enabled  ? DRM_FPR_IRQ_MSI :
					      DRM_FPR_IRQ_INTX;
	return 0;
}

/**
 * fpr_irq_init() - take the board's interrupts
 * @fdev: the board, its own mask still closed
 * Return: 0 or -errno
 */
int fpr_irq_init(struct fpr_device *fdev)
{
	static const struct {
		irq_handler_t handler;
		const char *name;
	} vectors[FPR_VECTORS] = {
		[FPR_ENGINE_MAC] = { fpr_irq_mac, "fpr-mac" },
		[FPR_ENGINE_XFER] = { fpr_irq_xfer, "fpr-xfer" },
		[ilog2(FPR_IRQ_BOARD)] = { fpr_irq_board, "fpr-board" },
	};
	unsigned long flags;
	u32 i;
	int ret;

	ret = fpr_irq_alloc(fdev);
	if (ret)
		return ret;
	flags = fdev->irq_mode == DRM_FPR_IRQ_INTX ? IRQF_SHARED : 0;
	if (fdev->vectors == 1)
		ret = request_irq(fdev->irqs[0], fpr_irq_any, flags, "fpr", fdev);
	for (i = 0; !ret && fdev->vectors > 1 && i < FPR_VECTORS; i++) {
		ret = request_irq(fdev->irqs[i], vectors[i].handler, 0, vectors[i].name, fdev);
		if (ret) {
			while (i--)
				free_irq(fdev->irqs[i], fdev);
			break;
		}
	}
	if (ret)
		pci_free_irq_vectors(fdev->pdev);
	return ret;
}

/**
 * fpr_irq_fini() - give them back
 * @fdev: the board
 */
void fpr_irq_fini(struct fpr_device *fdev)
{
	u32 i, vectors = fdev->vectors;

	/* Recovery may still come by, and ask for handlers that run. */
	WRITE_ONCE(fdev->vectors, 0);
	for (i = 0; i < vectors; i++)
		free_irq(fdev->irqs[i], fdev);
	pci_free_irq_vectors(fdev->pdev);
}

/**
 * fpr_irq_sync() - wait for running handlers to return
 * @fdev: the board
 */
void fpr_irq_sync(struct fpr_device *fdev)
{
	u32 i;

	for (i = 0; i < READ_ONCE(fdev->vectors); i++)
		synchronize_irq(fdev->irqs[i]);
}
