/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews as JSON in every layout, against what was written. Then the same file, damaged: whatever it says then, each
 * row is read or counted, wherever the blocks end, and no field holds a NUL or is no UTF-8. */
#define FUZZ_ROUNDS 6000 /* a file is read more than once */
#include "tests/fuzz/fuzz.h"

#include "engine/data/encoding.h"
#include "engine/dataset.h"

enum { ROWS_MAX = 12, TEXT_MAX = 200 };

enum layout { LINES, ONE_LINE, PRETTY, ARRAY, ARRAY_LINES, INSIDE, BY_KEY, LISTS, COLUMNS, SPLIT, LAYOUTS };

struct review {
	char text[TEXT_MAX + 8];
	int stars;
};

static void add(struct fuzz *fuzz, const char *text)
{
	if (!buffer_add_text(&fuzz->file, text))
		abort();
}

static void add_number(struct fuzz *fuzz, long number)
{
	if (!buffer_format(&fuzz->file, "%ld", number))
		abort();
}

static void blank(struct fuzz *fuzz, bool lines)
{
	static const char *const blanks[] = {"", " ", "\t", "  ", "\n", "\r\n ", "\n\n"};

	add(fuzz, blanks[fuzz_below(fuzz, lines ? 7 : 4)]);
}

/* Characters that mean something to JSON, and some of each length in UTF-8. */
static void make_text(struct fuzz *fuzz, char *out)
{
	static const char *const pieces[] = {
		"a", "good ", "\"", "\\", "{", "}", "[", "]", ",", ":", "\n", "\t", "/", "\x01", "\xC3\xA9", "\xE2\x82\xAC",
		"\xF0\x9F\x98\x80", "null", "\\\"", "u0041", "}]", "},\n{",
	};
	size_t size = fuzz_one_in(fuzz, 4) ? TEXT_MAX : fuzz_below(fuzz, 20), used = 0;

	out[0] = '\0';
	while (used < size)
		used += (size_t)snprintf(out + used, TEXT_MAX + 8 - used, "%s", pieces[fuzz_below(fuzz, sizeof pieces / sizeof *pieces)]);
}

static void add_string(struct fuzz *fuzz, const char *text)
{
	add(fuzz, "\"");
	for (; *text; text++) {
		char c[2] = {*text, '\0'};
		if (c[0] == '"' || c[0] == '\\')
			add(fuzz, "\\");
		if ((unsigned char)c[0] < 0x20 || (c[0] == '/' && fuzz_one_in(fuzz, 2))) {
			if (!buffer_format(&fuzz->file, "\\u%04x", (unsigned)c[0]))
				abort();
		} else {
			add(fuzz, c);
		}
	}
	add(fuzz, "\"");
}

static void add_member(struct fuzz *fuzz, const char *key, bool lines)
{
	blank(fuzz, lines);
	add_string(fuzz, key);
	blank(fuzz, lines);
	add(fuzz, ":");
	blank(fuzz, lines);
}

static void add_object(struct fuzz *fuzz, const struct review *review, bool lines)
{
	add(fuzz, "{");
	if (fuzz_one_in(fuzz, 3)) {
		add_member(fuzz, "other", lines);
		add(fuzz, fuzz_one_in(fuzz, 2) ? "{\"x\": [1, {\"text\": \"]\"}], \"y\": NaN}," : "\"}\",");
	}
	if (fuzz_one_in(fuzz, 8))
		add(fuzz, "\"text\": \"this one is overruled\",");
	add_member(fuzz, "text", lines);
	add_string(fuzz, review->text);
	add(fuzz, ",");
	add_member(fuzz, "stars", lines);
	add_number(fuzz, review->stars);
	blank(fuzz, lines);
	add(fuzz, "}");
}

static void add_list(struct fuzz *fuzz, const struct review *reviews, int count, bool texts, bool keyed)
{
	add(fuzz, keyed ? "{" : "[");
	for (int i = 0; i < count; i++) {
		add(fuzz, i ? "," : "");
		blank(fuzz, true);
		if (keyed) {
			add(fuzz, "\"");
			add_number(fuzz, i);
			add(fuzz, "\":");
		}
		if (texts)
			add_string(fuzz, reviews[i].text);
		else
			add_number(fuzz, reviews[i].stars);
	}
	add(fuzz, keyed ? "}" : "]");
}

static void add_columns(struct fuzz *fuzz, const struct review *reviews, int count, bool keyed)
{
	add(fuzz, "{\"text\":");
	add_list(fuzz, reviews, count, true, keyed);
	add(fuzz, ", \"stars\" :");
	add_list(fuzz, reviews, count, false, keyed);
	add(fuzz, "}");
}

static void add_split(struct fuzz *fuzz, const struct review *reviews, int count)
{
	add(fuzz, "{\"columns\": [\"text\",\"stars\"], \"index\":");
	add_list(fuzz, reviews, count, false, false);
	add(fuzz, ",\"data\":[");
	for (int i = 0; i < count; i++) {
		add(fuzz, i ? ",\n[" : "[");
		add_string(fuzz, reviews[i].text);
		add(fuzz, ",");
		add_number(fuzz, reviews[i].stars);
		add(fuzz, "]");
	}
	add(fuzz, "]}");
}

