/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>

#include "print.h"

#define KEY_WIDTH 22
#define ENTRY_WIDTH 46

static const char *schema = "fprctl";

/* One table per format; commands call only these. */
struct print_ops {
	void (*text)(struct printer *printer, const char *key, const char *text);
	void (*number)(struct printer *printer, const char *key, uint64_t number);
	void (*integer)(struct printer *printer, const char *key, int64_t number);
	void (*real)(struct printer *printer, const char *key, double number);
	void (*flag)(struct printer *printer, const char *key, int flag);
	void (*begin)(struct printer *printer, const char *key, int is_list);
	void (*end)(struct printer *printer);
	void (*finish)(struct printer *printer);
};

/* ---- for the eye ------------------------------------------------------- */

/* An entry of a list takes one line: its first value, then keys and values. */
static void human_text(struct printer *printer, const char *key, const char *text)
{
	const int indent = 2 * (int)printer->depth;

	if (printer->entry > 1)
		printf("  %s %s", key, text);
	else if (printer->entry)
		printf("%*s%-*s", indent - 2, "", ENTRY_WIDTH, text);
	else if (key)
		printf("%*s%-*s %s\n", indent, "", KEY_WIDTH - indent, key, text);
	else
		printf("%*s%s\n", indent, "", text);
	printer->entry += printer->entry != 0;
}

static void human_number(struct printer *printer, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	human_text(printer, key, text);
}

static void human_integer(struct printer *printer, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	human_text(printer, key, text);
}

static void human_real(struct printer *printer, const char *key, double number)
{
	char text[400];

	snprintf(text, sizeof(text), "%.3f", number);
	human_text(printer, key, text);
}

static void human_flag(struct printer *printer, const char *key, int flag)
{
	human_text(printer, key, flag ? "yes" : "no");
}

static void human_begin(struct printer *printer, const char *key, int is_list)
{
	(void)is_list;
	if (key)
		printf("%*s%s\n", 2 * (int)printer->depth, "", key);
	else
		printer->entry = 1;
	printer->depth++;
}

static void human_end(struct printer *printer)
{
	if (printer->entry)
		putchar('\n');
	printer->entry = 0;
	printer->depth--;
}

static void human_finish(struct printer *printer)
{
	(void)printer;
}

static const struct print_ops human = {
	.text = human_text,
	.number = human_number,
	.integer = human_integer,
	.real = human_real,
	.flag = human_flag,
	.begin = human_begin,
	.end = human_end,
	.finish = human_finish,
};

/* ---- JSON -------------------------------------------------------------- */

static void json_put(struct printer *printer, const char *key, struct json_object *value)
{
	struct json_object *into = printer->json[printer->depth];

	if (key)
		json_object_object_add(into, key, value);
	else
		json_object_array_add(into, value);
}

static void json_text(struct printer *printer, const char *key, const char *text)
{
	json_put(printer, key, json_object_new_string(text));
}

static void json_number(struct printer *printer, const char *key, uint64_t number)
{
	json_put(printer, key, json_object_new_uint64(number));
}

static void json_integer(struct printer *printer, const char *key, int64_t number)
{
	json_put(printer, key, json_object_new_int64(number));
}

static void json_real(struct printer *printer, const char *key, double number)
{
	char text[400];

	snprintf(text, sizeof(text), "%.3f", number);
	json_put(printer, key, json_object_new_double_s(number, text));
}

static void json_flag(struct printer *printer, const char *key, int flag)
{
	json_put(printer, key, json_object_new_boolean(flag));
}

static void json_begin(struct printer *printer, const char *key, int is_list)
{
	struct json_object *inner = is_list ? json_object_new_array() : json_object_new_object();

	json_put(printer, key, inner);
	printer->json[++printer->depth] = inner;
}

static void json_end(struct printer *printer)
{
	printer->depth--;
}

static void json_finish(struct printer *printer)
{
	const int pretty = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;

	puts(json_object_to_json_string_ext(printer->json[0],
					    (printer->is_line ? JSON_C_TO_STRING_PLAIN : pretty) |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(printer->json[0]);
}

static const struct print_ops json = {
	.text = json_text,
	.number = json_number,
	.integer = json_integer,
	.real = json_real,
	.flag = json_flag,
	.begin = json_begin,
	.end = json_end,
	.finish = json_finish,
};

/* ---- either ------------------------------------------------------------ */

void print_schema(const char *command)
{
	static char text[32];

	snprintf(text, sizeof(text), "fprctl.%s", command);
	schema = text;
}

void print_start(struct printer *printer, int how)
{
	*printer = (struct printer){.ops = how ? &json : &human, .is_line = how == PRINT_JSON_LINE};
	if (!how)
		return;
	printer->json[0] = json_object_new_object();
	print_text(printer, "schema", schema);
	print_number(printer, "schema_version", PRINT_SCHEMA_VERSION);
}

void print_text(struct printer *printer, const char *key, const char *text)
{
	printer->ops->text(printer, key, text);
}

void print_number(struct printer *printer, const char *key, uint64_t number)
{
	printer->ops->number(printer, key, number);
}

void print_signed(struct printer *printer, const char *key, int64_t number)
{
	printer->ops->integer(printer, key, number);
}

void print_real(struct printer *printer, const char *key, double number)
{
	printer->ops->real(printer, key, number);
}

void print_flag(struct printer *printer, const char *key, int flag)
{
	printer->ops->flag(printer, key, flag);
}

void print_begin_object(struct printer *printer, const char *key)
{
	printer->ops->begin(printer, key, 0);
}

void print_begin_list(struct printer *printer, const char *key)
{
	printer->ops->begin(printer, key, 1);
}

void print_end(struct printer *printer)
{
	printer->ops->end(printer);
}

void print_finish(struct printer *printer)
{
	printer->ops->finish(printer);
}
