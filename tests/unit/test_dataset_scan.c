/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: the scan for row starts, csv_split, the rules read a byte at a time, and libcsv as far as it can, see the
 * same rows and fields, whatever the bytes and wherever a block ends. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/data/csv.h"
#include "engine/data/encoding.h"
#include "engine/data/index.h"
#include "engine/data/row.h"
#include "engine/data/scan.h"

#include <csv.h>
#include <malloc.h>
#include <stdio.h>

#define FIELD_END '\x1E'

/* A small generator of its own, so that a failing case can be made again from its number. */
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

/* --- what libcsv sees --------------------------------------------------------------------------------------- */

struct fields {
	struct buffer bytes;
	int rows;
};

static void add_field(void *data, size_t size, void *context)
{
	struct fields *out = context;

	if (out->rows > 0)
		return;
	assert_true(buffer_add(&out->bytes, data, size));
	assert_true(buffer_add_byte(&out->bytes, FIELD_END));
}

static void add_row_end(int c, void *context)
{
	(void)c;
	((struct fields *)context)->rows++;
}

static int is_no_space(unsigned char c)
{
	(void)c;
	return 0;
}

/* The fields of the first row. */
static void parse_with_libcsv(struct span text, const struct marks *marks, struct fields *out)
{
	struct csv_parser parser;

	assert_int_equal(csv_init(&parser, 0), 0);
	csv_set_space_func(&parser, is_no_space);
	csv_set_delim(&parser, (unsigned char)marks->delimiter);
	csv_set_quote(&parser, (unsigned char)marks->quote);
	assert_int_equal(csv_parse(&parser, text.data, text.size, add_field, add_row_end, out), text.size);
	assert_int_equal(csv_fini(&parser, add_field, add_row_end, out), 0);
	csv_free(&parser);
}

/* --- what the scan and csv_split see --------------------------------------------------------------------------- */

struct starts {
	uint64_t *at, *line;
	size_t count, capacity;
};

static bool keep_start(void *context, uint64_t start, uint64_t line)
{
	struct starts *starts = context;

	if (starts->count == starts->capacity) {
		starts->capacity = starts->capacity ? 2 * starts->capacity : 64;
		starts->at = realloc(starts->at, starts->capacity * sizeof *starts->at);
		starts->line = realloc(starts->line, starts->capacity * sizeof *starts->line);
		assert_non_null(starts->at);
		assert_non_null(starts->line);
	}
	starts->at[starts->count] = start;
	starts->line[starts->count++] = line;
	return true;
}

/* Feeds blocks of random sizes up to `block`. */
static void scan_in_blocks(struct scan *scan, struct span text, uint32_t block, struct starts *starts)
{
	scan_begin(scan, 0);
	for (size_t at = 0; at < text.size;) {
		size_t size = block == 1 ? 1 : 1 + draw(block);

		if (size > text.size - at)
			size = text.size - at;
		/* A copy of its own lets AddressSanitizer see a look past the block's end. */
		char *copy = malloc(size);
		assert_non_null(copy);
		memcpy(copy, text.data + at, size);
		assert_true(scan_feed(scan, copy, size, keep_start, starts));
		free(copy);
		at += size;
	}
	assert_true(scan_finish(scan, keep_start, starts));
}

static size_t row_end(struct span text, const struct starts *starts, const struct scan *scan, size_t i)
{
	if (i + 1 < starts->count)
		return (size_t)starts->at[i + 1];
	return scan->state == SCAN_QUOTED ? (size_t)scan->row_start : text.size;
}

static bool ignore_row(void *context, uint64_t start, uint64_t line)
{
	(void)context;
	(void)start;
	(void)line;
	return true;
}

/* libcsv knows no escapes, and takes blanks between a delimiter and a quote for text. */
static bool libcsv_can_read(struct span bytes, const struct marks *marks)
{
	struct scan scan = {.marks = *marks};

	scan_begin(&scan, 0);
	scan_feed(&scan, bytes.data, bytes.size, ignore_row, NULL);
	return !scan.blanks && !(marks->escape && memchr(bytes.data, marks->escape, bytes.size));
}

static void assert_fields(const struct row *row, const struct buffer *expected)
{
	struct fields seen = {.bytes.maximum = (size_t)1 << 30};

	for (int f = 0; f < row->count; f++)
		add_field((void *)(uintptr_t)row->fields[f].data, row->fields[f].size, &seen);
	assert_int_equal(seen.bytes.size, expected->size);
	if (expected->size > 0)
		assert_memory_equal(seen.bytes.data, expected->data, expected->size);
	buffer_free(&seen.bytes);
}

