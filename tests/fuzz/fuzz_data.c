/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of reviews in every format, damaged, and read in dialects that may have nothing to do with them. Whatever they say:
 * what is refused is refused in one line; every row that the index found is read, used or counted by its reason; the survey
 * counts the same; neither the ends of blocks nor the order of reading make a difference; the dialect that was found, when it
 * is said, reads the same rows; no field holds a NUL or is no UTF-8. */
#define FUZZ_ROUNDS 3000 /* a file is read four times and more */

#include "tests/fuzz/fuzz.h"

#include "engine/base/notices.h"
#include "engine/data/encoding.h"
#include "engine/dataset.h"

enum { FILE_MOST = 6000, LARGE = 1200000, PATHS = 8, AGAIN = 8 };

static const char *const seeds[] = {
	"text,label\n\"Fine, \"\"really\"\" fine\",pos\nbad film,neg\n\"two\nlines\",pos\n",
	"id;review;stars;date\r\n1;good;5;2024-01-05\r\n2;\"bad; very\";1;2024-01-06\r\n",
	"1\tpos\tA \"fine\" film\n2\tneg\tBad film, too long\n3\tpos\t\"quoted\" from the start\n",
	"text\tlabel\n\"quoted\n\ttoo\"\t1\nplain\t0\n",
	"# a comment\n# two\ntext|label\na|1\nb|0\nc|1\nd|0\n",
	"sep=;\ntext;label\na;1\nb;0\n",
	"'text','label'\n'it, is','1'\n'don''t','0'\n",
	"text,label\n\"a \\\"fine\\\" film\",pos\n\"bad\\\\\",neg\n\\N,pos\n",
	"a,b,c\n1,x y z,3\ntext,label,c\n4,\"open\n",
	"\"text\",\"label\"\n\"1\",\"good film\",\"pos\"\n\"2\",\"bad film\",\"neg\"\n",
	"__label__pos good film\n__label__neg bad film __label__sad\n",
	"A fine film, and long.\n\nA bad one; do not go.\nSo, so.\n",
	"{\"text\": \"good\", \"stars\": 5}\n{\"text\": \"b\\u0000d \\ud83d\", \"stars\": 1, \"text\": \"bad\"}\n",
	"[{\"review\": \"good\", \"in\": {\"a\": [1]}}, {\"review\": \"bad\", \"in\": {\"a\": []}}]",
	"{\"n\": 2, \"data\": [{\"text\": \"good\", \"label\": \"pos\"}, {\"text\": \"bad\", \"label\": \"neg\"}]}",
	"{\"text\": [\"good\", \"bad\", \"so\"], \"label\": [1, 0, NaN]}",
	"{\"text\": {\"0\": \"good\", \"1\": \"bad\"}, \"label\": {\"0\": 1, \"1\": 0}}",
	"{\"columns\": [\"text\", \"label\"], \"index\": [0, 1], \"data\": [[\"good\", 1], [\"bad\", 0]]}",
	"{\"0\": {\"text\": \"good\", \"label\": 1}, \"1\": {\"text\": \"bad\", \"label\": 0}}",
	"[[\"text\", \"label\"], [\"good\", \"pos\"], [\"bad\", \"neg\"]]\n",
	"text,label\ncaf\xE9 cr\xE8me,1\nna\xEFve,0\n",
	"text,label\n\xD1\x82\xD0\xB5\xD0\xBA\xD1\x81\xD1\x82,None\n\xE2\x82\xAC 5,-1\n\xF0\x9F\x98\x80,N/A\n",
};

