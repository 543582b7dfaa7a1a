/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of engine/data: a dataset made of bytes that stand in the test. */
#ifndef REVUE_TESTS_UNIT_DATASET_CHECK_H
#define REVUE_TESTS_UNIT_DATASET_CHECK_H

#include "tests/unit/check.h"

#include "engine/base/buffer.h"
#include "engine/dataset.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char data_folder[256];

static inline int data_setup(void **state)
{
	(void)state;
	check_folder(data_folder, sizeof data_folder);
	return 0;
}

static inline int data_teardown(void **state)
{
	(void)state;
	check_folder_remove(data_folder);
	return 0;
}

static inline const char *data_path(const char *name)
{
	static char path[600];

	snprintf(path, sizeof path, "%s/%s", data_folder, name);
	return path;
}

static inline const char *data_write(const char *name, const void *bytes, size_t size)
{
	const char *path = data_path(name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* Opens and indexes; a small block size makes everything cross a block's edge. */
static inline struct dataset *data_open(const char *name, const void *bytes, size_t size,
                                        const struct dataset_options *options)
{
	struct dataset_options small = options ? *options : (struct dataset_options){0};
	struct error error = {0};
	struct dataset *dataset;

	small.block_size = 6;
	dataset = dataset_open(data_write(name, bytes, size), &small, &error);

	if (!dataset || !dataset_index(dataset, NULL, &error))
		fail_msg("%s", error.text);
	return dataset;
}

/* Opening or indexing must fail; the message behind the path is left in `text`. */
static inline enum error_kind data_refused(const char *name, const void *bytes, size_t size, char text[1024])
{
	struct error error = {0};
	const char *path = data_write(name, bytes, size);
	struct dataset *dataset = dataset_open(path, &(struct dataset_options){.block_size = 6}, &error);

	if (dataset)
		assert_false(dataset_index(dataset, NULL, &error));
	dataset_close(dataset);
	assert_null(strchr(error.text, '\n'));
	if (strncmp(error.text, path, strlen(path)) == 0)
		snprintf(text, 1024, "%s", error.text + strlen(path) + 2);
	else
		snprintf(text, 1024, "%s", error.text);
	return error.kind;
}

/* All rows as one text: "line:field|field" or "line!reason", a row a line. The caller frees it. */
static inline char *data_dump(struct dataset *dataset)
{
	struct buffer out = {.maximum = (size_t)1 << 24};
	struct row *row = row_new(NULL);
	struct error error = {0};

	assert_non_null(row);
	assert_true(buffer_add_text(&out, ""));
	for (uint64_t i = 0; i < dataset_rows(dataset, NULL); i++) {
		if (!dataset_read(dataset, i, row, &error))
			fail_msg("%s", error.text);
		assert_true(buffer_format(&out, "%llu", (unsigned long long)row->line));
		if (row->status != ROW_OK)
			assert_true(buffer_format(&out, "!%s", row_status_name(row->status)));
		for (int f = 0; row->status == ROW_OK && f < row->count; f++)
			assert_true(buffer_add_text(&out, f ? "|" : ":") &&
			            buffer_add(&out, row->fields[f].data, row->fields[f].size));
		assert_true(buffer_add_text(&out, "\n"));
	}
	row_free(row);
	return out.data;
}

#define assert_rows(dataset, expected)                         \
	do {                                                   \
		char *dump_ = data_dump(dataset);              \
		assert_string_equal(dump_, expected);          \
		free(dump_);                                   \
	} while (0)

/* Text and label of one row as "text|label". */
static inline const char *data_row(struct dataset *dataset, uint64_t index)
{
	static char text[2000];
	struct row *row = row_new(NULL);
	struct error error = {0};

	assert_non_null(row);
	assert_true(index < dataset_rows(dataset, NULL));
	if (!dataset_read(dataset, index, row, &error))
		fail_msg("%s", error.text);
	snprintf(text, sizeof text, "%.*s|%.*s", (int)row->text.size, row->text.data, (int)row->label.size,
	         row->label.data);
	row_free(row);
	return text;
}

static inline const char *data_column(const struct dataset *dataset, int column)
{
	return column < 0 ? "(none)" : dataset_column_name(dataset, column);
}

#endif
