/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fprctl.h"
#include "record.h"

static void copy(void *to, const void *from, uint64_t bytes)
{
	if (bytes)
		memcpy(to, from, bytes);
}

int product_of_record(struct board *board, const struct fpr_trace_record *record,
		      struct product *product)
{
	const int ret = product_create(board, &record->gemm, record->a_bytes, record->b_bytes,
				       record->c_bytes, product);

	if (ret)
		return ret;
	copy(product->a, record->a, record->a_bytes);
	copy(product->b, record->b, record->b_bytes);
	if (record->gemm.accumulate)
		copy(product->c, record->c_in, record->c_bytes);
	return 0;
}

uint64_t trace_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

int trace_failed(const char *path, int error, uint64_t records)
{
	const unsigned long long n = records;

	switch (error) {
	case -ENODATA:
		complain("%s: truncated after %llu records", path, n);
		return EXIT_USAGE;
	case -EBADMSG:
		complain(n ? "%s: damaged after %llu records" : "%s: not a trace, or damaged", path,
			 n);
		return EXIT_USAGE;
	case -EPROTONOSUPPORT:
		complain("%s: a trace of another version", path);
		return EXIT_USAGE;
	case -ENOMEM:
		complain("%s: out of memory after %llu records", path, n);
		return EXIT_FAILED;
	default:
		complain("%s: %s", path, strerror(-error));
		return EXIT_USAGE;
	}
}

int record_failed(const struct board *board, const char *path, uint64_t record, int error)
{
	complain("%s: record %llu: %s", path, (unsigned long long)record,
		 board_failure(board, error));
	return EXIT_FAILED;
}
