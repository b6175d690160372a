/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices.h"
#include "engine.h"
#include "objects.h"

/*
 * Devices that were ever found; handles of devices stay valid for good. A board that went and came
 * back at the same place is the same device.
 */
static struct {
	pthread_mutex_t lock;
	cl_device_id first;
} found = {PTHREAD_MUTEX_INITIALIZER, NULL};

/* All that the application hears is that there is no device: its user is told why, once. */
static void complain(int *told, const char *variable, const char *value, const char *what)
{
	if (!(*told)++)
		fprintf(stderr, "fpr-opencl: %s: '%s' %s; see fpr-opencl(7)\n", variable, value,
			what);
}

/* Names of local boards that are wanted, with spaces between; none for an ordinary application. */
static const char *local_names(void)
{
	const char *wish = getenv("FPR_OPENCL_LOCAL");

	if (!wish || !strcmp(wish, "0"))
		return "";
	return strcmp(wish, "1") ? wish : "local";
}

/* The lock is held. */
static cl_device_type type_of_all(void)
{
	static int told;
	const char *wish = getenv("FPR_CL_DEVICE_TYPE");

	if (wish && !strcmp(wish, "accelerator"))
		return CL_DEVICE_TYPE_ACCELERATOR;
	if (wish && *wish && strcmp(wish, "custom") != 0)
		complain(&told, "FPR_CL_DEVICE_TYPE", wish, "is neither accelerator nor custom");
	return CL_DEVICE_TYPE_CUSTOM;
}

static cl_ulong host_memory(void)
{
	return (cl_ulong)sysconf(_SC_PHYS_PAGES) * (cl_ulong)sysconf(_SC_PAGESIZE);
}

/* The model of a board on the bus is its address. */
static void find_place(cl_device_id device)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(device->info.model, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return;
	device->pci = (cl_device_pci_bus_info_khr){domain, bus, slot, function};
	device->has_pci = 1;
}

/* The lock is held. */
static void add(const struct fpr_device_info *info)
{
	cl_device_id *link = &found.first, device;

	for (; *link; link = &(*link)->next) {
		if (!strcmp((*link)->info.name, info->name) &&
		    !strcmp((*link)->info.model, info->model)) {
			(*link)->seen = 1;
			return;
		}
	}
	device = calloc(1, sizeof(*device));
	if (!device)
		return;
	fpr_cl_init(&device->object, KIND_DEVICE, NULL);
	device->info = *info;
	device->type = type_of_all();
	device->seen = 1;
	device->memory_bytes = info->memory_bytes ? info->memory_bytes : host_memory();
	find_place(device);
	*link = device;
}

/* The lock is held. */
static void add_local(const char *names)
{
	static int told;
	char name[FPR_NAME_MAX];
	struct fpr_device_info info;
	struct fpr_device *device;

	for (size_t length; *names; names += length) {
		names += strspn(names, " ");
		length = strcspn(names, " ");
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		if (!length)
			continue;
		if (strncmp(name, "local", 5) != 0 || fpr_device_open(name, &device)) {
			complain(&told, "FPR_OPENCL_LOCAL", name,
				 "is neither 0 nor 1 nor a local board that opens");
			continue;
		}
		if (!fpr_device_get_info(device, &info))
			add(&info);
		fpr_device_close(device);
	}
}

/* Boards behind the driver. To list the local one opens it, with its threads: not without need. */
static void add_boards(void)
{
	struct fpr_device_info *list;
	int n = fpr_device_list(NULL, 0);

	list = n > 1 ? calloc((size_t)n, sizeof(*list)) : NULL;
	if (!list)
		return;
	if (fpr_device_list(list, (size_t)n) < n)
		n = 0;
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].name, "local") != 0)
			add(&list[i]);
	free(list);
}

/* Who asks meanwhile whether a board is there is told what was so before. The lock is held. */
static void look(void)
{
	for (cl_device_id device = found.first; device; device = device->next)
		device->seen = 0;
	add_boards();
	add_local(local_names());
	for (cl_device_id device = found.first; device; device = device->next)
		__atomic_store_n(&device->available, device->seen, __ATOMIC_RELAXED);
}

