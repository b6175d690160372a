// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-fence-chain.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "fpr_sync.h"

/**
 * fpr_array_get() - copy an array from user space
 * @array: where it is
 * @min: size of an element in the interface's first version
 * @size: size of an element here
 * @most: elements that are acceptable
 *
 * A shorter element's tail reads as zeros; a longer one's must be zeros.
 *
 * Return: @array->count elements for kvfree(), NULL when it is 0, or an error pointer:
 *	-EINVAL, -EFAULT, -ENOMEM
 */
void *fpr_array_get(const struct drm_fpr_array *array, u32 min, u32 size, u32 most)
{
	const void __user *user = u64_to_user_ptr(array->array);
	void *copy;
	int ret = 0;
	u32 i;

	if (!array->count)
		return NULL;
	if (array->count > most || array->stride < min || array->stride > PAGE_SIZE ||
	    array->array % 8 || array->stride % 8)
		return ERR_PTR(-EINVAL);
	copy = kvcalloc(array->count, size, GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	for (i = 0; !ret && i < array->count; i++)
		ret = copy_struct_from_user(copy + (size_t)i * size, size,
					    user + (size_t)i * array->stride, array->stride);
	if (!ret)
		return copy;
	kvfree(copy);
	return ERR_PTR(ret == -E2BIG ? -EINVAL : ret);
}

/**
 * fpr_signal_init() - look up a syncobj to signal
 * @out: filled in; fpr_signal_fini() in any case
 * @file: the caller
 * @handle: of the syncobj
 * @point: of a timeline, 0 for a binary one
 * Return: 0, -ENOENT, -ENOMEM
 */
int fpr_signal_init(struct fpr_signal *out, struct drm_file *file, u32 handle, u64 point)
{
	out->point = point;
	out->syncobj = drm_syncobj_find(file, handle);
	if (!out->syncobj)
		return -ENOENT;
	if (point) {
		out->chain = dma_fence_chain_alloc();
		if (!out->chain)
			return -ENOMEM;
	}
	return 0;
}

/**
 * fpr_signal_signal() - make a syncobj follow a fence
 * @out: from fpr_signal_init(); does nothing when all zeros
 * @fence: the fence
 */
void fpr_signal_signal(struct fpr_signal *out, struct dma_fence *fence)
{
	if (!out->syncobj)
		return;
	if (out->chain)
		drm_syncobj_add_point(out->syncobj, out->chain, fence, out->point);
	else
		drm_syncobj_replace_fence(out->syncobj, fence);
	out->chain = NULL;
}

/**
 * fpr_signal_fini() - let go of a syncobj
 * @out: from fpr_signal_init(), or all zeros
 */
void fpr_signal_fini(struct fpr_signal *out)
{
	dma_fence_chain_free(out->chain);
	if (out->syncobj)
		drm_syncobj_put(out->syncobj);
}

static int fpr_sync_ins(struct fpr_sync *sync, struct drm_file *file, const struct drm_fpr_sync *in,
			u32 count)
{
	u32 i;
	int ret;

	sync->in = kvcalloc(count + 1, sizeof(*sync->in), GFP_KERNEL);
	if (!sync->in)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (in[i].flags)
			return -EINVAL;
		ret = drm_syncobj_find_fence(file, in[i].handle, in[i].point, 0, &sync->in[i]);
		if (ret)
			return ret;
		sync->in_count++;
	}
	sync->asked = sync->in_count;
	return 0;
}

