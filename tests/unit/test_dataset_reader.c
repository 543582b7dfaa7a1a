/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data/reader.h: a format that stands in this file alone. Its rows are a list in memory that comes in groups and
 * has no lines, as a Parquet file's would; the file on disk holds only the word by which it is known. */
#include "tests/unit/dataset_check.h"

#include "engine/data/reader.h"
#include "engine/data/readers.h"
#include "engine/data/row.h"

#include <stdatomic.h>

#define MAGIC "ROWS"
#define GROUP 2

static const char *const list[][2] = {
	{"good film", "1"}, {"bad film", "0"}, {"no opinion", ""}, {"long", "1"}, {"short", "0"},
};
#define LIST_ROWS (sizeof list / sizeof *list)

/* Groups are published one by one. */
struct list_state {
	_Atomic uint64_t rows;
	bool fails; /* after the first group */
};

static int states;           /* that are open */
static _Atomic int unpacked; /* blocks that rows keep */

static int list_fits(const struct opening *opening)
{
	return opening->head.size >= 4 && memcmp(opening->head.data, MAGIC, 4) == 0 ? FITS_SURELY : FITS_NOT;
}

static void *list_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	struct list_state *state = calloc(1, sizeof *state);

	if (!state || !columns_add(&shape->columns, span_of("review")) || !columns_add(&shape->columns, span_of("stars"))) {
		free(state);
		error_memory(error, "opening a list");
		return NULL;
	}
	shape->columns.text = 0;
	shape->columns.label = 1;
	state->fails = opening->head.size > 4 && opening->head.data[4] == '!';
	states++;
	return state;
}

static enum index_state list_index_step(void *context, uint64_t *done, struct error *error)
{
	struct list_state *state = context;
	uint64_t rows = state->rows + GROUP;

	if (state->fails && state->rows > 0) {
		error_set(error, ERROR_DATA, "group 2 is damaged");
		return INDEX_FAILED;
	}
	*done = 4;
	state->rows = rows < LIST_ROWS ? rows : LIST_ROWS;
	return state->rows == LIST_ROWS ? INDEX_COMPLETE : INDEX_GROWING;
}

static uint64_t list_rows(const void *state)
{
	return ((const struct list_state *)state)->rows;
}

static void *unpack(void)
{
	unpacked++;
	return malloc(8);
}

static void pack(void *block)
{
	unpacked--;
	free(block);
}

static bool list_read(void *state, uint64_t index, const struct columns *columns, struct row *row, struct error *error)
{
	(void)state;
	assert_int_equal(columns->count, 2);
	assert_int_equal(row->count, 0);
	return (row_state(row, unpack, pack) && row_add_field(row, span_of(list[index][0])) &&
	        (index == 3 || row_add_field(row, span_of(list[index][1])))) ||
	       error_memory(error, "reading a list");
}

static void list_close(void *state)
{
	states--;
	free(state);
}

static const struct reader reader_list = {
	.name = "list",
	.format = (enum dataset_format)100, /* a real one would add its word to enum dataset_format */
	.fits_bytes = list_fits,
	.open = list_open,
	.index_step = list_index_step,
	.rows = list_rows,
	.read = list_read,
	.close = list_close,
};

/* Those of the program, the list last: what it knows for sure it reads nevertheless. */
static struct dataset *open_list(const char *name, const char *bytes, enum dataset_format wish)
{
	const struct reader *readers[16] = {0};
	struct error error = {0};
	struct dataset *dataset;
	size_t count = 0;

	for (; readers_all[count]; count++)
		readers[count] = readers_all[count];
	readers[count] = &reader_list;
	dataset = dataset_open(data_write(name, bytes, strlen(bytes)),
	                       &(struct dataset_options){.dialect.format = wish, .readers = readers}, &error);
	if (!dataset)
		fail_msg("%s", error.text);
	return dataset;
}

static void a_format_of_its_own_is_read_through_its_row_of_the_table(void **state)
{
	struct dataset *dataset = open_list("a.rows", MAGIC, DATASET_AUTO);

	(void)state;
	assert_int_equal(dataset_format(dataset), reader_list.format);
	assert_string_equal(dataset_column_name(dataset, 1), "stars");
	assert_true(dataset_index(dataset, NULL, NULL));
	assert_rows(dataset, "0:good film|1\n0:bad film|0\n0!no label\n0!ragged\n0:short|0\n");
	assert_string_equal(data_row(dataset, 4), "short|0");
	dataset_close(dataset);
	assert_int_equal(states, 0);
	assert_int_equal(unpacked, 0);
}