static void add_rows(struct fuzz *fuzz, const struct review *reviews, int count, enum layout layout)
{
	static const char *const before[LAYOUTS] = {"", "", "", "[", "[\n", "{\"n\": [1, 2], \"in\": {\"rows\": [", "{"};
	static const char *const after[LAYOUTS] = {"\n", "", "\n", "]\n", "\n]", "]}, \"more\": \"[\"}", "}"};
	static const char *const between[LAYOUTS] = {"\n", " ", "\n", ",", ",\n", ", ", ","};

	add(fuzz, before[layout]);
	for (int i = 0; i < count; i++) {
		add(fuzz, i ? between[layout] : "");
		if (layout == BY_KEY && !buffer_format(&fuzz->file, "\"%d\": ", i))
			abort();
		/* Of rows over several lines the first one must be one. */
		if (layout == PRETTY && i == 0) {
			add(fuzz, "{\n\"text\" : ");
			add_string(fuzz, reviews[i].text);
			if (!buffer_format(&fuzz->file, ",\n\"stars\": %d}", reviews[i].stars))
				abort();
		} else {
			add_object(fuzz, &reviews[i], layout != LINES && layout != ONE_LINE);
		}
	}
	add(fuzz, after[layout]);
}

static void write_file(struct fuzz *fuzz, const struct review *reviews, int count, enum layout layout)
{
	fuzz->file.size = 0;
	if (layout == LISTS || layout == COLUMNS)
		add_columns(fuzz, reviews, count, layout == COLUMNS);
	else if (layout == SPLIT)
		add_split(fuzz, reviews, count);
	else
		add_rows(fuzz, reviews, count, layout);
}

static struct dataset *open_file(struct fuzz *fuzz, bool lines, size_t block, struct error *error)
{
	const struct dataset_options options = {
		.dialect.format = lines ? DATASET_JSONL : DATASET_JSON,
		.text_column = "text",
		.label_column = "stars",
		.block_size = block,
	};

	fuzz_write(fuzz);
	return dataset_open(fuzz->path, &options, error);
}

static void check_rows(struct fuzz *fuzz, const struct review *reviews, int count, bool lines)
{
	struct error error = {0};
	struct dataset *dataset = open_file(fuzz, lines, 2 + 2 * fuzz_below(fuzz, 100), &error);
	struct row *row = row_new(NULL);

	if (!dataset || !dataset_index(dataset, NULL, &error))
		fuzz_fail(fuzz, "refused: %s", error.text);
	if (dataset_rows(dataset, NULL) != (uint64_t)count)
		fuzz_fail(fuzz, "%llu rows of %d", (unsigned long long)dataset_rows(dataset, NULL), count);
	for (int i = 0; i < count; i++) {
		char stars[16];

		snprintf(stars, sizeof stars, "%d", reviews[i].stars);
		if (!dataset_read(dataset, (uint64_t)i, row, &error) || row->status != ROW_OK)
			fuzz_fail(fuzz, "row %d is %s", i, row_status_name(row->status));
		if (!span_equal(row->text, span_of(reviews[i].text)) || !span_equal(row->label, span_of(stars)))
			fuzz_fail(fuzz, "row %d is another one", i);
	}
	fuzz->taken++;
	row_free(row);
	dataset_close(dataset);
}

/* A number that tells whether two readings of a file saw the same. */
static uint64_t look_at_damaged(struct fuzz *fuzz, bool lines, size_t block)
{
	struct error error = {0};
	struct dataset *dataset = open_file(fuzz, lines, block, &error);
	struct row *row = row_new(NULL);
	uint64_t seen = 7;

	if (dataset && dataset_index(dataset, NULL, &error))
		fuzz->damaged_taken++;
	else if (error.kind == ERROR_NONE || !error.text[0] || strchr(error.text, '\n'))
		fuzz_fail(fuzz, "refused without one line that says why");
	for (uint64_t i = 0; dataset && i < dataset_rows(dataset, NULL); i++) {
		if (!dataset_read(dataset, i, row, &error))
			fuzz_fail(fuzz, "row %d: %s", (int)i, error.text);
		seen = seen * 31 + row->status + row->line * 7;
		fuzz->refused += row->status == ROW_MALFORMED;
		for (int f = 0; f < row->count; f++) {
			struct span field = row->fields[f];
			if (field.size > 0 && (memchr(field.data, '\0', field.size) || utf8_valid_prefix(field.data, field.size) < field.size))
				fuzz_fail(fuzz, "row %d, field %d is no text", (int)i, f);
			seen = seen * 31 + field.size;
		}
	}
	row_free(row);
	dataset_close(dataset);
	return seen;
}

static void round_of(struct fuzz *fuzz)
{
	struct review reviews[ROWS_MAX];
	enum layout layout = (enum layout)fuzz_below(fuzz, LAYOUTS);
	int count = 2 + (int)fuzz_below(fuzz, ROWS_MAX - 2);
	bool lines = layout <= PRETTY;

	for (int i = 0; i < count; i++) {
		make_text(fuzz, reviews[i].text);
		reviews[i].stars = (int)fuzz_below(fuzz, 5);
	}
	write_file(fuzz, reviews, count, layout);
	check_rows(fuzz, reviews, count, lines);
	fuzz_damage(fuzz, &fuzz->file, 0);
	if (fuzz->file.size > 0 && look_at_damaged(fuzz, lines, 2 + 2 * fuzz_below(fuzz, 40)) != look_at_damaged(fuzz, lines, 1 << 16))
		fuzz_fail(fuzz, "the ends of blocks make a difference");
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, "JSON", round_of);
}
