/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <fpr_regs.h>

#include "builtin.h"
#include "devices.h"
#include "objects.h"

/* How a fact is kept: a number of one of these widths, a text, or a function that tells it. */
enum form { BOOL, UINT, ULONG, SIZE, TEXT, FUNCTION };

struct fact {
	cl_device_info param;
	enum form form;
	cl_ulong number;
	const char *text;
	cl_int (*tell)(cl_device_id device, const struct answer *answer);
};

static cl_int tell_type(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_device_type, device->type);
}

static cl_int tell_name(cl_device_id device, const struct answer *answer)
{
	char name[2 * FPR_NAME_MAX + 8];

	snprintf(name, sizeof(name), "fpr %s (%s)", device->info.name, device->info.model);
	return fpr_cl_give_text(answer, name);
}

static cl_int tell_available(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_bool, __atomic_load_n(&device->available, __ATOMIC_RELAXED));
}

static cl_int tell_memory(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_ulong, device->memory_bytes);
}

static cl_int tell_max_alloc(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_ulong, fpr_cl_max_alloc(device));
}

static cl_int tell_clock(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_uint, device->info.clock_khz / 1000);
}

static cl_int tell_unified(cl_device_id device, const struct answer *answer)
{
	FPR_CL_GIVE(answer, cl_bool, device->info.memory_bytes == 0);
}

static cl_int tell_item_sizes(cl_device_id device, const struct answer *answer)
{
	const size_t sizes[3] = {1, 1, 1};

	(void)device;
	return fpr_cl_give(answer, sizes, sizeof(sizes));
}

static cl_int tell_platform(cl_device_id device, const struct answer *answer)
{
	(void)device;
	FPR_CL_GIVE(answer, cl_platform_id, &fpr_cl_platform);
}

static cl_int tell_no_device(cl_device_id device, const struct answer *answer)
{
	(void)device;
	FPR_CL_GIVE(answer, cl_device_id, NULL);
}

static cl_int tell_nothing(cl_device_id device, const struct answer *answer)
{
	(void)device;
	return fpr_cl_give(answer, NULL, 0);
}

static cl_int tell_no_partition(cl_device_id device, const struct answer *answer)
{
	(void)device;
	FPR_CL_GIVE(answer, cl_device_partition_property, 0);
}

static cl_int tell_kernels(cl_device_id device, const struct answer *answer)
{
	char names[512] = "";

	(void)device;
	for (unsigned int i = 0; i < FPR_CL_BUILTINS; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? ";" : "",
			 fpr_cl_builtins[i].name);
	return fpr_cl_give_text(answer, names);
}

static cl_int tell_kernel_versions(cl_device_id device, const struct answer *answer)
{
	cl_name_version list[FPR_CL_BUILTINS];

	(void)device;
	memset(list, 0, sizeof(list));
	for (unsigned int i = 0; i < FPR_CL_BUILTINS; i++) {
		list[i].version = CL_MAKE_VERSION(1, 0, 0);
		snprintf(list[i].name, sizeof(list[i].name), "%s", fpr_cl_builtins[i].name);
	}
	return fpr_cl_give(answer, list, sizeof(list));
}

/* The last one is of boards on the bus only. */
static const cl_name_version extensions[] = {
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_priority_hints"},
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_device_uuid"},
	{CL_MAKE_VERSION(0, 1, 0), "cl_fpr_event_result"},
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_pci_bus_info"},
};

static size_t n_extensions(cl_device_id device)
{
	return sizeof(extensions) / sizeof(extensions[0]) - !device->has_pci;
}

static cl_int tell_extensions(cl_device_id device, const struct answer *answer)
{
	char names[256] = "";

	for (size_t i = 0; i < n_extensions(device); i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? " " : "",
			 extensions[i].name);
	return fpr_cl_give_text(answer, names);
}

static cl_int tell_extension_versions(cl_device_id device, const struct answer *answer)
{
	return fpr_cl_give(answer, extensions, n_extensions(device) * sizeof(extensions[0]));
}

static cl_int tell_pci(cl_device_id device, const struct answer *answer)
{
	if (!device->has_pci)
		return CL_INVALID_VALUE;
	return fpr_cl_give(answer, &device->pci, sizeof(device->pci));
}

/* FNV-1a. */
static uint64_t hash(const char *text)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
	return sum;
}

