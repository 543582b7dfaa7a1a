/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/dialect.h"

#include "engine/base/number.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ROW_FORMAT, ROW_DELIMITER, ROW_QUOTE, ROW_ESCAPE, ROW_ENCODING, ROW_HEADER };

const struct dialect_row dialect_rows[] = {
	[ROW_FORMAT] = {"input-format", "auto|csv|tsv|jsonl|json|lines|fasttext|folder", "what the data is; auto: by its contents"},
	[ROW_DELIMITER] = {"delimiter", "auto|comma|semicolon|tab|bar|CHARACTER", "what stands between the fields of a table"},
	[ROW_QUOTE] = {"quote", "auto|none|CHARACTER", "what quotes the fields of a table"},
	[ROW_ESCAPE] = {"escape", "auto|none|CHARACTER", "what stands before a quote inside quotes, where quotes are not doubled"},
	[ROW_ENCODING] = {"encoding", "auto|NAME", "the encoding of the text, by a name that iconv knows"},
	[ROW_HEADER] = {"header", "auto|yes|no|LINE", "whether a table has names of columns, or in which line they are"},
};

const int dialect_row_count = sizeof dialect_rows / sizeof *dialect_rows;

static const struct {
	const char *word, *name;
} formats[] = {
	[DATASET_AUTO] = {"auto", ""},
	[DATASET_CSV] = {"csv", "CSV"},
	[DATASET_TSV] = {"tsv", "TSV"},
	[DATASET_JSONL] = {"jsonl", "JSON lines"},
	[DATASET_JSON] = {"json", "JSON"},
	[DATASET_LINES] = {"lines", "a review a line"},
	[DATASET_FASTTEXT] = {"fasttext", "fastText"},
	[DATASET_FOLDER] = {"folder", "a folder a label"},
};

#define FORMATS ((int)(sizeof formats / sizeof *formats))

const char *dataset_format_word(enum dataset_format format)
{
	return formats[format].word;
}

const char *dataset_format_name(enum dataset_format format)
{
	return formats[format].name;
}

static const struct {
	const char *word;
	char character;
} characters[] = {
	{"auto", 0}, {"none", DIALECT_NONE}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'},
	{"bar", '|'}, {"pipe", '|'}, {"space", ' '}, {"double", '"'}, {"single", '\''}, {"backslash", '\\'},
};

#define CHARACTERS (sizeof characters / sizeof *characters)

/* An ASCII character by itself or by its name. */
static bool parse_character(const char *text, char *out)
{
	for (size_t i = 0; i < CHARACTERS; i++)
		if (strcasecmp(text, characters[i].word) == 0) {
			*out = characters[i].character;
			return true;
		}
	if (text[0] == '\0' || text[1] != '\0' || !((text[0] > ' ' && text[0] < 127) || text[0] == '\t' || text[0] == ' '))
		return false;
	*out = text[0];
	return true;
}

static bool parse_format(const char *text, enum dataset_format *out)
{
	for (int i = 0; i < FORMATS; i++)
		if (strcasecmp(text, formats[i].word) == 0) {
			*out = (enum dataset_format)i;
			return true;
		}
	return false;
}

static bool parse_encoding(const char *text, char *out)
{
	iconv_t known;

	out[0] = '\0';
	if (strcasecmp(text, "auto") == 0)
		return true;
	if (strlen(text) >= DIALECT_WORD_MAX || strchr(text, '/'))
		return false;
	known = iconv_open("UTF-8", text);
	if (known == (iconv_t)-1)
		return false;
	iconv_close(known);
	snprintf(out, DIALECT_WORD_MAX, "%s", text);
	return true;
}

static bool parse_header(const char *text, int64_t *out)
{
	if (strcasecmp(text, "auto") == 0)
		*out = 0;
	else if (strcasecmp(text, "no") == 0)
		*out = DIALECT_NO_HEADER;
	else if (strcasecmp(text, "yes") == 0)
		*out = 1;
	else
		return number_parse_integer(text, out) && *out >= 1 && *out <= 1000;
	return true;
}

bool dialect_set(struct dataset_dialect *dialect, int row, const char *text, struct error *error)
{
	struct dataset_dialect with = *dialect;
	bool known = false;

	if (text[0] == '\0')
		text = "auto";
	switch (row) {
	case ROW_FORMAT:
		known = parse_format(text, &with.format);
		break;
	case ROW_DELIMITER:
		known = parse_character(text, &with.delimiter) && with.delimiter != DIALECT_NONE && with.delimiter != '"';
		break;
	case ROW_QUOTE:
		known = parse_character(text, &with.quote);
		break;
	case ROW_ESCAPE:
		known = parse_character(text, &with.escape);
		break;
	case ROW_ENCODING:
		known = parse_encoding(text, with.encoding);
		break;
	case ROW_HEADER:
		known = parse_header(text, &with.header);
		break;
	}
	RETURN_IF(!known, error, ERROR_USAGE, "--%s \"%.60s\": must be %s", dialect_rows[row].name, text,
	          row == ROW_ENCODING ? "a name that `iconv -l` lists" : dialect_rows[row].values);
	*dialect = with;
	return true;
}

static void format_character(char character, char out[DIALECT_WORD_MAX])
{
	for (size_t i = 0; i < CHARACTERS; i++)
		if (characters[i].character == character) {
			snprintf(out, DIALECT_WORD_MAX, "%s", characters[i].word);
			return;
		}
	snprintf(out, DIALECT_WORD_MAX, "%c", character);
}

static void format_header(int64_t header, char out[DIALECT_WORD_MAX])
{
	if (header > 0)
		snprintf(out, DIALECT_WORD_MAX, "%lld", (long long)header);
	else
		snprintf(out, DIALECT_WORD_MAX, "%s", header == 0 ? "auto" : "no");
}

void dialect_format(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX])
{
	switch (row) {
	case ROW_FORMAT:
		snprintf(out, DIALECT_WORD_MAX, "%s", formats[dialect->format].word);
		break;
	case ROW_DELIMITER:
		format_character(dialect->delimiter, out);
		break;
	case ROW_QUOTE:
		format_character(dialect->quote, out);
		break;
	case ROW_ESCAPE:
		format_character(dialect->escape, out);
		break;
	case ROW_ENCODING:
		snprintf(out, DIALECT_WORD_MAX, "%s", dialect->encoding[0] ? dialect->encoding : "auto");
		break;
	default:
		format_header(dialect->header, out);
	}
}