static void rows_come_in_the_groups_that_the_reader_finds(void **state)
{
	struct dataset *dataset = open_list("a.rows", MAGIC, DATASET_AUTO);
	bool complete;

	(void)state;
	assert_int_equal(dataset_rows(dataset, &complete), GROUP);
	assert_false(complete);
	assert_true(dataset_index_step(dataset));
	assert_int_equal(dataset_rows(dataset, &complete), 2 * GROUP);
	assert_false(dataset_index_step(dataset));
	assert_int_equal(dataset_rows(dataset, &complete), LIST_ROWS);
	assert_true(complete);
	assert_null(dataset_index_error(dataset));
	dataset_close(dataset);
}

static void a_group_that_cannot_be_read_leaves_those_before_it(void **state)
{
	struct dataset *dataset = open_list("a.rows", MAGIC "!", DATASET_AUTO);
	struct error error = {0};

	(void)state;
	assert_false(dataset_index(dataset, NULL, &error));
	assert_string_equal(error.text, "group 2 is damaged");
	assert_int_equal(dataset_rows(dataset, NULL), GROUP);
	assert_string_equal(data_row(dataset, 1), "bad film|0");
	dataset_close(dataset);
}

static void a_survey_of_rows_without_lines_names_no_line(void **state)
{
	struct dataset *dataset = open_list("a.rows", MAGIC, DATASET_AUTO);
	struct survey survey = {0};
	char text[200];

	(void)state;
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	survey_describe(&survey, text, sizeof text);
	assert_string_equal(text, "5 rows: 3 used, 2 skipped (1 ragged; 1 no label)");
	assert_int_equal(survey.label_count, 2);
	survey_free(&survey);
	dataset_close(dataset);
}

static void what_bytes_tell_for_sure_goes_before_the_name_and_the_wish(void **state)
{
	struct dataset *dataset = open_list("a.csv", MAGIC ",1\nx,2\n", DATASET_LINES);

	(void)state;
	assert_int_equal(dataset_format(dataset), reader_list.format);
	dataset_close(dataset);
	dataset = open_list("b.csv", "text,label\na,1\n", DATASET_AUTO);
	assert_int_equal(dataset_format(dataset), DATASET_CSV);
	dataset_close(dataset);
}

/* The same buffers serve one reader after another: what the first left in them is given back. */
static void a_row_goes_from_reader_to_reader(void **state)
{
	struct dataset *first = open_list("a.rows", MAGIC, DATASET_AUTO);
	struct dataset *second = open_list("b.csv", "text,label\n\"a, b\",1\n", DATASET_AUTO);
	struct row *row = row_new(NULL);

	(void)state;
	assert_true(dataset_index(second, NULL, NULL));
	for (int i = 0; i < 2; i++) {
		assert_true(dataset_read(first, 0, row, NULL));
		assert_int_equal(row->text.size, 9);
		assert_int_equal(unpacked, 1);
		assert_true(dataset_read(second, 0, row, NULL));
		assert_true(span_equal(row->text, span_of("a, b")));
		assert_int_equal(row->line, 2);
		assert_int_equal(unpacked, 0);
	}
	row_free(row);
	dataset_close(second);
	dataset_close(first);
}

static void a_file_that_no_reader_wants_is_refused(void **state)
{
	const struct reader *const readers[] = {&reader_list, NULL};
	struct error error = {0};
	const char *path = data_write("c.csv", "a,b\n", 4);

	(void)state;
	assert_null(dataset_open(path, &(struct dataset_options){.readers = readers}, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "c.csv: is in no format that can be read"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_format_of_its_own_is_read_through_its_row_of_the_table),
		cmocka_unit_test(rows_come_in_the_groups_that_the_reader_finds),
		cmocka_unit_test(a_group_that_cannot_be_read_leaves_those_before_it),
		cmocka_unit_test(a_survey_of_rows_without_lines_names_no_line),
		cmocka_unit_test(what_bytes_tell_for_sure_goes_before_the_name_and_the_wish),
		cmocka_unit_test(a_row_goes_from_reader_to_reader),
		cmocka_unit_test(a_file_that_no_reader_wants_is_refused),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
