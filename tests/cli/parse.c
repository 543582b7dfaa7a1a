/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of the command line: reads standard input as a strict program would.
 *
 *   parse json [PATH]    one document; prints the value at PATH ("labels.0.f1") in compact form
 *   parse jsonl [PATH]   a document a line; prints a value for each
 *   parse csv COLUMN     RFC 4180 without leniency; prints the fields of a column, from 0, as JSON strings
 *
 * Exit status 1 when the input is not what it should be. */
#include <csv.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	return 1;
}

static const json_t *walk(const json_t *value, const char *path)
{
	while (value && *path) {
		char name[256];
		size_t size = strcspn(path, ".");

		snprintf(name, sizeof name, "%.*s", (int)size, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) : json_object_get(value, name);
		path += size + (path[size] == '.');
	}
	return value;
}

static int print_value(const char *text, const char *path)
{
	json_error_t error;
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	const json_t *value = document ? walk(document, path) : NULL;
	char *out = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : NULL;

	if (!document)
		return fail(error.text);
	if (!out)
		return fail("there is no such value");
	puts(out);
	free(out);
	json_decref(document);
	return 0;
}

static char *read_all(void)
{
	size_t size = 0, capacity = 1 << 20;
	char *text = malloc(capacity);

	while (text && !feof(stdin)) {
		if (size + 1 == capacity)
			text = realloc(text, capacity *= 2);
		if (text)
			size += fread(text + size, 1, capacity - size - 1, stdin);
	}
	if (text)
		text[size] = '\0';
	return text;
}

static int parse_lines(char *text, const char *path)
{
	char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			return fail("the last line does not end");
		*end = '\0';
		if (print_value(text, path))
			return 1;
	}
	return 0;
}

struct column {
	int wanted, at, fields;
};

static void take_field(void *data, size_t size, void *context)
{
	struct column *column = context;
	json_t *text;

	if (column->at++ != column->wanted)
		return;
	text = json_stringn(data, size);
	json_dumpf(text, stdout, JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(text);
}

static void take_row(int end, void *context)
{
	struct column *column = context;

	(void)end;
	if (column->fields == 0)
		column->fields = column->at;
	if (column->fields != column->at)
		exit(fail("a row has another number of fields than the first"));
	column->at = 0;
}

static int parse_csv(const char *text, int wanted)
{
	struct column column = {.wanted = wanted};
	struct csv_parser parser;
	size_t size = strlen(text);

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return fail("out of memory");
	if (csv_parse(&parser, text, size, take_field, take_row, &column) != size ||
	    csv_fini(&parser, take_field, take_row, &column) != 0)
		return fail(csv_strerror(csv_error(&parser)));
	csv_free(&parser);
	return 0;
}

int main(int argc, char **argv)
{
	char *text = read_all();
	const char *what = argc > 1 ? argv[1] : "", *path = argc > 2 ? argv[2] : "";
	int status = 2;

	if (!text)
		return fail("out of memory");
	if (strcmp(what, "json") == 0)
		status = print_value(text, path);
	else if (strcmp(what, "jsonl") == 0)
		status = parse_lines(text, path);
	else if (strcmp(what, "csv") == 0)
		status = parse_csv(text, (int)strtol(path, NULL, 10));
	free(text);
	return status;
}