static const char *const tokens[] = {
	",", ";", "\t", "|", "\"", "\"\"", "'", "\\", "\\\"", "\n", "\r\n", "\r", " ", "#", "__label__", "{", "}", "[", "]", ":",
	"\xEF\xBB\xBF", "\xFF\xFE", "text,label\n", "\n\n", "\"\n", ",\"", "\",", "\xC3", "\xE9", "\xE2\x82\xAC", "null", "-1", "NaN",
	"sep=,\n", "{\"text\":\"", "\x1B$B",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The file in memory, by names that speak for each format. */
static const char *const endings[PATHS] = {"", ".csv", ".tsv", ".txt", ".jsonl", ".json", ".ft", ".data"};
static char paths[PATHS][128], folder[64];

static void remove_paths(void)
{
	for (int i = 0; i < PATHS; i++)
		unlink(paths[i]);
	rmdir(folder);
}

static void make_paths(const struct fuzz *fuzz)
{
	snprintf(folder, sizeof folder, "%s", "/tmp/revue-fuzz-XXXXXX");
	if (!mkdtemp(folder))
		abort();
	for (int i = 0; i < PATHS; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/reviews%s", folder, endings[i]);
		if (symlink(fuzz->path, paths[i]) != 0)
			abort();
	}
	atexit(remove_paths);
}

/* Files */

static void add_seed(struct fuzz *fuzz)
{
	const char *seed = seeds[fuzz_below(fuzz, COUNT(seeds))], *rest = strchr(seed, '\n');
	uint64_t times = fuzz_one_in(fuzz, 3) ? fuzz_below(fuzz, 30) : 0;

	craft_add(&fuzz->file, seed, strlen(seed));
	for (; rest && times > 0; times--) /* so that there are rows enough for a guess */
		craft_add(&fuzz->file, rest + 1, strlen(rest + 1));
}

static void insert(struct fuzz *fuzz, const char *token)
{
	struct buffer *file = &fuzz->file;
	size_t size = strlen(token), at = fuzz_below(fuzz, file->size + 1);

	craft_add(file, token, size);
	memmove(file->data + at + size, file->data + at, file->size - size - at);
	memcpy(file->data + at, token, size);
}

/* Each byte as a unit of UTF-16, sometimes with a mark. */
static void widen(struct fuzz *fuzz)
{
	struct buffer narrow = fuzz->file;
	bool big = fuzz_one_in(fuzz, 2);

	fuzz->file = (struct buffer){.maximum = CRAFT_MAX};
	if (fuzz_one_in(fuzz, 2))
		craft_add(&fuzz->file, big ? "\xFE\xFF" : "\xFF\xFE", 2);
	for (size_t i = 0; i < narrow.size; i++) {
		craft_add(&fuzz->file, big ? "" : narrow.data + i, 1);
		craft_add(&fuzz->file, big ? narrow.data + i : "", 1);
	}
	buffer_free(&narrow);
}

/* The file twice. */
static void double_file(struct fuzz *fuzz)
{
	size_t size = fuzz->file.size;

	if (!buffer_reserve(&fuzz->file, size))
		abort();
	craft_add(&fuzz->file, fuzz->file.data, size);
}

/* Few files are larger than what guesses look at first. */
static void make_file(struct fuzz *fuzz)
{
	bool large = fuzz_one_in(fuzz, 2000);

	fuzz->file.size = 0;
	add_seed(fuzz);
	if (fuzz_one_in(fuzz, 8))
		add_seed(fuzz);
	for (uint64_t times = fuzz_below(fuzz, 4); times > 0; times--)
		insert(fuzz, tokens[fuzz_below(fuzz, COUNT(tokens))]);
	if (fuzz_one_in(fuzz, 3))
		fuzz_damage(fuzz, &fuzz->file, 0);
	if (fuzz_one_in(fuzz, 10))
		widen(fuzz);
	if (fuzz->file.size > FILE_MOST)
		fuzz->file.size = FILE_MOST;
	while (large && fuzz->file.size > 0 && fuzz->file.size < LARGE)
		double_file(fuzz);
	if (large)
		insert(fuzz, tokens[fuzz_below(fuzz, COUNT(tokens))]);
}

static void say(struct fuzz *fuzz, struct dataset_dialect *said)
{
	static const char *const values[DIALECT_ROW_COUNT][8] = {
		[DIALECT_input_format] = {"csv", "tsv", "jsonl", "json", "lines", "fasttext", "folder", "csv"},
		[DIALECT_delimiter] = {"comma", "semicolon", "tab", "bar", "space", "^", "a", "'"},
		[DIALECT_quote] = {"none", "\"", "'", "none", "x", "|", "\"", "'"},
		[DIALECT_escape] = {"none", "\\", "\\", "\"", "/", "n", ",", "\\"},
		[DIALECT_encoding] = {"UTF-8", "latin1", "UTF-16", "UTF-16BE", "GB18030", "SHIFT_JIS", "UTF-32", "ISO-2022-JP"},
		[DIALECT_header] = {"yes", "no", "2", "3", "1", "20", "no", "yes"},
		[DIALECT_label_separator] = {"none", "bar", "semicolon", "comma", "space", "/", "\t", "auto"},
	};

	*said = (struct dataset_dialect){.format = DATASET_AUTO};
	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		const char *value = values[row][fuzz_below(fuzz, 8)];

		if (fuzz_one_in(fuzz, row == DIALECT_encoding ? 20 : 10) && !dialect_set(said, row, value, NULL))
			fuzz_fail(fuzz, "--%s %s is not known", dialect_rows[row].name, value);
	}
}

