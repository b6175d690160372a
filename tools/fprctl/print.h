/* SPDX-License-Identifier: MIT */
#ifndef FPR_PRINT_H
#define FPR_PRINT_H

#include <stdint.h>

#include "fpr.h"

/*
 * What a command has to say, once, for the eye or as JSON. Values have keys but
 * inside a list, where the key is NULL.
 */

#define PRINT_DEPTH_MAX 8

/* How: what --json sets is 1. A line is JSON too, for output that goes on. */
enum { PRINT_FOR_EYES = 0, PRINT_JSON = 1, PRINT_JSON_LINE = 2 };

/* Every JSON document says by which rules it is made: fprctl.COMMAND, and a version. */
#define PRINT_SCHEMA_VERSION 1
void print_schema(const char *command);

/**
 * struct printer - where printing stands
 * @ops: the format
 * @depth: objects and lists open inside the outermost
 * @json: those, from the outside in; of the JSON format
 * @entry: in an entry of a list, 1 + its values so far; of the human format
 * @is_line: JSON on one line
 */
struct printer {
	const struct print_ops *ops;
	unsigned int depth;
	struct json_object *json[PRINT_DEPTH_MAX];
	unsigned int entry;
	int is_line;
};

/* Opens the outermost object. @how: PRINT_* */
void print_start(struct printer *printer, int how);

void print_text(struct printer *printer, const char *key, const char *text);
void print_number(struct printer *printer, const char *key, uint64_t number);
void print_signed(struct printer *printer, const char *key, int64_t number);
/* With three decimals. */
void print_real(struct printer *printer, const char *key, double number);
void print_flag(struct printer *printer, const char *key, int flag);

/* Between these, values belong to an object or list inside the current one. */
void print_begin_object(struct printer *printer, const char *key);
void print_begin_list(struct printer *printer, const char *key);
void print_end(struct printer *printer);

/* Counters in their groups: cycles, terms, lanes, bytes. */
void print_counters(struct printer *printer, const struct fpr_gemm_counters *counters);

/* Shape and options of a product: shape, kind, serial, t, out, trans. */
void print_gemm(struct printer *printer, const struct fpr_gemm *gemm);

/* Closes everything and writes it to standard output; every start needs one. */
void print_finish(struct printer *printer);

/* A counter's group, name and place, for what must go through all of them. */
struct counter {
	const char *group, *name;
	size_t offset;
};

#define N_COUNTERS (sizeof(struct fpr_gemm_counters) / sizeof(uint64_t))
extern const struct counter counter_table[N_COUNTERS];
uint64_t counter_value(const struct fpr_gemm_counters *counters, const struct counter *counter);

/* Names by enum value; each ends with NULL. */
extern const char *const kind_names[];
extern const char *const serial_names[];
extern const char *const out_names[];

#endif
