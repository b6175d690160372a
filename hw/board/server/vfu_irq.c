/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "vfu_device.h"

unsigned int vfu_irq_count(const struct vfu *v, unsigned int index)
{
	static const enum vfu_irq_kind kinds[VFU_INDICES] = {VFU_INTX, VFU_MSI, VFU_MSIX};

	if (index >= VFU_INDICES || kinds[index] != v->config.irq_kind)
		return 0;
	return index == VFU_INDEX_INTX ? 1 : v->config.vectors;
}

int vfu_irq_init(struct vfu *v)
{
	for (unsigned int index = 0; index < VFU_INDICES; index++) {
		unsigned int n = vfu_irq_count(v, index);

		v->event[index] = malloc((n + 1) * sizeof(int));
		if (!v->event[index])
			return -ENOMEM;
		for (unsigned int i = 0; i <= n; i++)
			v->event[index][i] = -1;
	}
	return 0;
}

/* ---- raising; irq_lock held --------------------------------------------- */

static bool signal_event(struct vfu *v, int fd)
{
	const uint64_t one = 1;

	if (fd < 0 || write(fd, &one, sizeof(one)) != sizeof(one))
		return false;
	vfu_count(&v->stats.interrupts);
	return true;
}

/* The line counts as masked from a trigger until the client unmasks it. */
static void update_line(struct vfu *v)
{
	if (v->line && !v->line_masked && signal_event(v, v->event[VFU_INDEX_INTX][0]))
		v->line_masked = true;
}

/* Did the guest give the device all its vectors? */
static bool granted_all(const struct vfu *v, unsigned int index)
{
	unsigned int n = vfu_irq_count(v, index);

	if (index == VFU_INDEX_MSI)
		return v->msi_granted >= n;
	for (unsigned int i = 0; i < n; i++)
		if (v->event[index][i] < 0)
			return false;
	return true;
}

void vfu_interrupt(struct vfu *v, unsigned int vector)
{
	unsigned int index = v->config.irq_kind == VFU_MSIX ? VFU_INDEX_MSIX : VFU_INDEX_MSI;

	if (v->config.irq_kind == VFU_INTX || vector >= v->config.vectors || vfu_vanished(v))
		return;
	pthread_mutex_lock(&v->irq_lock);
	signal_event(v, v->event[index][granted_all(v, index) ? vector : 0]);
	pthread_mutex_unlock(&v->irq_lock);
}

void vfu_line(struct vfu *v, bool asserted)
{
	if (v->config.irq_kind != VFU_INTX || vfu_vanished(v))
		return;
	pthread_mutex_lock(&v->irq_lock);
	v->line = asserted;
	update_line(v);
	pthread_mutex_unlock(&v->irq_lock);
}

/* ---- the client's settings ---------------------------------------------- */

static void drop_event(int *event)
{
	if (*event >= 0)
		close(*event);
	*event = -1;
}

static void drop_index(struct vfu *v, unsigned int index)
{
	for (unsigned int i = 0; i < vfu_irq_count(v, index); i++)
		drop_event(&v->event[index][i]);
	if (index == VFU_INDEX_INTX)
		v->line_masked = false;
}

static int set_events(struct vfu *v, const struct vfu_irq_set *m, int *fds, unsigned int n_fds)
{
	if (n_fds && n_fds != m->count)
		return EINVAL;
	for (unsigned int i = 0; i < m->count; i++) {
		int *event = &v->event[m->index][m->start + i];

		drop_event(event);
		if (!n_fds)
			continue;
		*event = fds[i];
		fds[i] = -1;
	}
	if (m->index == VFU_INDEX_INTX)
		update_line(v);
	return 0;
}

static void act(struct vfu *v, const struct vfu_irq_set *m, const uint8_t *data)
{
	for (unsigned int i = 0; i < m->count; i++) {
		if ((m->flags & VFU_SET_BOOL) && !data[i])
			continue;
		if (m->flags & VFU_SET_TRIGGER) {
			signal_event(v, v->event[m->index][m->start + i]);
		} else if (m->index == VFU_INDEX_INTX) {
			v->line_masked = m->flags & VFU_SET_MASK;
			update_line(v);
		}
	}
}

static int set_locked(struct vfu *v, const struct vfu_irq_set *m, const uint8_t *data, size_t bytes,
		      int *fds, unsigned int n_fds)
{
	unsigned int n = vfu_irq_count(v, m->index);
	uint32_t action = m->flags & VFU_SET_ACTION;

	if (action != VFU_SET_MASK && action != VFU_SET_UNMASK && action != VFU_SET_TRIGGER)
		return EINVAL;
	if (!m->count && (m->flags & VFU_SET_NONE) && action == VFU_SET_TRIGGER) {
		drop_index(v, m->index);
		return 0;
	}
	if (m->start > n || m->count > n - m->start)
		return EINVAL;
	if ((m->flags & VFU_SET_BOOL) && bytes < m->count)
		return EINVAL;
	if (m->flags & VFU_SET_EVENTFD)
		/* Masking through an eventfd is a shortcut that a client can do without. */
		return action == VFU_SET_TRIGGER ? set_events(v, m, fds, n_fds) : 0;
	act(v, m, data);
	return 0;
}

int vfu_irq_set(struct vfu *v, const struct vfu_irq_set *m, const uint8_t *data, size_t bytes,
		int *fds, unsigned int n_fds)
{
	int err;

	if (m->index >= VFU_INDICES)
		return EINVAL;
	pthread_mutex_lock(&v->irq_lock);
	err = set_locked(v, m, data, bytes, fds, n_fds);
	pthread_mutex_unlock(&v->irq_lock);
	return err;
}

void vfu_irq_reset(struct vfu *v)
{
	pthread_mutex_lock(&v->irq_lock);
	v->line = false;
	v->line_masked = false;
	pthread_mutex_unlock(&v->irq_lock);
}

void vfu_irq_clear(struct vfu *v)
{
	pthread_mutex_lock(&v->irq_lock);
	for (unsigned int index = 0; index < VFU_INDICES; index++)
		drop_index(v, index);
	pthread_mutex_unlock(&v->irq_lock);
}
