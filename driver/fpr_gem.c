// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "fpr_compat.h"
#include "fpr_gem.h"
#include "fpr_prime.h"
#include "fpr_range.h"
#include "fpr_trace.h"

/* Board memory is cleared in steps, so that a large buffer does not hold the CPU. */
#define FPR_CLEAR_STEP SZ_1M

static struct fpr_device *fpr_bo_fdev(const struct fpr_bo *bo)
{
	return to_fpr(bo->shmem.base.dev);
}

/* ---- host buffers ------------------------------------------------------ */

static void fpr_table_free(struct fpr_bo *bo)
{
	if (bo->table)
		dma_free_coherent(&fpr_bo_fdev(bo)->pdev->dev, bo->pieces * sizeof(*bo->table),
				  bo->table, bo->table_dma);
	kvfree(bo->starts);
	bo->table = NULL;
	bo->starts = NULL;
}

static int fpr_table_fill(struct fpr_bo *bo, struct sg_table *sgt)
{
	struct scatterlist *sg;
	u64 start = 0;
	unsigned int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		bo->starts[i] = start;
		bo->table[i].address = cpu_to_le64(sg_dma_address(sg));
		bo->table[i].bytes = cpu_to_le32(sg_dma_len(sg));
		start += sg_dma_len(sg);
	}
	/* A dma-buf whose list is shorter than it says must not be trusted. */
	return start < fpr_bo_size(bo) ? -EINVAL : 0;
}

static int fpr_table_build(struct fpr_bo *bo, struct sg_table *sgt)
{
	struct device *dev = &fpr_bo_fdev(bo)->pdev->dev;
	int ret;

	bo->pieces = sgt->nents;
	bo->starts = kvmalloc_array(bo->pieces, sizeof(*bo->starts), GFP_KERNEL);
	if (!bo->starts)
		return -ENOMEM;
	bo->table = dma_alloc_coherent(dev, bo->pieces * sizeof(*bo->table), &bo->table_dma,
				       GFP_KERNEL | __GFP_NOWARN);
	ret = bo->table ? fpr_table_fill(bo, sgt) : -ENOMEM;
	if (ret)
		fpr_table_free(bo);
	return ret;
}

/**
 * fpr_bo_table() - make an imported buffer reachable by the board
 * @bo: the buffer, mapped and not yet known to anybody
 * Return: 0, -ENOMEM, -EINVAL: its list is too short
 */
int fpr_bo_table(struct fpr_bo *bo)
{
	return fpr_table_build(bo, bo->shmem.sgt);
}

static int fpr_host_prepare(struct fpr_bo *bo)
{
	struct sg_table *sgt = drm_gem_shmem_get_pages_sgt(&bo->shmem);

	return IS_ERR(sgt) ? PTR_ERR(sgt) : fpr_table_build(bo, sgt);
}

/**
 * fpr_bo_prepare() - make a buffer reachable by the board
 * @bo: the buffer; the second call costs nothing
 * Return: 0, -ENOMEM, -ENODEV: the board has gone, or whose memory it is
 */
int fpr_bo_prepare(struct fpr_bo *bo)
{
	struct fpr_device *fdev = fpr_bo_fdev(bo);
	int ret = 0;

	if (bo->placement == DRM_FPR_PLACE_BOARD)
		return 0;
	mutex_lock(&fdev->mm_lock);
	if (fdev->gone || READ_ONCE(bo->revoked))
		ret = -ENODEV;
	else if (!bo->table)
		ret = fpr_host_prepare(bo);
	mutex_unlock(&fdev->mm_lock);
	return ret;
}

static void fpr_host_free(struct drm_gem_object *obj)
{
	struct fpr_bo *bo = to_fpr_bo(obj);
	struct fpr_device *fdev = fpr_bo_fdev(bo);

	mutex_lock(&fdev->mm_lock);
	list_del(&bo->link);
	fpr_table_free(bo);
	mutex_unlock(&fdev->mm_lock);
	if (obj->import_attach)
		fpr_import_fini(bo);
	drm_gem_shmem_free(&bo->shmem);
}