static int fpr_sync_outs(struct fpr_sync *sync, struct drm_file *file,
			 const struct drm_fpr_sync *out, u32 count)
{
	u32 i;
	int ret;

	sync->out = kvcalloc(count + 1, sizeof(*sync->out), GFP_KERNEL);
	if (!sync->out)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		sync->out_count++;
		if (out[i].flags)
			return -EINVAL;
		ret = fpr_signal_init(&sync->out[i], file, out[i].handle, out[i].point);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * fpr_sync_init() - read a call's arrays of syncobjs
 * @sync: zeros; fpr_sync_fini() in any case
 * @file: the caller
 * @in: what to wait for
 * @out: what to signal
 * @operands: buffers that fpr_sync_share() may be told of
 * Return: 0 or -errno
 */
int fpr_sync_init(struct fpr_sync *sync, struct drm_file *file, const struct drm_fpr_array *in,
		  const struct drm_fpr_array *out, u32 operands)
{
	const u32 size = sizeof(struct drm_fpr_sync);
	struct drm_fpr_sync *ins, *outs;
	int ret;

	sync->shared = kvcalloc(operands, sizeof(*sync->shared), GFP_KERNEL);
	if (!sync->shared)
		return -ENOMEM;
	ins = fpr_array_get(in, size, size, FPR_MAX_SYNCS);
	if (IS_ERR(ins))
		return PTR_ERR(ins);
	outs = fpr_array_get(out, size, size, FPR_MAX_SYNCS);
	if (IS_ERR(outs)) {
		kvfree(ins);
		return PTR_ERR(outs);
	}
	ret = fpr_sync_ins(sync, file, ins, in->count);
	if (!ret)
		ret = fpr_sync_outs(sync, file, outs, out->count);
	kvfree(ins);
	kvfree(outs);
	return ret;
}

/**
 * fpr_sync_fini() - unlock, and let go of everything
 * @sync: from fpr_sync_init()
 */
void fpr_sync_fini(struct fpr_sync *sync)
{
	u32 i;

	if (sync->locked)
		drm_exec_fini(&sync->exec);
	/* Freeing one takes locks that come before those of the others. */
	for (i = 0; i < sync->shared_count; i++)
		fpr_bo_put(sync->shared[i].bo);
	for (i = 0; i < sync->in_count; i++)
		dma_fence_put(sync->in[i]);
	for (i = 0; i < sync->out_count; i++)
		fpr_signal_fini(&sync->out[i]);
	kvfree(sync->in);
	kvfree(sync->out);
	kvfree(sync->shared);
}

/**
 * fpr_sync_share() - note a buffer that the call reads or writes
 * @sync: from fpr_sync_init()
 * @bo: the buffer, or NULL
 * @write: it is written
 * @index: which fence it will carry
 *
 * Only buffers that other drivers know carry fences: among our own users
 * synchronisation is explicit.
 */
void fpr_sync_share(struct fpr_sync *sync, struct fpr_bo *bo, bool write, u32 index)
{
	if (!bo || (!bo->shmem.base.import_attach && !bo->shmem.base.dma_buf))
		return;
	drm_gem_object_get(&bo->shmem.base);
	sync->shared[sync->shared_count].bo = bo;
	sync->shared[sync->shared_count].write = write;
	sync->shared[sync->shared_count].index = index;
	sync->shared_count++;
}

static int fpr_sync_implicit(struct fpr_sync *sync, struct fpr_bo *bo, bool write)
{
	struct dma_fence **fences, **all;
	unsigned int count;
	int ret;

	ret = dma_resv_get_fences(bo->shmem.base.resv, dma_resv_usage_rw(write), &count, &fences);
	if (ret || !count)
		return ret;
	all = kvcalloc(sync->in_count + count, sizeof(*all), GFP_KERNEL);
	if (!all) {
		while (count--)
			dma_fence_put(fences[count]);
		kfree(fences);
		return -ENOMEM;
	}
	memcpy(all, sync->in, sync->in_count * sizeof(*all));
	memcpy(all + sync->in_count, fences, count * sizeof(*all));
	sync->in_count += count;
	kfree(fences);
	kvfree(sync->in);
	sync->in = all;
	return 0;
}

/**
 * fpr_sync_lock() - lock the shared buffers, and wait for what they carry
 * @sync: complete but for the fences of shared buffers, which join @sync->in
 * @fences: most fences that will be published on one buffer
 * Return: 0 or -errno
 */
int fpr_sync_lock(struct fpr_sync *sync, u32 fences)
{
	struct drm_exec *exec = &sync->exec;
	int ret = 0;
	u32 i;

	if (!sync->shared_count)
		return 0;
	drm_exec_init(exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
		      sync->shared_count);
	sync->locked = true;
	drm_exec_until_all_locked(exec) {
		for (i = 0; i < sync->shared_count; i++) {
			ret = drm_exec_prepare_obj(exec, &sync->shared[i].bo->shmem.base, fences);
			drm_exec_retry_on_contention(exec);
			if (ret)
				return ret;
		}
	}
	for (i = 0; !ret && i < sync->shared_count; i++) {
		/* Its exporter takes it back under this lock, and then waits for fences only. */
		if (sync->shared[i].bo->revoked)
			return -ENODEV;
		ret = fpr_sync_implicit(sync, sync->shared[i].bo, sync->shared[i].write);
	}
	return ret;
}

/**
 * fpr_sync_publish() - put a fence on the shared buffers it stands for
 * @sync: locked
 * @index: which fence
 * @fence: the fence
 */
void fpr_sync_publish(struct fpr_sync *sync, u32 index, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < sync->shared_count; i++) {
		if (sync->shared[i].index == index)
			dma_resv_add_fence(sync->shared[i].bo->shmem.base.resv, fence,
					   sync->shared[i].write ? DMA_RESV_USAGE_WRITE :
								   DMA_RESV_USAGE_READ);
	}
}

/**
 * fpr_sync_signal() - make the call's syncobjs follow a fence
 * @sync: from fpr_sync_init()
 * @fence: of the whole call
 */
void fpr_sync_signal(struct fpr_sync *sync, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < sync->out_count; i++)
		fpr_signal_signal(&sync->out[i], fence);
}
