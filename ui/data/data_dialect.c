/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/data_dialect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct app_choice choices[] = {
	{'f', "format"}, {'d', "delimiter"}, {'q', "quote"}, {'e', "escape"}, {'c', "encoding"}, {'h', "header"},
	{'a', "guess all"}, {0, NULL},
};

/* Drawing */

const char *data_dialect_mark(const struct dataset *dataset, int row)
{
	char said[DIALECT_WORD_MAX];

	dialect_format(dataset_said(dataset), row, said);
	return strcmp(said, "auto") == 0 ? "" : "*";
}

/* Where a table has no such thing, or no header, the dialect's own word would be taken for another. */
static void taken_value(const struct dataset_dialect *taken, int row, char out[DIALECT_WORD_MAX])
{
	dialect_format(taken, row, out);
	if (strcmp(out, "auto") == 0 || strcmp(out, "no") == 0)
		snprintf(out, DIALECT_WORD_MAX, "none");
}

static bool is_table(const struct dataset *dataset)
{
	const enum dataset_format format = dataset_format(dataset);

	return format == DATASET_CSV || format == DATASET_TSV;
}

void data_dialect_draw(struct app *app, struct rect rect, int row)
{
	static const int shown[] = {DIALECT_delimiter, DIALECT_quote, DIALECT_escape, DIALECT_header};
	const struct dataset *dataset = app->session.dataset;
	const struct dataset_dialect taken = dataset_dialect(dataset);
	const bool guessed = dialect_is_empty(dataset_said(dataset));
	char line[512] = "", value[DIALECT_WORD_MAX];
	size_t used = 0;

	for (size_t i = 0; is_table(dataset) && i < sizeof shown / sizeof *shown; i++) {
		taken_value(&taken, shown[i], value);
		used += (size_t)snprintf(line + used, sizeof line - used, "%s %s%s  ", dialect_rows[shown[i]].name, value,
		                         data_dialect_mark(dataset, shown[i]));
	}
	snprintf(line + used, sizeof line - used, "%s", guessed ? "(guessed)" : "(* as you said)");
	draw_cut(app->terminal, rect, row, 0, line, "", STYLE_DIM);
}

/* Changing */

static void open_anew(struct app *app, const struct dataset_dialect *dialect)
{
	const char *path = dataset_path(app->session.dataset);
	struct error error = {0};

	if (session_open_data_as(&app->session, path, dialect, true, &error))
		app_say(app, "opening %s... (Esc gives it up)", path);
	else
		app_complain(app, &error);
}

static void set_row(struct app *app, int row, const char *value)
{
	struct dataset_dialect dialect;
	struct error error = {0};

	if (!app->session.dataset)
		return; /* it went while the line was typed */
	dialect = *dataset_said(app->session.dataset);
	if (dialect_set(&dialect, row, value, &error))
		open_anew(app, &dialect);
	else
		app_complain(app, &error);
}

static void take_answer(struct app *app, void *context, const char *answer)
{
	const struct dialect_row *row = context;

	set_row(app, (int)(row - dialect_rows), answer);
}

/* The words that a row may be; what is written in capitals there stands for others. */
static char *complete_value(const char *word, int index, void *context)
{
	const struct dialect_row *row = context;
	int matches = 0;

	for (const char *list = row->values; *list;) {
		const size_t size = strcspn(list, "|");

		if (!isupper((unsigned char)*list) && strncmp(list, word, strlen(word)) == 0 && matches++ == index)
			return strndup(list, size);
		list += size + (list[size] == '|');
	}
	return NULL;
}

static void ask_value(struct app *app, int row)
{
	char prompt[128], value[DIALECT_WORD_MAX];

	if (!app->session.dataset)
		return;
	snprintf(prompt, sizeof prompt, "%s (%s): ", dialect_rows[row].name, dialect_rows[row].values);
	if ((int)strlen(prompt) + 10 > terminal_columns(app->terminal))
		snprintf(prompt, sizeof prompt, "%s: ", dialect_rows[row].name);
	dialect_format(dataset_said(app->session.dataset), row, value);
	app_prompt(app, &(struct line_options){
		.prompt = prompt, .initial = strcmp(value, "auto") == 0 ? "" : value,
		.complete = complete_value, .context = (void *)(uintptr_t)&dialect_rows[row],
	}, take_answer, (void *)(uintptr_t)&dialect_rows[row]);
}

static void take_choice(struct app *app, int key)
{
	if (!app->session.dataset)
		return;
	if (key == 'a')
		open_anew(app, &(struct dataset_dialect){0});
	for (int row = 0; row < DIALECT_ROW_COUNT; row++)
		if (choices[row].key == key)
			ask_value(app, row);
}

/* "format" is short for "input-format". */
static int find_row(const char *name)
{
	return strcmp(name, "format") == 0 ? DIALECT_input_format : dialect_find(name);
}

void data_dialect_change(struct app *app, const char *words)
{
	const size_t size = strcspn(words, " "), gap = strspn(words + size, " ");
	char name[32];
	int row;

	if (!app->session.dataset) {
		app_say(app, "no file is open");
		return;
	}
	if (!*words) {
		app_ask(app, "How is the file written? What is not said is guessed.", choices, take_choice);
		return;
	}
	snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), words);
	row = find_row(name);
	if (strcmp(name, "auto") == 0)
		open_anew(app, &(struct dataset_dialect){0});
	else if (row < 0)
		app_say(app, "%s: only format, delimiter, quote, escape, encoding and header can be said", name);
	else if (words[size + gap])
		set_row(app, row, words + size + gap);
	else
		ask_value(app, row);
}
