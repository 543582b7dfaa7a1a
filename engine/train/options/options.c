/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/options.h"

#include "engine/base/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ROW(theme_, kind_, field, name_, default_, minimum_, maximum_, choices_, help_) \
	{.kind = OPTION_##kind_, .theme = theme_, .name = name_, .default_text = default_, .choices = choices_, \
	 .help = help_, .minimum = minimum_, .maximum = maximum_, .offset = offsetof(struct train_options, field)},

#define ROW_BASIC(...) ROW(THEME_BASIC, __VA_ARGS__)
#define ROW_DATA(...) ROW(THEME_DATA, __VA_ARGS__)
#define ROW_SCHEDULE(...) ROW(THEME_SCHEDULE, __VA_ARGS__)
#define ROW_OPTIMIZER(...) ROW(THEME_OPTIMIZER, __VA_ARGS__)
#define ROW_LOSS(...) ROW(THEME_LOSS, __VA_ARGS__)
#define ROW_TEACH(...) ROW(THEME_TEACH, __VA_ARGS__)
#define ROW_EVALUATION(...) ROW(THEME_EVALUATION, __VA_ARGS__)
#define ROW_ADAPTER(...) ROW(THEME_ADAPTER, __VA_ARGS__)
#define ROW_RUN(...) ROW(THEME_RUN, __VA_ARGS__)
#define THEME_ROWS(theme, title) OPTIONS_##theme(ROW_##theme)

const struct option_row train_option_rows[] = {OPTION_THEMES(THEME_ROWS)};
const int train_option_count = (int)(sizeof train_option_rows / sizeof train_option_rows[0]);

#define THEME_TITLE(theme, title) [THEME_##theme] = title,
const char *const option_theme_titles[OPTION_THEME_COUNT] = {OPTION_THEMES(THEME_TITLE)};

static void *field_of(struct train_options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

void train_options_init(struct train_options *options)
{
	memset(options, 0, sizeof *options);
	for (int i = 0; i < train_option_count; i++)
		train_option_set(options, &train_option_rows[i], train_option_rows[i].default_text, NULL);
}

static bool names_equal(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;
		if (x != y)
			return false;
	}
	return *a == *b;
}

const struct option_row *train_option_find(const char *name)
{
	for (int i = 0; i < train_option_count; i++)
		if (names_equal(train_option_rows[i].name, name))
			return &train_option_rows[i];
	return NULL;
}

static bool in_range(const struct option_row *row, double value, const char *text, struct error *error)
{
	char minimum[NUMBER_TEXT], maximum[NUMBER_TEXT];

	if (value >= row->minimum && value <= row->maximum)
		return true;
	number_format(minimum, row->minimum);
	number_format(maximum, row->maximum);
	return error_set(error, ERROR_USAGE, "--%s: %.40s is out of range: from %s to %s are allowed", row->name, text,
	                 minimum, maximum);
}

/* The words of transformers' string_to_bool, and those of a Python literal. */
static bool set_boolean(bool *field, const struct option_row *row, const char *text, struct error *error)
{
	static const char *const words[2][5] = {{"false", "no", "f", "n", "0"}, {"true", "yes", "t", "y", "1"}};

	for (int value = 0; value < 2; value++)
		for (int i = 0; i < 5; i++)
			if (strcasecmp(text, words[value][i]) == 0) {
				*field = value;
				return true;
			}
	return error_set(error, ERROR_USAGE, "--%s: \"%.40s\" is neither true nor false", row->name, text);
}

static bool set_integer(int64_t *field, const struct option_row *row, const char *text, struct error *error)
{
	int64_t value;

	RETURN_IF(!number_parse_integer(text, &value), error, ERROR_USAGE, "--%s: \"%.40s\" is not a whole number",
	          row->name, text);
	if (!in_range(row, (double)value, text, error))
		return false;
	*field = value;
	return true;
}

static bool set_real(double *field, const struct option_row *row, const char *text, struct error *error)
{
	double value;

	RETURN_IF(!number_parse(text, &value), error, ERROR_USAGE, "--%s: \"%.40s\" is not a number", row->name, text);
	if (!in_range(row, value, text, error))
		return false;
	*field = value;
	return true;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t size = strlen(text);

	for (const char *word = choices; *word; word += strspn(word, "|")) {
		size_t length = strcspn(word, "|");
		if (length == size && memcmp(word, text, size) == 0)
			return true;
		word += length;
	}
	return false;
}

/* A row of the dialect keeps its value as it is written best, and "" where it is to be guessed. */
static bool set_dialect(char *field, int row, const char *text, struct error *error)
{
	struct dataset_dialect dialect = {0};

	if (!dialect_set(&dialect, row, text, error))
		return false;
	dialect_format(&dialect, row, field);
	if (strcmp(field, "auto") == 0)
		field[0] = '\0';
	return true;
}