/* The rules of engine/data/scan.h and csv.h once more, a byte at a time: the second opinion. It takes a row's fields or
 * says that the row is malformed or stays open, and returns where the next one begins. */
struct by_rules {
	struct buffer fields;
	bool begun, malformed, open;
};

static void put(struct by_rules *out, char c)
{
	assert_true(buffer_add_byte(&out->fields, c));
}

static size_t read_by_rules(struct span text, size_t at, const struct marks *marks, struct by_rules *out)
{
	enum { BEGIN, PLAIN, QUOTED, AFTER, SPACE } state = BEGIN;
	size_t field = 0, from = at;

	for (; at < text.size; at++) {
		char c = text.data[at];
		bool space = (c == ' ' || c == '\t') && c != marks->delimiter;

		out->begun = out->begun || !(space || c == '\n' || c == '\r');
		if (marks->escape && c == marks->escape) {
			out->malformed = out->malformed || state == AFTER || state == SPACE;
			state = state == QUOTED ? QUOTED : PLAIN;
			if (at + 1 == text.size) {
				put(out, c);
				continue;
			}
			put(out, text.data[++at]);
			if (text.data[at] == '\r' && at + 1 < text.size && text.data[at + 1] == '\n')
				put(out, text.data[++at]);
			if (state == PLAIN && at - from == 1 && text.data[at] == 'N' &&
			    (at + 1 == text.size || strchr("\r\n", text.data[at + 1]) || text.data[at + 1] == marks->delimiter)) {
				out->fields.data[out->fields.size - 1] = c;
				put(out, 'N');
			}
		} else if (state == QUOTED && c == marks->quote && marks->quote) {
			state = AFTER;
		} else if (state == QUOTED) {
			put(out, c);
		} else if (c == '\n' || c == '\r') {
			at++;
			break;
		} else if (c == marks->delimiter) {
			put(out, FIELD_END);
			field = out->fields.size;
			from = at + 1;
			state = BEGIN;
		} else if (state == BEGIN && c == marks->quote && marks->quote) {
			out->fields.size = field;
			state = QUOTED;
		} else if (state == AFTER && c == marks->quote) {
			put(out, c);
			state = QUOTED;
		} else if (state == AFTER || state == SPACE) {
			out->malformed = out->malformed || !space;
			state = space ? SPACE : PLAIN;
		} else {
			put(out, c);
			state = state == BEGIN && space ? BEGIN : PLAIN;
		}
	}
	put(out, FIELD_END);
	out->open = state == QUOTED;
	return at;
}

static uint64_t line_ends(struct span text, size_t from, size_t to)
{
	uint64_t lines = 0;

	for (; from < to; from++)
		lines += text.data[from] == '\r' ||
		         (text.data[from] == '\n' && !(from > 0 && text.data[from - 1] == '\r'));
	return lines;
}

static void compare_row(struct span bytes, const struct marks *marks, const struct by_rules *rules, struct row *row)
{
	struct fields libcsv = {.bytes.maximum = (size_t)1 << 30};

	row->status = ROW_OK;
	assert_true(csv_split(row, bytes, marks));
	assert_int_equal(row->status == ROW_MALFORMED, rules->malformed || rules->open);
	if (row->status != ROW_OK)
		return;
	assert_fields(row, &rules->fields);
	if (!libcsv_can_read(bytes, marks))
		return;
	parse_with_libcsv(bytes, marks, &libcsv);
	assert_fields(row, &libcsv.bytes);
	buffer_free(&libcsv.bytes);
}

static void compare(struct span text, struct marks marks, uint32_t block)
{
	struct scan scan = {.marks = marks};
	struct starts starts = {0};
	struct row *row = row_new(NULL);
	bool malformed = false, open = false;
	uint64_t line = 1;
	size_t rows = 0;

	assert_non_null(row);
	scan_in_blocks(&scan, text, block, &starts);
	for (size_t at = 0; at < text.size;) {
		struct by_rules rules = {.fields.maximum = (size_t)1 << 30};
		size_t next = read_by_rules(text, at, &marks, &rules);

		malformed = malformed || rules.malformed;
		open = rules.open;
		if (rules.begun && !rules.open) {
			assert_true(rows < starts.count);
			assert_int_equal(starts.at[rows], at);
			assert_int_equal(starts.line[rows], line);
			compare_row((struct span){text.data + at, row_end(text, &starts, &scan, rows) - at}, &marks, &rules, row);
			rows++;
		}
		line += line_ends(text, at, next);
		at = next;
		buffer_free(&rules.fields);
	}
	assert_int_equal(rows, starts.count);
	assert_int_equal(scan.rows, starts.count);
	assert_int_equal(open, scan.state == SCAN_QUOTED);
	assert_int_equal(malformed, scan.malformed > 0);
	row_free(row);
	free(starts.at);
	free(starts.line);
}

