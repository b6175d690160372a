/* SPDX-License-Identifier: MIT */

/*
 * The calls of libdrm that the tests use, for their 32-bit build: Debian carries no
 * 32-bit libdrm without another architecture, but its headers serve both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <xf86drm.h>

#define POINTER(p) ((uint64_t)(uintptr_t)(p))

int drmIoctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(fd, request, arg);
	while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret;
}

int drmSyncobjCreate(int fd, uint32_t flags, uint32_t *handle)
{
	struct drm_syncobj_create args = {.flags = flags};
	int ret = drmIoctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args);

	*handle = args.handle;
	return ret;
}

int drmSyncobjDestroy(int fd, uint32_t handle)
{
	struct drm_syncobj_destroy args = {.handle = handle};

	return drmIoctl(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &args);
}

int drmSyncobjReset(int fd, const uint32_t *handles, uint32_t handle_count)
{
	struct drm_syncobj_array args = {.handles = POINTER(handles),
					 .count_handles = handle_count};

	return drmIoctl(fd, DRM_IOCTL_SYNCOBJ_RESET, &args);
}

int drmSyncobjSignal(int fd, const uint32_t *handles, uint32_t handle_count)
{
	struct drm_syncobj_array args = {.handles = POINTER(handles),
					 .count_handles = handle_count};

	return drmIoctl(fd, DRM_IOCTL_SYNCOBJ_SIGNAL, &args);
}

int drmSyncobjWait(int fd, uint32_t *handles, unsigned num_handles, int64_t timeout_nsec,
		   unsigned flags, uint32_t *first_signaled)
{
	struct drm_syncobj_wait args = {.handles = POINTER(handles),
					.timeout_nsec = timeout_nsec,
					.count_handles = num_handles,
					.flags = flags};
	int ret = drmIoctl(fd, DRM_IOCTL_SYNCOBJ_WAIT, &args);

	if (first_signaled)
		*first_signaled = args.first_signaled;
	return ret ? -errno : 0;
}

int drmSyncobjTimelineWait(int fd, uint32_t *handles, uint64_t *points, unsigned num_handles,
			   int64_t timeout_nsec, unsigned flags, uint32_t *first_signaled)
{
	struct drm_syncobj_timeline_wait args = {.handles = POINTER(handles),
						 .points = POINTER(points),
						 .timeout_nsec = timeout_nsec,
						 .count_handles = num_handles,
						 .flags = flags};
	int ret = drmIoctl(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);

	if (first_signaled)
		*first_signaled = args.first_signaled;
	return ret ? -errno : 0;
}

static int to_fd(int fd, uint32_t handle, uint32_t flags, int *out)
{
	struct drm_syncobj_handle args = {.handle = handle, .flags = flags, .fd = -1};
	int ret = drmIoctl(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args);

	*out = args.fd;
	return ret;
}

int drmSyncobjHandleToFD(int fd, uint32_t handle, int *obj_fd)
{
	return to_fd(fd, handle, 0, obj_fd);
}

int drmSyncobjExportSyncFile(int fd, uint32_t handle, int *sync_file_fd)
{
	return to_fd(fd, handle, DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE, sync_file_fd);
}

int drmSyncobjFDToHandle(int fd, int obj_fd, uint32_t *handle)
{
	struct drm_syncobj_handle args = {.fd = obj_fd};
	int ret = drmIoctl(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);

	*handle = args.handle;
	return ret;
}

int drmSyncobjImportSyncFile(int fd, uint32_t handle, int sync_file_fd)
{
	struct drm_syncobj_handle args = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = sync_file_fd,
	};

	return drmIoctl(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);
}

int drmPrimeHandleToFD(int fd, uint32_t handle, uint32_t flags, int *prime_fd)
{
	struct drm_prime_handle args = {.handle = handle, .flags = flags, .fd = -1};
	int ret = drmIoctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	*prime_fd = args.fd;
	return ret;
}

int drmPrimeFDToHandle(int fd, int prime_fd, uint32_t *handle)
{
	struct drm_prime_handle args = {.fd = prime_fd};
	int ret = drmIoctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	*handle = args.handle;
	return ret;
}

drmVersionPtr drmGetVersion(int fd)
{
	static char name[64];
	struct drm_version args = {.name_len = sizeof(name) - 1, .name = name};
	drmVersionPtr version = calloc(1, sizeof(*version));

	if (!version || drmIoctl(fd, DRM_IOCTL_VERSION, &args)) {
		free(version);
		return NULL;
	}
	name[args.name_len < sizeof(name) ? args.name_len : sizeof(name) - 1] = 0;
	version->version_major = args.version_major;
	version->version_minor = args.version_minor;
	version->name_len = (int)args.name_len;
	version->name = name;
	return version;
}

void drmFreeVersion(drmVersionPtr version)
{
	free(version);
}
