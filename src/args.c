/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/args.h"

#include "engine/nearest.h"
#include "src/synonyms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char dash(char c)
{
	return c == '_' ? '-' : c;
}

static bool same_name(const char *name, const char *given, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!name[i] || dash(name[i]) != dash(given[i]))
			return false;
	return name[size] == '\0';
}

static const struct argument_row *find_row(const struct argument_row *rows, const char *name, size_t size)
{
	for (; rows->name; rows++)
		if (same_name(rows->name, name, size))
			return rows;
	return NULL;
}

bool arguments_take(enum arguments_train which, const struct option_row *row)
{
	static const char *const rows[] = {"validation", "seed", "text-column", "label-column", "corrections", "exclude", "problem-type",
	                                   "max-train-samples", "max-eval-samples", "split", "stratify", "split-seed", "threads"};

	if (which != ARGUMENTS_TRAINING_ROWS)
		return which == ARGUMENTS_TRAINING;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i], row->name) == 0)
			return true;
	return dialect_find(row->name) >= 0;
}

static enum arguments_train taken(const struct arguments *arguments)
{
	return !arguments->train ? ARGUMENTS_NO_TRAINING : arguments->train_rows ? ARGUMENTS_TRAINING_ROWS : ARGUMENTS_TRAINING;
}

static const struct option_row *find_train_row(const struct arguments *arguments, const char *name, size_t size)
{
	for (int i = 0; i < train_option_count; i++)
		if (arguments_take(taken(arguments), &train_option_rows[i]) && same_name(train_option_rows[i].name, name, size))
			return &train_option_rows[i];
	return NULL;
}

/* The option of this command, if it has one, that other programs call so. */
static const char *find_synonym(const struct arguments *arguments, const char *wanted)
{
	const struct synonym *synonym = synonyms;
	const char *names;

	while (synonym->name && !same_name(synonym->name, wanted, strlen(wanted)))
		synonym++;
	for (names = synonym->name ? synonym->options : ""; *names; names += strspn(names, " ")) {
		const size_t size = strcspn(names, " ");
		const struct argument_row *row = find_row(arguments->rows, names, size);
		const struct option_row *train = find_train_row(arguments, names, size);

		if (row || train)
			return row ? row->name : train->name;
		names += size;
	}
	return NULL;
}

static const char *find_nearest(const struct arguments *arguments, const char *wanted)
{
	struct nearest nearest = {.wanted = wanted};

	for (const struct argument_row *row = arguments->rows; row->name; row++)
		nearest_offer(&nearest, row->name);
	for (int i = 0; i < train_option_count; i++)
		if (arguments_take(taken(arguments), &train_option_rows[i]))
			nearest_offer(&nearest, train_option_rows[i].name);
	return nearest.name;
}

static bool unknown_option(const struct arguments *arguments, const char *name, size_t size, struct error *error)
{
	char wanted[NEAREST_NAME_MAX];
	const char *meant;

	snprintf(wanted, sizeof wanted, "%.*s", (int)(size < sizeof wanted ? size : sizeof wanted - 1), name);
	meant = find_synonym(arguments, wanted);
	if (!meant)
		meant = find_nearest(arguments, wanted);
	if (meant)
		return error_set(error, ERROR_USAGE, "there is no option --%s; did you mean --%s?", wanted, meant);
	return error_set(error, ERROR_USAGE, "there is no option --%s (--help lists them)", wanted);
}

static bool is_choice(const char *words, const char *text)
{
	size_t size = strlen(text);

	while (*words) {
		size_t word = strcspn(words, "|");
		if (word == size && memcmp(words, text, size) == 0)
			return true;
		words += word + (words[word] == '|');
	}
	return false;
}

static bool set_integer(const struct argument_row *row, int64_t *out, const char *text, struct error *error)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || (double)value < row->minimum || (double)value > row->maximum)
		return error_set(error, ERROR_USAGE, "--%s: \"%s\" is not a whole number from %.0f to %.0f", row->name,
		                 text, row->minimum, row->maximum);
	*out = value;
	return true;
}

static bool set_real(const struct argument_row *row, double *out, const char *text, struct error *error)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	/* A NaN is in no range. */
	if (errno || end == text || *end || !(value >= row->minimum && value <= row->maximum))
		return error_set(error, ERROR_USAGE, "--%s: \"%s\" is not a number from %g to %g", row->name, text,
		                 row->minimum, row->maximum);
	*out = value;
	return true;
}

static bool add_file(const struct argument_row *row, struct argument_files *files, const char *text, struct error *error)
{
	RETURN_IF(!text[0], error, ERROR_USAGE, "--%s needs a path", row->name);
	RETURN_IF(files->count == ARGUMENT_FILES_MAX, error, ERROR_USAGE, "--%s: %d of them at most", row->name, ARGUMENT_FILES_MAX);
	files->paths[files->count++] = text;
	return true;
}

static bool set_value(const struct argument_row *row, void *values, const char *text, struct error *error)
{
	void *field = (char *)values + row->offset;

	switch (row->kind) {
	case ARGUMENT_FLAG:
		*(bool *)field = true;
		return true;
	case ARGUMENT_INTEGER:
		return set_integer(row, field, text, error);
	case ARGUMENT_REAL:
		return set_real(row, field, text, error);
	case ARGUMENT_CHOICE:
		if (!is_choice(row->value, text))
			return error_set(error, ERROR_USAGE, "--%s: \"%s\" is none of %s", row->name, text, row->value);
		break;
	case ARGUMENT_OPTIONS: /* parse_long's own */
	case ARGUMENT_FILE:
	case ARGUMENT_FOLDER:
		if (!text[0])
			return error_set(error, ERROR_USAGE, "--%s needs a path", row->name);
		break;
	case ARGUMENT_FILES:
		return add_file(row, field, text, error);
	case ARGUMENT_DIALECT:
		return dialect_set(field, dialect_find(row->name), text, error);
	case ARGUMENT_TEXT:
		break;
	}
	*(const char **)field = text;
	return true;
}