/* --- the tests --------------------------------------------------------------------------------------------------- */

static void random_bytes_give_the_same_rows_at_any_block_size(void **state)
{
	static const char alphabet[] = "\"\"\"\"\",,,;\t\n\n\r\n \ta\xC3\xA9z\\\\N'";
	static const char delimiters[] = {',', ';', '\t', '\x01'}, quotes[] = {'"', '"', '"', '\'', 0};
	char text[300];

	(void)state;
	for (uint64_t number = 0; number < 20000; number++) {
		random_state = number * 7919 + 1;
		size_t size = draw(number % 4 ? 40 : sizeof text);

		for (size_t i = 0; i < size; i++)
			text[i] = alphabet[draw(sizeof alphabet - 1)];
		compare((struct span){text, size}, (struct marks){delimiters[draw(4)], quotes[draw(5)], draw(2) ? '\\' : 0},
			        1 + draw(number % 2 ? 5 : 200));
	}
}

static void compare_all_short_texts(const char *alphabet, char escape)
{
	char text[7];
	const size_t letters = strlen(alphabet);

	for (size_t size = 1; size < sizeof text; size++) {
		size_t count = 1;

		for (size_t i = 0; i < size; i++)
			count *= letters;
		for (size_t number = 0; number < count; number++) {
			size_t rest = number;

			for (size_t i = 0; i < size; i++, rest /= letters)
				text[i] = alphabet[rest % letters];
			random_state = number;
			compare((struct span){text, size}, (struct marks){',', '"', escape}, 1 + draw(3));
		}
	}
}

static void all_short_texts_of_the_awkward_bytes_give_the_same_rows(void **state)
{
	(void)state;
	compare_all_short_texts("\", \n\rx", 0);
	compare_all_short_texts("\",\\\n\rN", '\\');
}

/* Well-formed tables with long fields: blocks of 64 bytes with and without quotes, line ends inside quotes. */
static void random_tables_give_the_same_rows(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 24};

	(void)state;
	for (uint64_t number = 0; number < 300; number++) {
		random_state = number + 77;
		text.size = 0;
		for (uint32_t rows = draw(40); rows > 0; rows--) {
			for (uint32_t columns = 1 + draw(4); columns > 0; columns--) {
				bool quoted = draw(2);
				buffer_add_text(&text, quoted ? "\"" : "");
				for (uint32_t size = draw(draw(2) ? 10 : 500); size > 0; size--)
					buffer_add_text(&text, quoted && draw(30) == 0 ? "\"\""
					                       : quoted && draw(20) == 0 ? "\r\n"
					                       : quoted && draw(20) == 0 ? ","
					                                                 : "w");
				buffer_add_text(&text, quoted ? "\"" : "");
				buffer_add_text(&text, columns > 1 ? "," : "");
			}
			buffer_add_text(&text, draw(2) ? "\r\n" : "\n");
		}
		compare((struct span){text.data ? text.data : "", text.size}, (struct marks){',', '"', 0}, 1 + draw(300));
	}
	buffer_free(&text);
}

static void real_files_give_the_same_rows(void **state)
{
	static const struct {
		const char *name;
		char delimiter;
		bool quoting;
	} files[] = {
		{"airline_tweets.csv", ',', true},    {"amazon_bom_crlf.csv", ',', true}, {"imdb_kaggle_head.csv", ',', true},
		{"imdb_test5k.csv", ',', true},       {"imdb_train.csv", ',', true},      {"imdb_unsup.csv", ',', true},
		{"spam_latin1_crlf.csv", ',', true},  {"sst2_train.tsv", '\t', false},    {"sst2_dev.tsv", '\t', false},
		{"tr_magaza_utf16le.csv", ',', true}, {"yelp_stars.csv", ',', true},      {"tr_polarity.pos", ',', true},
	};

	(void)state;
	random_state = 5;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *path = check_real("REVUE_DATA", files[i].name);
		struct buffer decoded = {.maximum = (size_t)1 << 28};
		uint32_t replaced = 0;
		size_t size;

		if (!path)
			skip();
		char *data = file_read(path, (size_t)1 << 28, &size, NULL);
		assert_non_null(data);
		struct span text = {data, size};
		if (strstr(files[i].name, "utf16")) {
			assert_true(encoding_decode(ENCODING_UTF16LE, data + 2, size - 2, &decoded, &replaced));
			text = (struct span){decoded.data, decoded.size};
		}
		compare(text, (struct marks){files[i].delimiter, files[i].quoting ? '"' : 0, 0}, 100000);
		buffer_free(&decoded);
		free(data);
	}
}