static bool set_text(char *field, const struct option_row *row, const char *text, struct error *error)
{
	size_t size = strlen(text);

	RETURN_IF(row->kind == OPTION_CHOICE && !is_choice(row->choices, text), error, ERROR_USAGE,
	          "--%s: \"%.40s\" is not one of %s", row->name, text, row->choices);
	RETURN_IF(size >= OPTION_TEXT_MAX, error, ERROR_USAGE, "--%s: the text is longer than %d bytes", row->name,
	          OPTION_TEXT_MAX - 1);
	memcpy(field, text, size + 1);
	return true;
}

bool train_option_set(struct train_options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
	void *field = field_of(options, row);
	const int dialect = dialect_find(row->name);

	if (dialect >= 0)
		return set_dialect(field, dialect, text, error);
	switch (row->kind) {
	case OPTION_BOOLEAN:
		return set_boolean(field, row, text, error);
	case OPTION_INTEGER:
		return set_integer(field, row, text, error);
	case OPTION_REAL:
		return set_real(field, row, text, error);
	case OPTION_CHOICE:
	case OPTION_TEXT:
		break;
	}
	return set_text(field, row, text, error);
}

bool train_option_add(struct train_options *options, const struct option_row *row, const char *text, struct error *error)
{
	const char *before = row->kind == OPTION_TEXT && row->maximum > 1 ? field_of(options, row) : "";
	char all[OPTION_TEXT_MAX];
	int lines = 1;

	if (before[0] == '\0')
		return train_option_set(options, row, text, error);
	for (const char *at = before; *at; at++)
		lines += *at == '\n';
	RETURN_IF(lines >= (int)row->maximum, error, ERROR_USAGE, "--%s: %d at most", row->name, (int)row->maximum);
	RETURN_IF((size_t)snprintf(all, sizeof all, "%s\n%s", before, text) >= sizeof all, error, ERROR_USAGE,
	          "--%s: the texts are longer than %d bytes together", row->name, OPTION_TEXT_MAX - 1);
	return train_option_set(options, row, all, error);
}

bool train_options_need_labels(const struct train_options *options)
{
	return strcmp(options->task, "masked_lm") != 0;
}

struct dataset_options train_options_dataset(const struct train_options *options)
{
	struct dataset_options dataset = {
		.text_column = options->text_column[0] ? options->text_column : NULL,
		.label_column = !train_options_need_labels(options) ? "" : options->label_column[0] ? options->label_column : NULL,
		.corrections = options->corrections[0] ? options->corrections : NULL,
	};

	/* They were checked when they were set. */
#define X(kind, field, ...) dialect_set(&dataset.dialect, DIALECT_##field, options->field, NULL);
	DIALECT_ROWS(X)
#undef X
	return dataset;
}

struct model_reading train_options_reading(const struct train_options *options, int32_t max_length)
{
	struct model_reading reading = {0};
	struct cut *cut = &reading.cut;

	truncation_find(options->truncation, &cut->truncation);
	if (cut->truncation != TRUNCATION_HEAD)
		cut->max_length = max_length;
	if (cut->truncation == TRUNCATION_HEAD_TAIL)
		cut->head_tokens = (int32_t)options->head_tokens;
	if (cut->truncation != TRUNCATION_WINDOWS)
		return reading;
	cut->stride = options->stride;
	cut->max_windows = (int32_t)options->max_windows;
	pooling_find(options->pooling, &reading.pooling);
	return reading;
}

void train_options_set_dialect(struct train_options *options, const struct dataset_dialect *dialect)
{
	char text[DIALECT_WORD_MAX];

#define X(kind, field, ...) \
	dialect_format(dialect, DIALECT_##field, text); \
	set_dialect(options->field, DIALECT_##field, text, NULL);
	DIALECT_ROWS(X)
#undef X
}

void train_option_format(const struct train_options *options, const struct option_row *row, char *out,
                         size_t capacity)
{
	const void *field = (const char *)options + row->offset;
	char number[NUMBER_TEXT];

	switch (row->kind) {
	case OPTION_BOOLEAN:
		snprintf(out, capacity, "%s", *(const bool *)field ? "true" : "false");
		return;
	case OPTION_INTEGER:
		snprintf(out, capacity, "%lld", (long long)*(const int64_t *)field);
		return;
	case OPTION_REAL:
		number_format(number, *(const double *)field);
		snprintf(out, capacity, "%s", number);
		return;
	case OPTION_CHOICE:
	case OPTION_TEXT:
		break;
	}
	snprintf(out, capacity, "%s", (const char *)field);
}

bool train_option_is_default(const struct train_options *options, const struct option_row *row)
{
	const void *field = (const char *)options + row->offset;
	bool truth = false;
	int64_t integer = 0;
	double real = 0;

	switch (row->kind) {
	case OPTION_BOOLEAN:
		return set_boolean(&truth, row, row->default_text, NULL) && truth == *(const bool *)field;
	case OPTION_INTEGER:
		return set_integer(&integer, row, row->default_text, NULL) && integer == *(const int64_t *)field;
	case OPTION_REAL:
		return set_real(&real, row, row->default_text, NULL) && real == *(const double *)field;
	case OPTION_CHOICE:
	case OPTION_TEXT:
		break;
	}
	/* What a dialect leaves to be guessed is kept as "". */
	return strcmp(field, dialect_find(row->name) >= 0 ? "" : row->default_text) == 0;
}