static const struct drm_gem_object_funcs fpr_host_funcs = {
	.free = fpr_host_free,
	.export = fpr_prime_export,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

/**
 * fpr_gem_create_object() - the shmem helpers' allocator
 * @drm: the DRM device
 * @size: unused
 * Return: an object, or an error pointer
 */
struct drm_gem_object *fpr_gem_create_object(struct drm_device *drm, size_t size)
{
	struct fpr_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->placement = DRM_FPR_PLACE_HOST;
	bo->shmem.base.funcs = &fpr_host_funcs;
	/* Linked later: the helper frees the object by itself when it fails. */
	INIT_LIST_HEAD(&bo->link);
	return &bo->shmem.base;
}

/**
 * fpr_bo_link() - let the board know of a host buffer
 * @bo: the buffer
 */
void fpr_bo_link(struct fpr_bo *bo)
{
	struct fpr_device *fdev = fpr_bo_fdev(bo);

	mutex_lock(&fdev->mm_lock);
	list_add_tail(&bo->link, &fdev->bos);
	mutex_unlock(&fdev->mm_lock);
}

static struct fpr_bo *fpr_host_create(struct fpr_device *fdev, u64 size)
{
	struct drm_gem_shmem_object *shmem = drm_gem_shmem_create(&fdev->drm, size);
	struct fpr_bo *bo;
	int ret;

	/* shmem says -ENOSPC when it finds no memory for an inode. */
	if (IS_ERR(shmem))
		return PTR_ERR(shmem) == -ENOSPC ? ERR_PTR(-ENOMEM) : ERR_CAST(shmem);
	bo = to_fpr_bo(&shmem->base);
	fpr_bo_link(bo);
	/* Now rather than at the first job: a lack of memory is easiest to handle here. */
	ret = fpr_bo_prepare(bo);
	if (ret) {
		fpr_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}

/* ---- board buffers ----------------------------------------------------- */

static void fpr_board_free(struct drm_gem_object *obj)
{
	struct fpr_bo *bo = to_fpr_bo(obj);
	struct fpr_device *fdev = fpr_bo_fdev(bo);

	drm_gem_free_mmap_offset(obj);
	mutex_lock(&fdev->mm_lock);
	list_del(&bo->link);
	if (drm_mm_node_allocated(&bo->node))
		drm_mm_remove_node(&bo->node);
	mutex_unlock(&fdev->mm_lock);
	vfree(bo->saved);
	/* Its mappings held a reference each. */
	if (bo->dummy)
		__free_page(bo->dummy);
	drm_gem_object_release(obj);
	kfree(bo);
}

static int fpr_board_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	/* A private copy of a page of the board's makes no sense. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	/* From here on an offset in the buffer: a part may be mapped, or split off. */
	vma->vm_pgoff -= drm_vma_node_start(&obj->vma_node);
	vm_flags_set(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_writecombine(vm_get_page_prot(vma->vm_flags));
	return 0;
}

/**
 * fpr_aperture_enter() - use board memory from the CPU's side
 * @fdev: the board
 *
 * Waits while the function is being reset.
 *
 * Return: 0, then fpr_aperture_exit() is due; -EINTR: the caller is being killed
 */
int fpr_aperture_enter(struct fpr_device *fdev)
{
	for (;;) {
		if (wait_event_killable(fdev->aperture_open, !READ_ONCE(fdev->aperture_closed)))
			return -EINTR;
		down_read(&fdev->aperture_lock);
		if (!fdev->aperture_closed)
			return 0;
		up_read(&fdev->aperture_lock);
	}
}

/**
 * fpr_aperture_exit() - done with it
 * @fdev: the board
 */
void fpr_aperture_exit(struct fpr_device *fdev)
{
	up_read(&fdev->aperture_lock);
}

/**
 * fpr_aperture_close() - keep everybody off board memory until fpr_aperture_reopen()
 * @fdev: the board, whose function will be reset
 *
 * Programs that have it mapped wait at their next access.
 */
void fpr_aperture_close(struct fpr_device *fdev)
{
	down_write(&fdev->aperture_lock);
	WRITE_ONCE(fdev->aperture_closed, true);
	up_write(&fdev->aperture_lock);
	unmap_mapping_range(fdev->drm.anon_inode->i_mapping, 0, 0, 1);
}

/**
 * fpr_aperture_reopen() - let them go on
 * @fdev: the board
 */
void fpr_aperture_reopen(struct fpr_device *fdev)
{
	WRITE_ONCE(fdev->aperture_closed, false);
	wake_up_all(&fdev->aperture_open);
}

/* One page for all of a buffer: mapping it over and over shall cost no more. */
static struct page *fpr_dummy_page(struct fpr_bo *bo)
{
	struct page *page = READ_ONCE(bo->dummy);

	if (page)
		return page;
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (page && cmpxchg(&bo->dummy, NULL, page))
		__free_page(page);
	return READ_ONCE(bo->dummy);
}

/* The board has gone, its mappings have not, and may not raise SIGBUS. */
static vm_fault_t fpr_dummy_fault(struct vm_fault *vmf, struct fpr_bo *bo)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = fpr_dummy_page(bo);
	vm_fault_t ret = VM_FAULT_NOPAGE;
	unsigned long address;

	if (!page)
		return VM_FAULT_OOM;
	for (address = vma->vm_start; address < vma->vm_end; address += PAGE_SIZE) {
		ret = vmf_insert_pfn_prot(vma, address, page_to_pfn(page),
					  vm_get_page_prot(vma->vm_flags));
		if (ret & VM_FAULT_ERROR)
			break;
	}
	return ret;
}

static vm_fault_t fpr_board_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct drm_gem_object *obj = vma->vm_private_data;
	struct fpr_bo *bo = to_fpr_bo(obj);
	struct fpr_device *fdev = fpr_bo_fdev(bo);
	vm_fault_t ret;
	int cookie;

	if (vmf->pgoff >= fpr_bo_size(bo) >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	if (fpr_aperture_enter(fdev))
		return VM_FAULT_NOPAGE;
	if (!drm_dev_enter(obj->dev, &cookie)) {
		fpr_aperture_exit(fdev);
		return fpr_dummy_fault(vmf, bo);
	}
	ret = vmf_insert_pfn(vma, vmf->address,
			     ((fdev->aperture_phys + bo->node.start) >> PAGE_SHIFT) + vmf->pgoff);
	drm_dev_exit(cookie);
	fpr_aperture_exit(fdev);
	return ret;
}

static const struct vm_operations_struct fpr_board_vm_ops = {
	.fault = fpr_board_fault,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};

static int fpr_board_vmap(struct drm_gem_object *obj, struct iosys_map *map)
{
	struct fpr_device *fdev = to_fpr(obj->dev);

	if (fdev->gone)
		return -ENODEV;
	iosys_map_set_vaddr_iomem(map, fdev->aperture + to_fpr_bo(obj)->node.start);
	return 0;
}

static const struct drm_gem_object_funcs fpr_board_funcs = {
	.free = fpr_board_free,
	.export = fpr_prime_export,
	.vmap = fpr_board_vmap,
	.mmap = fpr_board_mmap,
	.vm_ops = &fpr_board_vm_ops,
};

/* In words: memset_io() may store bytes, each of which can be a bus cycle. */
static void fpr_clear_io(void __iomem *at, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += sizeof(unsigned long)) {
#ifdef CONFIG_64BIT
		__raw_writeq(0, at + i);
#else
		__raw_writel(0, at + i);
#endif
	}
}

