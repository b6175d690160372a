/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>

#include "report.h"

/* Grows when a key's meaning changes, which its documents promise not to. */
#define SCHEMA_VERSION 1

struct json_object *report_new(const char *command)
{
	struct json_object *object = json_object_new_object();
	char schema[32];

	snprintf(schema, sizeof(schema), "fprnet.%s", command);
	json_object_object_add(object, "schema", json_object_new_string(schema));
	json_object_object_add(object, "schema_version", json_object_new_int(SCHEMA_VERSION));
	return object;
}

void report_number(struct json_object *object, const char *key, double value)
{
	json_object_object_add(object, key, json_object_new_double(value));
}