/* Of a place on this machine's bus, or of a local board's name. */
static cl_int tell_uuid(cl_device_id device, const struct answer *answer)
{
	const cl_device_pci_bus_info_khr *pci = &device->pci;
	const uint64_t place = device->has_pci ? (uint64_t)pci->pci_domain << 32 |
							 (uint64_t)pci->pci_bus << 24 |
							 (uint64_t)pci->pci_device << 16 |
							 (uint64_t)pci->pci_function << 8
					       : hash(device->info.name);
	cl_uchar uuid[CL_UUID_SIZE_KHR] = {
		'f',
		'p',
		'r',
		(cl_uchar)device->has_pci,
		FPR_PCI_VENDOR >> 8,
		FPR_PCI_VENDOR & 255,
		FPR_PCI_DEVICE >> 8,
		FPR_PCI_DEVICE & 255,
	};

	for (unsigned int i = 0; i < 8; i++)
		uuid[8 + i] = (cl_uchar)(place >> (56 - 8 * i));
	return fpr_cl_give(answer, uuid, sizeof(uuid));
}

static cl_int tell_driver_uuid(cl_device_id device, const struct answer *answer)
{
	char uuid[CL_UUID_SIZE_KHR] = "fpr ";

	(void)device;
	snprintf(uuid + 4, sizeof(uuid) - 4, "%s", FPR_VERSION);
	return fpr_cl_give(answer, uuid, sizeof(uuid));
}

static cl_int tell_no_luid(cl_device_id device, const struct answer *answer)
{
	const cl_uchar luid[CL_LUID_SIZE_KHR] = {0};

	(void)device;
	return fpr_cl_give(answer, luid, sizeof(luid));
}

/* clang-format off */
#define NUMBER(param, form, number) {CL_DEVICE_##param, form, number, NULL, NULL}
#define STRING(param, text) {CL_DEVICE_##param, TEXT, 0, text, NULL}
#define TELL(param, tell) {CL_DEVICE_##param, FUNCTION, 0, NULL, tell}