static int fpr_board_clear(struct fpr_bo *bo)
{
	struct fpr_device *fdev = fpr_bo_fdev(bo);
	u64 done, step, size = fpr_bo_size(bo);

	for (done = 0; done < size; done += step) {
		if (fatal_signal_pending(current) || fpr_aperture_enter(fdev))
			return -EINTR;
		step = min_t(u64, size - done, FPR_CLEAR_STEP);
		fpr_clear_io(fdev->aperture + bo->node.start + done, step);
		fpr_aperture_exit(fdev);
		cond_resched();
	}
	return 0;
}

static struct fpr_bo *fpr_board_create(struct fpr_device *fdev, u64 size)
{
	struct fpr_bo *bo;
	int ret;

	if (size > fdev->caps.memory_bytes)
		return ERR_PTR(-ENOSPC);
	bo = kzalloc(sizeof(*bo), GFP_KERNEL);
	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->placement = DRM_FPR_PLACE_BOARD;
	bo->shmem.base.funcs = &fpr_board_funcs;
	drm_gem_private_object_init(&fdev->drm, &bo->shmem.base, size);
	mutex_lock(&fdev->mm_lock);
	list_add_tail(&bo->link, &fdev->bos);
	ret = fpr_place(&fdev->mm, &bo->node, size);
	mutex_unlock(&fdev->mm_lock);
	/* Before anybody can map it: a mapping's offset counts from there. */
	if (!ret)
		ret = drm_gem_create_mmap_offset(&bo->shmem.base);
	/* What another program left there is none of this one's business. */
	if (!ret)
		ret = fpr_board_clear(bo);
	if (!ret)
		return bo;
	fpr_bo_put(bo);
	return ERR_PTR(ret);
}

