/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/dialect_form.h"

#include "ui/choices.h"
#include "ui/column_choice.h"
#include "ui/shell_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Where the table of the dialect has a word in capitals for characters and names, those that files really have. */
static const char *const usual_words[DIALECT_ROW_COUNT] = {
	[DIALECT_quote] = "auto|double|single|none",
	[DIALECT_escape] = "auto|none|backslash",
	[DIALECT_encoding] = "auto|UTF-8|windows-1252|ISO-8859-15|UTF-16LE|UTF-16BE|windows-1250|windows-1251|GB18030|shift_jis",
};

static const struct {
	const char *name, *help;
} columns[] = {
	{"text-column", "the column with the review, by its name or its number from 1"},
	{"label-column", "the label, or several of 0 and 1 (a,b,c); what says none (N/A) is a fixed list"},
};

static const char *column_word(const struct dialect_form *form, int field)
{
	if (field == DIALECT_FIELD_TEXT)
		return form->text_column[0] ? form->text_column : "auto";
	return form->no_label ? "none" : form->label_column[0] ? form->label_column : "auto";
}

void dialect_form_name_column(const struct dataset *dataset, int column, char out[OPTION_TEXT_MAX])
{
	const char *name = dataset_column_name(dataset, column);

	if (!*name || strcasecmp(name, "auto") == 0 || strcasecmp(name, "none") == 0 || strlen(name) >= OPTION_TEXT_MAX ||
	    dataset_find_column(dataset, name) != column)
		snprintf(out, OPTION_TEXT_MAX, "%d", column + 1);
	else
		snprintf(out, OPTION_TEXT_MAX, "%s", name);
}

void dialect_form_init(struct dialect_form *form, const struct session *session)
{
	const struct dataset *dataset = session->dataset;
	const int text = session_text_column(session), label = session_label_column(session);

	*form = (struct dialect_form){.dialect = *dataset_said(dataset)};
	if (session->text_said && text >= 0)
		dialect_form_name_column(dataset, text, form->text_column);
	form->no_label = session->label_said && label < 0;
	if (!session->label_said || label < 0)
		return;
	column_choice_label_name(dataset, label, form->label_column, OPTION_TEXT_MAX);
	if (dataset_find_column(dataset, form->label_column) == label)
		dialect_form_name_column(dataset, label, form->label_column);
}

const char *dialect_form_name(int field)
{
	return field < DIALECT_ROW_COUNT ? dialect_rows[field].name : columns[field - DIALECT_ROW_COUNT].name;
}

const char *dialect_form_help(int field)
{
	return field < DIALECT_ROW_COUNT ? dialect_rows[field].help : columns[field - DIALECT_ROW_COUNT].help;
}

int dialect_form_find(const char *name)
{
	const int row = strcmp(name, "format") == 0 ? DIALECT_input_format : dialect_find(name);

	for (int field = DIALECT_FIELD_TEXT; row < 0 && field < DIALECT_FIELDS; field++)
		if (strcmp(dialect_form_name(field), name) == 0)
			return field;
	return row;
}

const char *dialect_form_words(int field)
{
	if (field >= DIALECT_ROW_COUNT)
		return field == DIALECT_FIELD_LABEL ? "auto|none" : "auto";
	return usual_words[field] ? usual_words[field] : dialect_rows[field].values;
}

static bool set_column(struct dialect_form *form, int field, const char *text, struct error *error)
{
	const bool is_text = field == DIALECT_FIELD_TEXT, guessed = !*text || strcasecmp(text, "auto") == 0;
	const bool none = !is_text && strcasecmp(text, "none") == 0;
	char *column = is_text ? form->text_column : form->label_column;

	RETURN_IF(strlen(text) >= OPTION_TEXT_MAX, error, ERROR_USAGE, "--%s: the name is too long", dialect_form_name(field));
	snprintf(column, OPTION_TEXT_MAX, "%s", guessed || none ? "" : text);
	if (!is_text)
		form->no_label = none;
	return true;
}

bool dialect_form_set(struct dialect_form *form, int field, const char *text, struct error *error)
{
	return field < DIALECT_ROW_COUNT ? dialect_set(&form->dialect, field, text, error) : set_column(form, field, text, error);
}

void dialect_form_word(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX])
{
	const char *words = dialect_form_words(row);
	char as_is[DIALECT_WORD_MAX], as_word[DIALECT_WORD_MAX];
	struct span word;

	dialect_format(dialect, row, as_is);
	snprintf(out, DIALECT_WORD_MAX, "%s", as_is);
	for (int i = 0; (word = choices_word(words, i)).size > 0; i++) {
		struct dataset_dialect other = *dialect;

		snprintf(as_word, sizeof as_word, "%.*s", (int)word.size, word.data);
		if (!dialect_set(&other, row, as_word, NULL))
			continue;
		dialect_format(&other, row, as_is);
		if (strcasecmp(as_is, out) == 0) {
			snprintf(out, DIALECT_WORD_MAX, "%s", as_word);
			return;
		}
	}
}

void dialect_form_format(const struct dialect_form *form, int field, char out[OPTION_TEXT_MAX])
{
	char word[DIALECT_WORD_MAX];

	if (field < DIALECT_ROW_COUNT)
		dialect_form_word(&form->dialect, field, word);
	snprintf(out, OPTION_TEXT_MAX, "%s", field < DIALECT_ROW_COUNT ? word : column_word(form, field));
}

bool dialect_form_is_said(const struct dialect_form *form, int field)
{
	char word[DIALECT_WORD_MAX];

	if (field >= DIALECT_ROW_COUNT)
		return strcmp(column_word(form, field), "auto") != 0;
	dialect_format(&form->dialect, field, word);
	return strcmp(word, "auto") != 0;
}

bool dialect_form_equal(const struct dialect_form *a, const struct dialect_form *b)
{
	char one[DIALECT_WORD_MAX], other[DIALECT_WORD_MAX];

	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		dialect_format(&a->dialect, row, one);
		dialect_format(&b->dialect, row, other);
		if (strcmp(one, other) != 0)
			return false;
	}
	return strcmp(a->text_column, b->text_column) == 0 && strcmp(a->label_column, b->label_column) == 0 &&
	       a->no_label == b->no_label;
}

struct open_how dialect_form_how(const struct dialect_form *form)
{
	return (struct open_how){
		.dialect = &form->dialect, .columns = true,
		.text_column = form->text_column[0] ? form->text_column : NULL,
		.label_column = form->no_label ? "" : form->label_column[0] ? form->label_column : NULL,
	};
}

char *dialect_form_command(const struct dialect_form *form, const char *path)
{
	char *text = NULL, word[OPTION_TEXT_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	shell_word_put_path(out, "revue ", path);
	for (int field = 0; field < DIALECT_FIELDS; field++) {
		if (!dialect_form_is_said(form, field))
			continue;
		dialect_form_format(form, field, word);
		fprintf(out, " --%s ", dialect_form_name(field));
		shell_word_put(out, span_of(field == DIALECT_FIELD_LABEL && form->no_label ? "" : word));
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
