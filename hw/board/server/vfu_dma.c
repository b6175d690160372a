/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "vfu_device.h"

/* ---- the table ---------------------------------------------------------- */

/* Number of the first map that ends after @address. */
static size_t find(const struct vfu *v, uint64_t address)
{
	size_t low = 0, high = v->maps;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (v->map[mid].address + (v->map[mid].size - 1) < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int insert(struct vfu *v, const struct vfu_map *map)
{
	size_t i = find(v, map->address);

	if (i < v->maps && v->map[i].address <= map->address + (map->size - 1))
		return EEXIST;
	if (v->maps == v->maps_room) {
		size_t room = v->maps_room ? 2 * v->maps_room : 64;
		struct vfu_map *more = realloc(v->map, room * sizeof(*more));

		if (!more)
			return ENOMEM;
		v->map = more;
		v->maps_room = room;
	}
	memmove(v->map + i + 1, v->map + i, (v->maps - i) * sizeof(*map));
	v->map[i] = *map;
	v->maps++;
	return 0;
}

/* Where [@offset, @offset + @size) of a file is mapped; NULL when it cannot be. */
static uint8_t *file_at(struct vfu *v, int fd, uint64_t offset, uint64_t size)
{
	struct stat st;
	uint64_t end, length;
	void *at;

	if (fstat(fd, &st) || st.st_size <= 0)
		return NULL;
	length = (uint64_t)st.st_size;
	if (__builtin_add_overflow(offset, size, &end) || end > length)
		return NULL;
	for (unsigned int i = 0; i < v->files; i++)
		if (v->file[i].dev == st.st_dev && v->file[i].ino == st.st_ino &&
		    v->file[i].size == length)
			return v->file[i].at + offset;
	if (v->files == VFU_FILES_MAX)
		return NULL;
	at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return NULL;
	v->file[v->files++] = (struct vfu_file){st.st_dev, st.st_ino, length, at};
	return (uint8_t *)at + offset;
}

int vfu_map_add(struct vfu *v, const struct vfu_dma_map *m, int fd)
{
	struct vfu_map map = {m->address, m->size, NULL, m->flags};
	int err = 0;

	vfu_count(&v->stats.maps);
	if (!m->size || m->address + (m->size - 1) < m->address)
		return EINVAL;
	pthread_rwlock_wrlock(&v->dma_lock);
	if (fd >= 0) {
		map.at = file_at(v, fd, m->offset, m->size);
		err = map.at ? 0 : EINVAL;
	}
	if (!err)
		err = insert(v, &map);
	pthread_rwlock_unlock(&v->dma_lock);
	return err;
}

/* Takes map @i out and puts back what of it lies outside @first..@last. */
static int cut(struct vfu *v, size_t i, uint64_t first, uint64_t last)
{
	struct vfu_map old = v->map[i], rest = old;
	uint64_t end = old.address + (old.size - 1);
	int err = 0;

	v->maps--;
	memmove(v->map + i, v->map + i + 1, (v->maps - i) * sizeof(old));
	if (old.address < first) {
		rest.size = first - old.address;
		err = insert(v, &rest);
	}
	if (!err && end > last) {
		rest = old;
		rest.address = last + 1;
		rest.size = end - last;
		if (rest.at)
			rest.at += rest.address - old.address;
		err = insert(v, &rest);
	}
	return err;
}

/* Taking the lock waits for DMA under way. Removing what is not there is no error. */
int vfu_map_remove(struct vfu *v, const struct vfu_dma_unmap *m)
{
	bool all = m->flags & VFU_UNMAP_ALL;
	uint64_t first = all ? 0 : m->address;
	uint64_t last = all ? UINT64_MAX : m->address + (m->size - 1);
	size_t i;
	int err = 0;

	vfu_count(&v->stats.unmaps);
	if (!all && (!m->size || last < first))
		return EINVAL;
	pthread_rwlock_wrlock(&v->dma_lock);
	for (i = find(v, first); !err && i < v->maps && v->map[i].address <= last;
	     i = find(v, first))
		err = cut(v, i, first, last);
	pthread_rwlock_unlock(&v->dma_lock);
	return err;
}

void vfu_map_clear(struct vfu *v)
{
	pthread_rwlock_wrlock(&v->dma_lock);
	for (unsigned int i = 0; i < v->files; i++)
		munmap(v->file[i].at, v->file[i].size);
	v->files = 0;
	v->maps = 0;
	pthread_rwlock_unlock(&v->dma_lock);
}

/* ---- copying ------------------------------------------------------------ */

/*
 * The map at @address that allows @need, or NULL; at most @n bytes of it follow.
 */
static const struct vfu_map *reach(const struct vfu *v, uint64_t address, uint32_t need, size_t *n)
{
	size_t i = find(v, address);
	const struct vfu_map *map = v->map + i;
	uint64_t inside;

	if (i == v->maps || map->address > address || !(map->flags & need))
		return NULL;
	inside = map->size - (address - map->address);
	*n = inside < *n ? inside : *n;
	return map;
}

/* Copies one way; @n becomes what was done. 1: the client has to be asked for the rest. */
static int copy_shared(struct vfu *v, uint64_t address, void *to, const void *from, size_t *n)
{
	size_t done = 0, piece;
	int ret = 0;

	pthread_rwlock_rdlock(&v->dma_lock);
	for (; done < *n; done += piece) {
		const struct vfu_map *map;
		uint8_t *at;

		piece = *n - done;
		map = reach(v, address + done, to ? VFU_MAP_READ : VFU_MAP_WRITE, &piece);
		if (!map || !map->at) {
			ret = map ? 1 : -EFAULT;
			break;
		}
		at = map->at + (address + done - map->address);
		if (to)
			memcpy((uint8_t *)to + done, at, piece);
		else
			memcpy(at, (const uint8_t *)from + done, piece);
	}
	pthread_rwlock_unlock(&v->dma_lock);
	*n = ret == 1 && !done ? piece : done;
	return ret == 1 && done ? 0 : ret;
}

/*
 * The lock is not held while the client is asked, since its answer may come after an unmap
 * that the server's thread has to serve first. The client looks at its own tables again.
 */
static int copy(struct vfu *v, uint64_t address, void *to, const void *from, size_t n, bool ask)
{
	int ret = 0;

	while (!ret && n) {
		size_t piece = n;

		if (!__atomic_load_n(&v->master, __ATOMIC_RELAXED))
			return -EPERM;
		ret = copy_shared(v, address, to, from, &piece);
		if (ret == 1 && !ask)
			ret = -EFAULT;
		else if (ret == 1)
			ret = to ? vfu_ask_read(v, address, to, &piece)
				 : vfu_ask_write(v, address, from, &piece);
		to = to ? (uint8_t *)to + piece : NULL;
		from = from ? (const uint8_t *)from + piece : NULL;
		address += piece;
		n -= piece;
	}
	return ret;
}

int vfu_dma_read(struct vfu *v, uint64_t address, void *to, size_t n, bool ask)
{
	return copy(v, address, to, NULL, n, ask);
}

int vfu_dma_write(struct vfu *v, uint64_t address, const void *from, size_t n, bool ask)
{
	return copy(v, address, NULL, from, n, ask);
}