/* ---- both -------------------------------------------------------------- */

/**
 * fpr_bo_lookup() - a buffer by its handle
 * @file: whose handle
 * @handle: the handle
 * Return: the buffer with a reference, or NULL
 */
struct fpr_bo *fpr_bo_lookup(struct drm_file *file, u32 handle)
{
	struct drm_gem_object *obj = drm_gem_object_lookup(file, handle);

	return obj ? to_fpr_bo(obj) : NULL;
}

/**
 * fpr_bo_put() - drop a reference
 * @bo: the buffer, or NULL; not from atomic context
 */
void fpr_bo_put(struct fpr_bo *bo)
{
	if (bo)
		drm_gem_object_put(&bo->shmem.base);
}

/**
 * fpr_bo_ref() - name a range of a buffer as descriptors do
 * @bo: a prepared buffer
 * @offset: first byte
 * @bytes: length; the range lies inside the buffer
 * @ref: filled in
 * Return: 0, or -E2BIG: the range is in more pieces than the board takes
 */
int fpr_bo_ref(struct fpr_bo *bo, u64 offset, u64 bytes, struct fpr_ref *ref)
{
	u32 first, last;

	memset(ref, 0, sizeof(*ref));
	ref->bytes = cpu_to_le64(bytes);
	if (!bytes)
		return 0;
	if (bo->placement == DRM_FPR_PLACE_BOARD) {
		ref->address = cpu_to_le64(bo->node.start + offset);
		return 0;
	}
	first = fpr_sg_find(bo->starts, bo->pieces, offset);
	last = fpr_sg_find(bo->starts, bo->pieces, offset + bytes - 1);
	if (last - first >= fpr_bo_fdev(bo)->caps.sg_entries)
		return -E2BIG;
	ref->address = cpu_to_le64(bo->table_dma + first * sizeof(*bo->table));
	ref->sg_entries = cpu_to_le32(last - first + 1);
	ref->sg_offset = cpu_to_le32(offset - bo->starts[first]);
	return 0;
}

/**
 * fpr_mm_state() - how full board memory is
 * @fdev: the board
 * @free: set: bytes not allocated
 * @largest: set: bytes of the largest hole
 */
void fpr_mm_state(struct fpr_device *fdev, u64 *free, u64 *largest)
{
	struct drm_mm_node *node;
	u64 start, end;

	*free = 0;
	*largest = 0;
	mutex_lock(&fdev->mm_lock);
	drm_mm_for_each_hole(node, &fdev->mm, start, end) {
		*free += end - start;
		*largest = max(*largest, end - start);
	}
	mutex_unlock(&fdev->mm_lock);
}

/**
 * fpr_bo_save() - keep board memory while the board loses power
 * @fdev: the board, idle
 * Return: 0 or -ENOMEM, with nothing kept
 */
int fpr_bo_save(struct fpr_device *fdev)
{
	struct fpr_bo *bo;
	int ret = 0;

	mutex_lock(&fdev->mm_lock);
	list_for_each_entry(bo, &fdev->bos, link) {
		if (bo->placement != DRM_FPR_PLACE_BOARD || !drm_mm_node_allocated(&bo->node))
			continue;
		/* Not kvmalloc(), which does not believe in 2 GiB and more. */
		bo->saved = __vmalloc(fpr_bo_size(bo), GFP_KERNEL | __GFP_NOWARN);
		if (!bo->saved) {
			ret = -ENOMEM;
			break;
		}
		memcpy_fromio(bo->saved, fdev->aperture + bo->node.start, fpr_bo_size(bo));
	}
	if (ret) {
		list_for_each_entry(bo, &fdev->bos, link) {
			vfree(bo->saved);
			bo->saved = NULL;
		}
	}
	mutex_unlock(&fdev->mm_lock);
	return ret;
}

/**
 * fpr_bo_restore() - put back what fpr_bo_save() kept
 * @fdev: the board
 */