/* What a reading sees */

static uint64_t mix(uint64_t seen, uint64_t value)
{
	seen = (seen ^ value) * UINT64_C(0x9E3779B97F4A7C15);
	return seen ^ seen >> 29;
}

static bool is_text(struct span field)
{
	return field.size == 0 || (!memchr(field.data, '\0', field.size) && utf8_valid_prefix(field.data, field.size) == field.size);
}

static uint64_t see_row(const struct fuzz *fuzz, struct dataset *dataset, uint64_t index, struct row *row)
{
	struct error error = {0};
	uint64_t seen;

	if (!dataset_read(dataset, index, row, &error))
		fuzz_fail(fuzz, "row %llu: %s", (unsigned long long)index, error.text);
	if (row->status == ROW_OK && row->count != dataset_columns(dataset))
		fuzz_fail(fuzz, "row %llu is used and ragged", (unsigned long long)index);
	if (!is_text(row->text) || !is_text(row->label) || (row->status != ROW_OK && row->text.size + row->label.size > 0 &&
	                                                    row->status != ROW_NO_LABEL))
		fuzz_fail(fuzz, "row %llu has a text that is none", (unsigned long long)index);
	seen = mix(mix(row->status, row->line), row->replaced);
	for (int f = 0; f < row->count; f++) {
		if (!is_text(row->fields[f]))
			fuzz_fail(fuzz, "row %llu, field %d is no text", (unsigned long long)index, f);
		seen = mix(seen, row->fields[f].size);
		for (size_t i = 0; i < row->fields[f].size; i++)
			seen = mix(seen, (unsigned char)row->fields[f].data[i]);
	}
	return seen;
}

static void check_error(const struct fuzz *fuzz, const struct error *error)
{
	if (error->kind == ERROR_NONE || !error->text[0])
		fuzz_fail(fuzz, "refused without a line that says why");
}

static void check_names(const struct fuzz *fuzz, const struct dataset *dataset)
{
	if (dataset_notice_count(dataset) > NOTICES_MAX || dataset_columns(dataset) == 0)
		fuzz_fail(fuzz, "%d notices, %d columns", dataset_notice_count(dataset), dataset_columns(dataset));
	for (int i = 0; i < dataset_notice_count(dataset); i++)
		for (int other = 0; other < i; other++)
			if (strcmp(dataset_notice(dataset, i), dataset_notice(dataset, other)) == 0)
				fuzz_fail(fuzz, "said twice: %s", dataset_notice(dataset, i));
	for (int i = 0; i < dataset_columns(dataset); i++)
		if (!is_text(span_of(dataset_column_name(dataset, i))))
			fuzz_fail(fuzz, "column %d has no name of text", i + 1);
	if (dataset_text_column(dataset) >= 0 && dataset_text_column(dataset) == dataset_label_column(dataset))
		fuzz_fail(fuzz, "one column is text and label");
}

/* The survey has the last word: it must have counted what was read. */
static void check_survey(const struct fuzz *fuzz, struct dataset *dataset, const struct survey *read, bool complete)
{
	struct survey survey = {0};
	struct error error = {0};
	uint64_t skipped = 0, labelled = 0;

	if (dataset_survey(dataset, &survey, NULL, &error) != complete)
		fuzz_fail(fuzz, "the survey and the index do not agree whether the file can be read: %s", error.text);
	for (int i = ROW_OK + 1; i < ROW_STATUS_COUNT; i++) {
		skipped += survey.skipped[i];
		if (survey.skipped[i] != read->skipped[i] || survey.first_line[i] != read->first_line[i])
			fuzz_fail(fuzz, "the survey has %llu rows that are %s", (unsigned long long)survey.skipped[i],
			          row_status_name((enum row_status)i));
	}
	for (int i = 0; i < survey.label_count; i++)
		labelled += survey.labels[i].count;
	/* Of sets of labels a row counts for each of its own, or for none. */
	if (survey.label_sets && labelled < survey.set_rows[1] + 2 * survey.set_rows[2])
		fuzz_fail(fuzz, "%llu labels of rows with one label and with more", (unsigned long long)labelled);
	if (survey.label_sets)
		labelled = survey.set_rows[0] + survey.set_rows[1] + survey.set_rows[2];
	if (survey.rows != survey.used + skipped || survey.rows != read->rows || survey.used != read->used ||
	    survey.replaced != read->replaced || survey.used != (dataset_label_column(dataset) < 0 ? survey.used : labelled))
		fuzz_fail(fuzz, "the survey has %llu rows, %llu used, %llu labelled", (unsigned long long)survey.rows,
		          (unsigned long long)survey.used, (unsigned long long)labelled);
	survey_free(&survey);
}

