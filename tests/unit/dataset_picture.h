/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file is read as, in one line: for tables of small files. */
#ifndef REVUE_TESTS_UNIT_DATASET_PICTURE_H
#define REVUE_TESTS_UNIT_DATASET_PICTURE_H

#include "tests/unit/dataset_check.h"

/* "csv id,text,label: text/label: neg 2, pos 1: 3 rows: 3 used, 0 skipped", with "-" for a column that is not there. */
static inline const char *data_picture(const char *name, const char *bytes, size_t size)
{
	static char text[4000];
	struct dataset *dataset = data_open(name, bytes, size, NULL);
	struct survey survey = {0};
	struct buffer out = {.maximum = sizeof text};
	char counts[600], format[DIALECT_WORD_MAX];
	struct dataset_dialect dialect = dataset_dialect(dataset);

	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	dialect_format(&dialect, DIALECT_input_format, format);
	assert_true(buffer_format(&out, "%s ", format));
	for (int c = 0; c < dataset_columns(dataset); c++)
		assert_true(buffer_format(&out, "%s%s", c ? "," : "", dataset_column_name(dataset, c)));
	assert_true(buffer_format(&out, ": %s/%s:",
	            dataset_text_column(dataset) < 0 ? "-" : data_column(dataset, dataset_text_column(dataset)),
	            dataset_label_column(dataset) < 0 ? "-" : data_column(dataset, dataset_label_column(dataset))));
	for (int i = 0; i < survey.label_count; i++)
		assert_true(buffer_format(&out, "%s %s %llu", i ? "," : "", survey.labels[i].name,
		                          (unsigned long long)survey.labels[i].count));
	survey_describe(&survey, counts, sizeof counts);
	assert_true(buffer_format(&out, "; %s", counts));
	snprintf(text, sizeof text, "%s", out.data);
	buffer_free(&out);
	survey_free(&survey);
	dataset_close(dataset);
	return text;
}

struct data_expected {
	const char *name, *bytes, *picture;
};

static inline void check_pictures(const struct data_expected *files, size_t count)
{
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		const char *picture = data_picture(files[i].name, files[i].bytes, strlen(files[i].bytes));

		if (strcmp(picture, files[i].picture) != 0)
			print_message("%s: %.60s\n  is      %s\n  must be %s\n", files[i].name, files[i].bytes, picture, files[i].picture);
		good = good && strcmp(picture, files[i].picture) == 0;
	}
	assert_true(good);
}

#define PICTURES(files) check_pictures(files, sizeof(files) / sizeof *(files))

/* The dataset's notices, one after the other with a line end after each. */
static inline const char *data_notices(const char *name, const char *bytes)
{
	static char text[4000];
	struct dataset *dataset = data_open(name, bytes, strlen(bytes), NULL);
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < dataset_notice_count(dataset); i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", dataset_notice(dataset, i));
	dataset_close(dataset);
	return text;
}

#endif