void fpr_bo_restore(struct fpr_device *fdev)
{
	struct fpr_bo *bo;

	mutex_lock(&fdev->mm_lock);
	list_for_each_entry(bo, &fdev->bos, link) {
		if (!bo->saved)
			continue;
		memcpy_toio(fdev->aperture + bo->node.start, bo->saved, fpr_bo_size(bo));
		vfree(bo->saved);
		bo->saved = NULL;
	}
	mutex_unlock(&fdev->mm_lock);
}

static void fpr_host_detach(struct fpr_bo *bo)
{
	struct drm_gem_object *obj = &bo->shmem.base;
	struct sg_table *sgt = NULL;

	fpr_table_free(bo);
	dma_resv_lock(obj->resv, NULL);
	if (obj->import_attach) {
		fpr_import_unmap(bo);
	} else if (bo->shmem.sgt) {
		sgt = bo->shmem.sgt;
		bo->shmem.sgt = NULL;
		dma_unmap_sgtable(&fpr_bo_fdev(bo)->pdev->dev, sgt, DMA_BIDIRECTIONAL, 0);
	}
	dma_resv_unlock(obj->resv);
	if (sgt) {
		sg_free_table(sgt);
		kfree(sgt);
	}
}

/**
 * fpr_bo_detach_all() - undo every DMA mapping, for good
 * @fdev: the board, which can no longer reach memory
 *
 * Buffers live on while programs hold them, but a device that is no longer bound
 * may not have mappings.
 */
void fpr_bo_detach_all(struct fpr_device *fdev)
{
	struct fpr_bo *bo;

	mutex_lock(&fdev->mm_lock);
	list_for_each_entry(bo, &fdev->bos, link) {
		if (bo->placement == DRM_FPR_PLACE_HOST && bo->shmem.base.resv)
			fpr_host_detach(bo);
	}
	mutex_unlock(&fdev->mm_lock);
}

/**
 * fpr_ioctl_bo_create() - DRM_IOCTL_FPR_BO_CREATE
 * @drm: the DRM device
 * @data: struct drm_fpr_bo_create
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_bo_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_bo_create *args = data;
	struct fpr_device *fdev = to_fpr(drm);
	struct fpr_bo *bo;
	u64 size;
	int ret, cookie;

	if (args->flags || args->reserved || !args->size || args->size > S64_MAX - PAGE_SIZE ||
	    args->placement > DRM_FPR_PLACE_BOARD) {
		drm_dbg(drm, "bo_create: size %llu, placement %u\n", args->size, args->placement);
		return -EINVAL;
	}
	size = round_up(args->size, PAGE_SIZE);
	if (size >> PAGE_SHIFT > totalram_pages() && args->placement == DRM_FPR_PLACE_HOST)
		return -ENOMEM;
	if (!drm_dev_enter(drm, &cookie))
		return -ENODEV;
	if (args->placement == DRM_FPR_PLACE_BOARD)
		bo = fpr_board_create(fdev, size);
	else
		bo = fpr_host_create(fdev, size);
	drm_dev_exit(cookie);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	ret = drm_gem_handle_create(file, &bo->shmem.base, &args->handle);
	if (!ret)
		args->size = size;
	trace_fpr_bo_create(fdev, args->handle, size, args->placement, ret);
	/* The handle has a reference of its own. */
	fpr_bo_put(bo);
	return ret;
}

/**
 * fpr_ioctl_bo_info() - DRM_IOCTL_FPR_BO_INFO
 * @drm: the DRM device
 * @data: struct drm_fpr_bo_info
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_bo_info(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_bo_info *args = data;
	struct fpr_bo *bo;
	int ret;

	if (args->flags || args->reserved)
		return -EINVAL;
	bo = fpr_bo_lookup(file, args->handle);
	if (!bo)
		return -ENOENT;
	ret = drm_gem_create_mmap_offset(&bo->shmem.base);
	if (!ret) {
		args->placement = bo->placement;
		args->size = fpr_bo_size(bo);
		args->mmap_offset = drm_vma_node_offset_addr(&bo->shmem.base.vma_node);
		args->flags = bo->shmem.base.import_attach ? DRM_FPR_BO_IMPORTED : 0;
	}
	fpr_bo_put(bo);
	return ret;
}