static struct scan scanned(const char *text, struct starts *starts)
{
	struct scan scan = {.marks = {',', '"', 0}};

	random_state = 1;
	scan_in_blocks(&scan, span_of(text), 1, starts);
	free(starts->at);
	free(starts->line);
	return scan;
}

static void a_quote_that_closes_in_mid_field_is_noticed_and_an_inch_sign_is_not(void **state)
{
	static const struct {
		const char *text;
		bool malformed;
	} cases[] = {
		{"\"x\"y,1\n", true},         {"\"x\"  \"y\",1\n", true}, {"5\" screen,1\n", false}, {"a\"b\n", false},
		{"\"\"\"\"\n", false},        {"\"x\" ,1\n", false},      {" \"x\",1\n", false},
		{"\"said \"no\" once\",1\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct starts starts = {0};
		assert_int_equal(scanned(cases[i].text, &starts).malformed > 0, cases[i].malformed);
	}
}

static void an_open_quote_remembers_its_line(void **state)
{
	struct starts starts = {0};
	struct scan scan = scanned("a,b\r\n\"1\n2\",x\r\n\r\nfine,\"not closed\nand so on\n", &starts);

	(void)state;
	assert_int_equal(scan.state, SCAN_QUOTED);
	assert_int_equal(scan.quote_line, 5);
	assert_int_equal(scan.quote_position, 21);
	assert_int_equal(scan.rows, 2);
}

static void the_index_gives_back_every_row_also_over_wide_gaps(void **state)
{
	struct row_index *index = calloc(1, sizeof *index);
	uint64_t position = 3, line = 1, seen_position, seen_line;
	const uint64_t rows = 50000;

	(void)state;
	assert_non_null(index);
	for (int pass = 0; pass < 2; pass++) {
		position = 3, line = 1;
		random_state = 9;
		for (uint64_t i = 0; i < rows; i++) {
			if (pass == 0)
				assert_true(row_index_add(index, position, line));
			else {
				row_index_get(index, i, &seen_position, &seen_line);
				assert_int_equal(seen_position, position);
				assert_int_equal(seen_line, line);
			}
			position += i % 1000 == 7 ? UINT64_C(1) << (20 + draw(22)) : 1 + draw(2000);
			line += i % 3000 == 9 ? 1 + draw(30000000) : 1;
		}
		row_index_publish(index);
		assert_int_equal(row_index_rows(index), rows);
	}
	row_index_free(index);
	free(index);
}

static void a_row_after_a_wide_gap_is_found_when_it_is_the_last(void **state)
{
	struct row_index *index = calloc(1, sizeof *index);
	uint64_t position, line;

	(void)state;
	assert_non_null(index);
	assert_true(row_index_add(index, 10, 1));
	assert_true(row_index_add(index, UINT64_C(1) << 45, 7));
	row_index_publish(index);
	row_index_get(index, 1, &position, &line);
	assert_int_equal(position, UINT64_C(1) << 45);
	assert_int_equal(line, 7);
	row_index_free(index);
	free(index);
}

static size_t memory_taken(void)
{
	const struct mallinfo2 info = mallinfo2(); /* zeros under a sanitizer */

	return info.uordblks + info.hblkhd;
}

static void a_row_takes_eight_bytes_of_memory_however_long_it_is(void **state)
{
	struct row_index *index = calloc(1, sizeof *index);
	const size_t before = memory_taken();
	const uint64_t rows = 1000000;

	(void)state;
	assert_non_null(index);
	for (uint64_t i = 0; i < rows; i++)
		assert_true(row_index_add(index, 5000 * i, i + 1));
	assert_true(memory_taken() - before < 8.5 * (double)rows);
	row_index_free(index);
	free(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_give_the_same_rows_at_any_block_size),
		cmocka_unit_test(all_short_texts_of_the_awkward_bytes_give_the_same_rows),
		cmocka_unit_test(random_tables_give_the_same_rows),
		cmocka_unit_test(real_files_give_the_same_rows),
		cmocka_unit_test(a_quote_that_closes_in_mid_field_is_noticed_and_an_inch_sign_is_not),
		cmocka_unit_test(an_open_quote_remembers_its_line),
		cmocka_unit_test(the_index_gives_back_every_row_also_over_wide_gaps),
		cmocka_unit_test(a_row_after_a_wide_gap_is_found_when_it_is_the_last),
		cmocka_unit_test(a_row_takes_eight_bytes_of_memory_however_long_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
