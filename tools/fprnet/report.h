/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_REPORT_H
#define FPRNET_REPORT_H

struct json_object;

/**
 * report_new() - a document of fprnet.schema.json
 * @command: which one's
 * Return: an object that names its schema, to be filled in
 */
struct json_object *report_new(const char *command);

/* Adds @value as @key. */
void report_number(struct json_object *object, const char *key, double value);

#endif