cl_ulong fpr_cl_max_alloc(cl_device_id device)
{
	return device->memory_bytes;
}

/* Would an application that asks for @type get it, after @count others? */
static int matches(cl_device_id device, cl_device_type type, cl_uint count)
{
	/* The first is the default. */
	return type == CL_DEVICE_TYPE_ALL || type & device->type ||
	       (type & CL_DEVICE_TYPE_DEFAULT && !count);
}

cl_int CL_API_CALL fpr_clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint n,
				      cl_device_id *devices, cl_uint *ret)
{
	const cl_device_type known = CL_DEVICE_TYPE_DEFAULT | CL_DEVICE_TYPE_CPU |
				     CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR |
				     CL_DEVICE_TYPE_CUSTOM;
	cl_uint count = 0;

	if (!fpr_cl_is(platform, KIND_PLATFORM))
		return CL_INVALID_PLATFORM;
	if (type != CL_DEVICE_TYPE_ALL && (!type || type & ~known))
		return CL_INVALID_DEVICE_TYPE;
	if ((!n && devices) || (!devices && !ret))
		return CL_INVALID_VALUE;
	pthread_mutex_lock(&found.lock);
	look();
	for (cl_device_id device = found.first; device; device = device->next) {
		if (!device->available || !matches(device, type, count))
			continue;
		if (devices && count < n)
			devices[count] = device;
		count++;
	}
	pthread_mutex_unlock(&found.lock);
	if (ret)
		*ret = count;
	return count ? CL_SUCCESS : CL_DEVICE_NOT_FOUND;
}

/* A board is one whole: it has no parts. */
cl_int CL_API_CALL fpr_clCreateSubDevices(cl_device_id device,
					  const cl_device_partition_property *properties, cl_uint n,
					  cl_device_id *devices, cl_uint *ret)
{
	(void)properties;
	(void)n;
	(void)devices;
	(void)ret;
	return fpr_cl_is(device, KIND_DEVICE) ? CL_INVALID_VALUE : CL_INVALID_DEVICE;
}

cl_int CL_API_CALL fpr_clRetainDevice(cl_device_id device)
{
	return fpr_cl_is(device, KIND_DEVICE) ? CL_SUCCESS : CL_INVALID_DEVICE;
}

cl_int CL_API_CALL fpr_clReleaseDevice(cl_device_id device)
{
	return fpr_cl_is(device, KIND_DEVICE) ? CL_SUCCESS : CL_INVALID_DEVICE;
}

cl_int CL_API_CALL fpr_clCreateSubDevicesEXT(cl_device_id device,
					     const cl_device_partition_property_ext *properties,
					     cl_uint n, cl_device_id *devices, cl_uint *ret)
{
	(void)properties;
	return fpr_clCreateSubDevices(device, NULL, n, devices, ret);
}

cl_int CL_API_CALL fpr_clRetainDeviceEXT(cl_device_id device)
{
	return fpr_clRetainDevice(device);
}

cl_int CL_API_CALL fpr_clReleaseDeviceEXT(cl_device_id device)
{
	return fpr_clReleaseDevice(device);
}

cl_int CL_API_CALL fpr_clGetDeviceAndHostTimer(cl_device_id device, cl_ulong *device_time,
					       cl_ulong *host_time)
{
	if (!fpr_cl_is(device, KIND_DEVICE))
		return CL_INVALID_DEVICE;
	if (!device_time || !host_time)
		return CL_INVALID_VALUE;
	*device_time = *host_time = fpr_cl_now();
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clGetHostTimer(cl_device_id device, cl_ulong *host_time)
{
	if (!fpr_cl_is(device, KIND_DEVICE))
		return CL_INVALID_DEVICE;
	if (!host_time)
		return CL_INVALID_VALUE;
	*host_time = fpr_cl_now();
	return CL_SUCCESS;
}
