/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tables of hostile torch files share: the folder that they are opened in, and pieces of a pickle. */
#ifndef REVUE_TESTS_CRAFT_TORCH_H
#define REVUE_TESTS_CRAFT_TORCH_H

#include "tests/unit/check.h"
#include "tests/unit/craft.h"

#include "engine/format/tensors.h"
#include "engine/span.h"

static char folder[256], path[300];
static int failures;

static int make_folder(void **state)
{
	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/pytorch_model.bin", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	check_folder_remove(folder);
	return 0;
}

static int reset_failures(void **state)
{
	(void)state;
	failures = 0;
	return 0;
}

static int check_failures(void **state)
{
	(void)state;
	assert_int_equal(failures, 0);
	return 0;
}

/* Opens the bytes and, where they are taken, reads every floating-point tensor. */
static void expect(const char *what, const struct buffer *bytes, const char *fragment)
{
	struct error error = {0};
	struct tensor_file *file;
	bool taken;

	craft_write(path, bytes->data, bytes->size);
	file = tensor_file_open_folder(folder, &error);
	taken = file != NULL;
	for (size_t i = 0; taken && i < tensor_file_count(file); i++) {
		const struct tensor *tensor = tensor_file_at(file, i);
		float *out = calloc(tensor->count + 1, sizeof *out);
		if (tensor->dtype <= DTYPE_F64)
			taken = tensor_file_read(file, tensor, out, &error);
		free(out);
	}
	if (!craft_verdict(what, taken, error.text, fragment) || (fragment && error.kind != ERROR_DATA))
		failures++;
	tensor_file_close(file);
}

/* Pieces of a pickle. Lengths are one byte; TEXT's first argument is it. */
#define PROTO "\x80\x02"
#define TEXT(length, text) "X" length "\0\0\0" text
#define ORDERED "ccollections\nOrderedDict\n"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
#define ID(key, count) "(" TEXT("\7", "storage") "ctorch\nFloatStorage\n" TEXT("\1", key) TEXT("\3", "cpu") count "tQ"
#define STORAGE ID("0", "K\x06") /* 6 elements, 24 bytes, as the archive of expect_pickle has */
#define REST "\x89" ORDERED ")R"  /* requires_grad, hooks */
#define TENSOR_OF(offset, shape, stride) REBUILD "(" STORAGE offset shape stride REST "tR"
#define TENSOR TENSOR_OF("K\0", "K\x02K\x03\x86", "K\x03K\x01\x86")
#define NAME TEXT("\1", "w")
#define BIG4 "J\xff\xff\xff\x7f"
#define HUGE "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"

/* Counts rows that went wrong, and fails at the end of the test. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, reset_failures, check_failures)

#endif