static uint64_t see_rows(struct fuzz *fuzz, struct dataset *dataset, bool complete)
{
	struct row *row = row_new(NULL), *other = row_new(NULL);
	struct survey read = {0};
	uint64_t seen = complete, rows = dataset_rows(dataset, NULL), line = 0;

	for (uint64_t i = 0; i < rows; i++) {
		uint64_t here = see_row(fuzz, dataset, i, row);

		if (row->line < line)
			fuzz_fail(fuzz, "row %llu stands on line %llu, after line %llu", (unsigned long long)i,
			          (unsigned long long)row->line, (unsigned long long)line);
		line = row->line;
		seen = mix(seen, here);
		survey_count(&read, row);
		if (i < AGAIN || fuzz_below(fuzz, rows) < AGAIN) {
			uint64_t at = fuzz_below(fuzz, i + 1), again = see_row(fuzz, dataset, at, other);
			if (see_row(fuzz, dataset, at, row) != again || (at == i && again != here))
				fuzz_fail(fuzz, "row %llu is another one when it is read again", (unsigned long long)at);
		}
	}
	check_survey(fuzz, dataset, &read, complete);
	survey_free(&read);
	row_free(row);
	row_free(other);
	return mix(seen, rows);
}

/* A number that tells whether two readings of a file saw the same; 0: it was refused. `found`: how it was read. */
static uint64_t look(struct fuzz *fuzz, const char *path, const struct dataset_options *options, struct dataset_dialect *found)
{
	struct error error = {0};
	struct dataset *dataset = dataset_open(path, options, &error);
	uint64_t seen;
	bool complete;

	if (!dataset) {
		check_error(fuzz, &error);
		return 0;
	}
	complete = dataset_index(dataset, NULL, &error);
	if (!complete)
		check_error(fuzz, &error);
	check_names(fuzz, dataset);
	*found = dataset_dialect(dataset);
	seen = see_rows(fuzz, dataset, complete);
	dataset_close(dataset);
	return seen;
}

/* How to read the file so by hand. */
static const char *command(const char *path, const struct dataset_dialect *dialect)
{
	static char text[600];
	char value[DIALECT_WORD_MAX];
	size_t size = (size_t)snprintf(text, sizeof text, "%s", strrchr(path, '/') + 1);

	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		dialect_format(dialect, row, value);
		if (strcmp(value, "auto") != 0)
			size += (size_t)snprintf(text + size, sizeof text - size, " --%s '%s'", dialect_rows[row].name, value);
	}
	return text;
}

/* That a table has one column cannot be said: 0 leaves its delimiter to be guessed. */
static bool is_sayable(const struct dataset_dialect *found)
{
	return found->delimiter || (found->format != DATASET_CSV && found->format != DATASET_TSV);
}

static void round_of(struct fuzz *fuzz)
{
	struct dataset_options options = {.label_column = fuzz_one_in(fuzz, 4) ? "" : NULL};
	struct dataset_dialect found, again;
	const char *path;
	uint64_t seen;

	if (!folder[0])
		make_paths(fuzz);
	path = paths[fuzz_below(fuzz, PATHS)];
	make_file(fuzz);
	say(fuzz, &options.dialect);
	fuzz_write(fuzz);
	seen = look(fuzz, path, &options, &found);
	fuzz->taken += seen != 0;
	fuzz->refused += seen == 0;
	options.block_size = (fuzz->file.size < LARGE ? 2 : 5000) + 2 * fuzz_below(fuzz, 100);
	if (look(fuzz, path, &options, &again) != seen)
		fuzz_fail(fuzz, "the ends of blocks make a difference: %s", command(path, &options.dialect));
	options.dialect = found;
	if (seen != 0 && is_sayable(&found) && look(fuzz, path, &options, &again) != seen)
		fuzz_fail(fuzz, "the dialect that was found reads other rows: %s", command(path, &found));
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, "reviews", round_of);
}