static const struct fact facts[] = {
	TELL(TYPE, tell_type),
	TELL(NAME, tell_name),
	STRING(VENDOR, FPR_CL_VENDOR),
	NUMBER(VENDOR_ID, UINT, FPR_PCI_VENDOR),
	STRING(PROFILE, FPR_CL_PROFILE),
	STRING(VERSION, FPR_CL_VERSION),
	{CL_DRIVER_VERSION, TEXT, 0, FPR_VERSION, NULL},
	NUMBER(NUMERIC_VERSION, UINT, CL_MAKE_VERSION(3, 0, 0)),
	TELL(PLATFORM, tell_platform),
	TELL(EXTENSIONS, tell_extensions),
	TELL(EXTENSIONS_WITH_VERSION, tell_extension_versions),
	NUMBER(REFERENCE_COUNT, UINT, 1),
	TELL(AVAILABLE, tell_available),
	STRING(LATEST_CONFORMANCE_VERSION_PASSED, ""),
	TELL(PCI_BUS_INFO_KHR, tell_pci),
	TELL(UUID_KHR, tell_uuid),
	{CL_DRIVER_UUID_KHR, FUNCTION, 0, NULL, tell_driver_uuid},
	NUMBER(LUID_VALID_KHR, BOOL, CL_FALSE),
	TELL(LUID_KHR, tell_no_luid),
	NUMBER(NODE_MASK_KHR, UINT, 0),

	/* What it runs. */
	NUMBER(COMPILER_AVAILABLE, BOOL, CL_FALSE),
	NUMBER(LINKER_AVAILABLE, BOOL, CL_FALSE),
	STRING(OPENCL_C_VERSION, ""),
	TELL(OPENCL_C_ALL_VERSIONS, tell_nothing),
	TELL(OPENCL_C_FEATURES, tell_nothing),
	STRING(IL_VERSION, ""),
	TELL(ILS_WITH_VERSION, tell_nothing),
	TELL(BUILT_IN_KERNELS, tell_kernels),
	TELL(BUILT_IN_KERNELS_WITH_VERSION, tell_kernel_versions),
	NUMBER(EXECUTION_CAPABILITIES, ULONG, CL_EXEC_KERNEL),

	/* A kernel is one work-item, whose threads are the board's business. */
	NUMBER(MAX_COMPUTE_UNITS, UINT, 1),
	NUMBER(MAX_WORK_ITEM_DIMENSIONS, UINT, 3),
	TELL(MAX_WORK_ITEM_SIZES, tell_item_sizes),
	NUMBER(MAX_WORK_GROUP_SIZE, SIZE, 1),
	NUMBER(PREFERRED_WORK_GROUP_SIZE_MULTIPLE, SIZE, 1),
	NUMBER(NON_UNIFORM_WORK_GROUP_SUPPORT, BOOL, CL_FALSE),
	NUMBER(WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, BOOL, CL_FALSE),
	NUMBER(GENERIC_ADDRESS_SPACE_SUPPORT, BOOL, CL_FALSE),
	NUMBER(MAX_NUM_SUB_GROUPS, UINT, 0),
	NUMBER(SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS, BOOL, CL_FALSE),
	TELL(MAX_CLOCK_FREQUENCY, tell_clock),
	NUMBER(MAX_PARAMETER_SIZE, SIZE, 1024),
	NUMBER(MAX_CONSTANT_ARGS, UINT, 0),
	NUMBER(MAX_CONSTANT_BUFFER_SIZE, ULONG, 0),
	NUMBER(PRINTF_BUFFER_SIZE, SIZE, 0),

	/* Memory. */
	NUMBER(ADDRESS_BITS, UINT, 64),
	TELL(GLOBAL_MEM_SIZE, tell_memory),
	TELL(MAX_MEM_ALLOC_SIZE, tell_max_alloc),
	NUMBER(GLOBAL_MEM_CACHE_TYPE, UINT, CL_NONE),
	NUMBER(GLOBAL_MEM_CACHE_SIZE, ULONG, 0),
	NUMBER(GLOBAL_MEM_CACHELINE_SIZE, UINT, 0),
	NUMBER(LOCAL_MEM_TYPE, UINT, CL_NONE),
	NUMBER(LOCAL_MEM_SIZE, ULONG, 0),
	NUMBER(MEM_BASE_ADDR_ALIGN, UINT, 8 * FPR_CL_ALIGN),
	NUMBER(MIN_DATA_TYPE_ALIGN_SIZE, UINT, FPR_CL_ALIGN),
	NUMBER(ERROR_CORRECTION_SUPPORT, BOOL, CL_FALSE),
	TELL(HOST_UNIFIED_MEMORY, tell_unified),
	NUMBER(ENDIAN_LITTLE, BOOL, CL_TRUE),
	NUMBER(MAX_GLOBAL_VARIABLE_SIZE, SIZE, 0),
	NUMBER(GLOBAL_VARIABLE_PREFERRED_TOTAL_SIZE, SIZE, 0),
	NUMBER(SVM_CAPABILITIES, ULONG, 0),
	NUMBER(ATOMIC_MEMORY_CAPABILITIES, ULONG,
	       CL_DEVICE_ATOMIC_ORDER_RELAXED | CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP),
	NUMBER(ATOMIC_FENCE_CAPABILITIES, ULONG, CL_DEVICE_ATOMIC_ORDER_RELAXED |
	       CL_DEVICE_ATOMIC_ORDER_ACQ_REL | CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP),
	NUMBER(PREFERRED_PLATFORM_ATOMIC_ALIGNMENT, UINT, 0),
	NUMBER(PREFERRED_GLOBAL_ATOMIC_ALIGNMENT, UINT, 0),
	NUMBER(PREFERRED_LOCAL_ATOMIC_ALIGNMENT, UINT, 0),

	/* Numbers: bfloat16 and fp32, to nearest; subnormals are zero. No OpenCL C says "float". */
	NUMBER(SINGLE_FP_CONFIG, ULONG, CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN),
	NUMBER(DOUBLE_FP_CONFIG, ULONG, 0),
	NUMBER(HALF_FP_CONFIG, ULONG, 0),
	NUMBER(PREFERRED_VECTOR_WIDTH_CHAR, UINT, 1),
	NUMBER(PREFERRED_VECTOR_WIDTH_SHORT, UINT, 1),
	NUMBER(PREFERRED_VECTOR_WIDTH_INT, UINT, 1),
	NUMBER(PREFERRED_VECTOR_WIDTH_LONG, UINT, 1),
	NUMBER(PREFERRED_VECTOR_WIDTH_FLOAT, UINT, 1),
	NUMBER(PREFERRED_VECTOR_WIDTH_DOUBLE, UINT, 0),
	NUMBER(PREFERRED_VECTOR_WIDTH_HALF, UINT, 0),
	NUMBER(NATIVE_VECTOR_WIDTH_CHAR, UINT, 1),
	NUMBER(NATIVE_VECTOR_WIDTH_SHORT, UINT, 1),
	NUMBER(NATIVE_VECTOR_WIDTH_INT, UINT, 1),
	NUMBER(NATIVE_VECTOR_WIDTH_LONG, UINT, 1),
	NUMBER(NATIVE_VECTOR_WIDTH_FLOAT, UINT, 1),
	NUMBER(NATIVE_VECTOR_WIDTH_DOUBLE, UINT, 0),
	NUMBER(NATIVE_VECTOR_WIDTH_HALF, UINT, 0),

	/* Queues. */
	NUMBER(QUEUE_ON_HOST_PROPERTIES, ULONG,
	       CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE | CL_QUEUE_PROFILING_ENABLE),
	NUMBER(QUEUE_ON_DEVICE_PROPERTIES, ULONG, 0),
	NUMBER(QUEUE_ON_DEVICE_PREFERRED_SIZE, UINT, 0),
	NUMBER(QUEUE_ON_DEVICE_MAX_SIZE, UINT, 0),
	NUMBER(MAX_ON_DEVICE_QUEUES, UINT, 0),
	NUMBER(MAX_ON_DEVICE_EVENTS, UINT, 0),
	NUMBER(DEVICE_ENQUEUE_CAPABILITIES, ULONG, 0),
	NUMBER(PREFERRED_INTEROP_USER_SYNC, BOOL, CL_TRUE),
	NUMBER(PROFILING_TIMER_RESOLUTION, SIZE, FPR_CL_TIMER_NS),

	/* No images, pipes or parts. */
	NUMBER(IMAGE_SUPPORT, BOOL, CL_FALSE),
	NUMBER(MAX_READ_IMAGE_ARGS, UINT, 0),
	NUMBER(MAX_WRITE_IMAGE_ARGS, UINT, 0),
	NUMBER(MAX_READ_WRITE_IMAGE_ARGS, UINT, 0),
	NUMBER(IMAGE2D_MAX_WIDTH, SIZE, 0),
	NUMBER(IMAGE2D_MAX_HEIGHT, SIZE, 0),
	NUMBER(IMAGE3D_MAX_WIDTH, SIZE, 0),
	NUMBER(IMAGE3D_MAX_HEIGHT, SIZE, 0),
	NUMBER(IMAGE3D_MAX_DEPTH, SIZE, 0),
	NUMBER(IMAGE_MAX_BUFFER_SIZE, SIZE, 0),
	NUMBER(IMAGE_MAX_ARRAY_SIZE, SIZE, 0),
	NUMBER(IMAGE_PITCH_ALIGNMENT, UINT, 0),
	NUMBER(IMAGE_BASE_ADDRESS_ALIGNMENT, UINT, 0),
	NUMBER(MAX_SAMPLERS, UINT, 0),
	NUMBER(PIPE_SUPPORT, BOOL, CL_FALSE),
	NUMBER(MAX_PIPE_ARGS, UINT, 0),
	NUMBER(PIPE_MAX_ACTIVE_RESERVATIONS, UINT, 0),
	NUMBER(PIPE_MAX_PACKET_SIZE, UINT, 0),
	TELL(PARENT_DEVICE, tell_no_device),
	NUMBER(PARTITION_MAX_SUB_DEVICES, UINT, 0),
	TELL(PARTITION_PROPERTIES, tell_no_partition),
	NUMBER(PARTITION_AFFINITY_DOMAIN, ULONG, 0),
	TELL(PARTITION_TYPE, tell_nothing),
};
/* clang-format on */

static cl_int tell(cl_device_id device, const struct fact *fact, const struct answer *answer)
{
	switch (fact->form) {
	case BOOL:
		FPR_CL_GIVE(answer, cl_bool, (cl_bool)fact->number);
	case UINT:
		FPR_CL_GIVE(answer, cl_uint, (cl_uint)fact->number);
	case ULONG:
		FPR_CL_GIVE(answer, cl_ulong, fact->number);
	case SIZE:
		FPR_CL_GIVE(answer, size_t, (size_t)fact->number);
	case TEXT:
		return fpr_cl_give_text(answer, fact->text);
	case FUNCTION:
		break;
	}
	return fact->tell(device, answer);
}

cl_int CL_API_CALL fpr_clGetDeviceInfo(cl_device_id device, cl_device_info param, size_t size,
				       void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(device, KIND_DEVICE))
		return CL_INVALID_DEVICE;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].param == param)
			return tell(device, &facts[i], &answer);
	return CL_INVALID_VALUE;
}