/* A truth value stands alone ("--fp16") or, as transformers takes it too, before a word that says it ("--fp16 false"). */
static const char *take_truth(const char *equals, int argc, char **argv, int *index)
{
	static const char *const words[] = {"true", "false", "True", "False"};

	if (equals)
		return equals + 1;
	for (size_t i = 0; *index + 1 < argc && i < sizeof words / sizeof *words; i++)
		if (strcmp(argv[*index + 1], words[i]) == 0)
			return argv[++*index];
	return "true";
}

/* The value of an option: after its '=', or the next argument. */
static const char *take_value(const char *equals, int argc, char **argv, int *index)
{
	if (equals)
		return equals + 1;
	return *index + 1 < argc ? argv[++*index] : NULL;
}

/* What stands later on the line counts more, and so it does here. */
static bool read_options(struct arguments *arguments, const struct argument_row *row, const char *path,
                         struct error *error)
{
	void *file = (char *)arguments->values + row->offset;

	arguments->train_given++;
	return train_options_read_file(path, arguments->train, file, error);
}

static bool parse_long(struct arguments *arguments, int argc, char **argv, int *index, struct error *error)
{
	const char *name = argv[*index] + 2, *equals = strchr(name, '='), *value;
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct argument_row *row = find_row(arguments->rows, name, size);
	const struct option_row *train = row ? NULL : find_train_row(arguments, name, size);

	if (!row && !train)
		return unknown_option(arguments, name, size, error);
	if (row && row->kind == ARGUMENT_FLAG && equals)
		return error_set(error, ERROR_USAGE, "--%s takes no value", row->name);
	if (row && row->kind == ARGUMENT_FLAG)
		value = "";
	else
		value = (train && train->kind == OPTION_BOOLEAN ? take_truth : take_value)(equals, argc, argv, index);
	if (!value)
		return error_set(error, ERROR_USAGE, "--%s needs a value", row ? row->name : train->name);
	if (row && row->kind == ARGUMENT_OPTIONS)
		return read_options(arguments, row, value, error);
	if (row)
		return set_value(row, arguments->values, value, error);
	if (arguments->train_given < 3)
		arguments->train_named[arguments->train_given] = train->name;
	arguments->train_given++;
	return train_option_add(arguments->train, train, value, error);
}

static bool parse_short(struct arguments *arguments, int argc, char **argv, int *index, struct error *error)
{
	const char *text = argv[*index], *value;
	const struct argument_row *row = arguments->rows;

	while (row->name && row->letter != text[1])
		row++;
	if (!row->name)
		return error_set(error, ERROR_USAGE, "there is no option %.2s (what begins with '-' stands after \"--\")",
		                 text);
	if (row->kind == ARGUMENT_FLAG && text[2])
		return error_set(error, ERROR_USAGE, "-%c takes no value", row->letter);
	value = row->kind == ARGUMENT_FLAG ? "" : text[2] ? text + 2 : take_value(NULL, argc, argv, index);
	if (!value)
		return error_set(error, ERROR_USAGE, "-%c needs a value", row->letter);
	return set_value(row, arguments->values, value, error);
}

static bool set_presets(struct arguments *arguments, struct error *error)
{
	for (const struct argument_row *row = arguments->rows; row->name; row++)
		if (row->preset && !set_value(row, arguments->values, row->preset, error))
			return false;
	if (arguments->train)
		train_options_init(arguments->train);
	if (arguments->train && arguments->task)
		train_option_set(arguments->train, train_option_find("task"), arguments->task, NULL);
	return true;
}

bool arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error)
{
	bool options = true;

	if (!set_presets(arguments, error))
		return false;
	arguments->train_given = 0;
	memset(arguments->train_named, 0, sizeof arguments->train_named);
	arguments->command = argv[0];
	arguments->operands = argv;
	arguments->operand_count = 0;
	for (int i = 1; i < argc; i++) {
		const char *text = argv[i];

		if (options && strcmp(text, "--") == 0) {
			options = false;
		} else if (!options || text[0] != '-' || !text[1]) {
			argv[arguments->operand_count++] = argv[i];
		} else if (text[1] == '-') {
			if (!parse_long(arguments, argc, argv, &i, error))
				return false;
		} else if (!parse_short(arguments, argc, argv, &i, error)) {
			return false;
		}
	}
	return true;
}

bool arguments_expect(const struct arguments *arguments, int minimum, int maximum, const char *what,
                      struct error *error)
{
	if (arguments->operand_count < minimum)
		return error_set(error, ERROR_USAGE, "%s is missing (\"revue%s%s --help\" shows the usage)", what,
		                 arguments->command[0] ? " " : "", arguments->command);
	if (arguments->operand_count > maximum)
		return error_set(error, ERROR_USAGE, "\"%s\" is too much (\"revue%s%s --help\" shows the usage)",
		                 arguments->operands[maximum], arguments->command[0] ? " " : "", arguments->command);
	return true;
}
