/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Safetensors files that are wrong in one place, and the words that each is refused with; and odd ones that
 * the format allows. */
#include "tests/unit/check.h"
#include "tests/unit/craft.h"

#include "engine/clock.h"
#include "engine/format/tensors.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[256], path[300];
static int failures; /* rows of the running test that went wrong */

static int make_folder(void **state)
{
	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
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

static int remove_folder(void **state)
{
	(void)state;
	check_folder_remove(folder);
	return 0;
}

/* Opens the bytes. `fragment` NULL: they must be accepted; else be refused as bad data in these words. */
static void expect(const char *what, const struct buffer *bytes, const char *fragment)
{
	struct error error = {0};
	struct tensor_file *file;

	craft_write(path, bytes->data ? bytes->data : "", bytes->size);
	file = tensor_file_open(path, &error);
	if (!craft_verdict(what, file != NULL, error.text, fragment) ||
	    (fragment && (error.kind != ERROR_DATA || !strstr(error.text, path))))
		failures++;
	tensor_file_close(file);
}

static void expect_header(const char *what, const char *header, size_t size, size_t data, const char *fragment)
{
	struct buffer bytes = {.maximum = CRAFT_MAX};

	craft_safetensors(&bytes, size, header, size, data);
	expect(what, &bytes, fragment);
	buffer_free(&bytes);
}

#define T(name, dtype, shape, begin, end) \
	"\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

static const struct {
	const char *header;
	size_t data;
	const char *fragment; /* NULL: the format allows it */
} headers[] = {
	{"{}", 0, NULL},
	{"{" T("a", "F32", "[1]", 0, 4) "}", 4, NULL},
	{" \t\r\n{" T("a", "F32", "[1]", 0, 4) "}\n\t ", 4, NULL},
	{"{" T("a", "F32", "[]", 0, 4) "}", 4, NULL},
	{"{" T("b", "F32", "[1]", 4, 8) "," T("a", "F32", "[1]", 0, 4) "}", 8, NULL},
	{"{" T("a", "F32", "[0,4]", 0, 0) "," T("b", "F32", "[7,0]", 0, 0) "," T("c", "F32", "[1]", 0, 4) "}", 4, NULL},
	{"{" T("a", "F32", "[1]", 0, 4) "," T("b", "F32", "[0]", 4, 4) "}", 4, NULL},
	{"{\"__metadata__\":null," T("a", "F32", "[1]", 0, 4) "}", 4, NULL},
	{"{\"__metadata__\":{\"format\":\"pt\"}," T("a", "F8_E4M3", "[3]", 0, 3) "}", 3, NULL},
	{"{" T("a", "F4", "[4]", 0, 2) "}", 2, NULL},
	{"{" T("../x", "BOOL", "[1,1,1,1,1,1,1,1]", 0, 1) "}", 1, NULL},
	{"{" T("\\u0061\\ud83d\\ude00", "U8", "[1]", 0, 1) "}", 1, NULL},
	{"{" T("a", "F32", "[0]", 0, 0) "}", 1, "1 bytes after the last tensor belong to nothing"},
	{"{}", 1, "1 bytes after the last tensor"},
	{"{" T("a", "F32", "[1]", 0, 4) "}", 3, "is truncated: the header announces 4 bytes of data, 3 are there"},
	{"{" T("a", "F32", "[1]", 0, 4) "}x", 4, "line 1, column"},
	{"{" T("a", "F32", "[1]", 0, 4) "}{}", 4, "not valid JSON"},
	{"{" T("a", "F32", "[1]", 0, 4), 4, "not valid JSON"},
	{"{" T("a", "F32", "[1]", 0, 4) ",}", 4, "not valid JSON"},
	{" []", 0, "not a JSON object"},
	{" 7", 0, "header"},
	{" ", 0, "not valid JSON"},
	{"{\"a\":7}", 0, "tensor a: not a JSON object"},
	{"{\"a\":null}", 0, "tensor a: not a JSON object"},
	{"{\"a\":{}}", 0, "tensor a: no dtype"},
	{"{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "tensor a: no dtype"},
	{"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "tensor a: no shape"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,4]}}", 4, "tensor a: no shape"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets must be two whole numbers"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "data_offsets must be two"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "data_offsets must be two"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "data_offsets must be two"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0.0,4]}}", 4, "data_offsets must be two"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\"0\",4]}}", 4, "data_offsets must be two"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "more than dtype, shape and"},
	{"{" T("a", "f32", "[1]", 0, 4) "}", 4, "unknown dtype f32"},
	{"{" T("a", "F33", "[1]", 0, 4) "}", 4, "unknown dtype F33"},
	{"{" T("a", "", "[1]", 0, 4) "}", 4, "unknown dtype"},
	{"{" T("a", "F4", "[3]", 0, 2) "}", 2, "does not make whole bytes"},
	{"{" T("a", "F6_E2M3", "[3]", 0, 2) "}", 2, "does not make whole bytes"},
	{"{" T("a", "F32", "[1]", 0, 4) "," T("a", "F32", "[1]", 4, 8) "}", 8, "duplicate"},
	{"{" T("a", "F32", "[1]", 0, 4) "," T("\\u0061", "F32", "[1]", 4, 8) "}", 8, "duplicate"},
	{"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "duplicate"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "duplicate"},
	{"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate"},
	{"{\"__metadata__\":[]}", 0, "__metadata__ is not a JSON object"},
	{"{\"__metadata__\":{\"format\":1}}", 0, "__metadata__: format is not a string"},
	{"{\"__metadata__\":{\"x\":{\"y\":\"z\"}}}", 0, "__metadata__: x is not a string"},
	{"{" T("a", "F32", "[1]", 0, 4) "," T("b", "F32", "[1]", 0, 4) "}", 4, "overlaps the one before it"},
	{"{" T("a", "F32", "[2]", 0, 8) "," T("b", "F32", "[1]", 4, 8) "}", 8, "overlaps the one before it"},
	{"{" T("a", "F32", "[1]", 0, 4) "," T("b", "F32", "[1]", 8, 12) "}", 12, "tensor b: a hole before it"},
	{"{" T("a", "F32", "[1]", 4, 8) "}", 8, "tensor a: a hole before it"},
	{"{" T("a", "F32", "[0]", 4, 4) "}", 4, "tensor a: a hole before it"},
	{"{" T("a", "F32", "[1]", 4, 0) "}", 4, "tensor a: ends before it begins"},
	{"{" T("a", "F32", "[1]", 9223372036854775807, 9223372036854775807) "}", 4, "type and shape need 4 bytes"},
	{"{" T("a", "F32", "[1]", 9223372036854775808, 9223372036854775812) "}", 4, "two whole numbers from 0"},
	{"{" T("a", "F32", "[1]", 0, 99999999999999999999) "}", 4, "two whole numbers from 0"},
	{"{" T("a", "F32", "[2]", 0, 4) "}", 4, "type and shape need 8 bytes, data_offsets give 4"},
	{"{" T("a", "F16", "[2]", 0, 8) "}", 8, "type and shape need 4 bytes, data_offsets give 8"},
	{"{" T("a", "F32", "[4294967296,4294967296]", 0, 0) "}", 0, "multiplies beyond 2^63"},
	{"{" T("a", "F32", "[9223372036854775807,2]", 0, 0) "}", 0, "multiplies beyond 2^63"},
	{"{" T("a", "F32", "[4611686018427387904,4,1]", 0, 0) "}", 0, "multiplies beyond 2^63"},
	{"{" T("a", "F32", "[4611686018427387904]", 0, 0) "}", 0, "does not make whole bytes"},
	{"{" T("a", "F32", "[65536,65536,65536,65536]", 0, 0) "}", 0, "multiplies beyond 2^63"},
	{"{" T("a", "F32", "[9223372036854775807,9223372036854775807,0]", 0, 0) "}", 0, "multiplies beyond 2^63"},
	{"{" T("a", "F32", "[0,9223372036854775807,9223372036854775807]", 0, 0) "}", 0, NULL},
	{"{" T("a", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4, "9 dimensions, at most 8"},
	{"{" T("a", "F32", "[-1]", 0, 4) "}", 4, "dimension 0 is not a whole number from 0"},
	{"{" T("a", "F32", "[1,-1]", 0, 4) "}", 4, "dimension 1 is not a whole number from 0"},
	{"{" T("a", "F32", "[2.0]", 0, 8) "}", 8, "dimension 0 is not a whole number"},
	{"{" T("a", "F32", "[1e3]", 0, 4000) "}", 4000, "dimension 0 is not a whole number"},
	{"{" T("a", "F32", "[\"2\"]", 0, 8) "}", 8, "dimension 0 is not a whole number"},
	{"{" T("a", "F32", "[true]", 0, 4) "}", 4, "dimension 0 is not a whole number"},
	{"{" T("a", "F32", "[[1]]", 0, 4) "}", 4, "dimension 0 is not a whole number"},
	{"{" T("a", "F32", "[00]", 0, 0) "}", 0, "not valid JSON"},
	{"{" T("a", "F32", "[18446744073709551617]", 0, 4) "}", 4, "is not a whole number from 0"},
	{"{" T("a", "F32", "[1e999]", 0, 4) "}", 4, "not valid JSON"},
	{"{" T("a", "F32", "[NaN]", 0, 4) "}", 4, "not valid JSON"},
	{"{" T("", "F32", "[1]", 0, 4) "}", 4, "a tensor's name of 0 bytes"},
	{"{" T("a\\u001b[2J", "F32", "[1]", 0, 4) "}", 4, "a tensor's name of 5 bytes"},
	{"{" T("a\\u009b", "F32", "[1]", 0, 4) "}", 4, "a tensor's name"},
	{"{" T("a\\u0000", "F32", "[1]", 0, 4) "}", 4, "\\u0000"},
	{"{" T("a\\ud800", "F32", "[1]", 0, 4) "}", 4, "not valid JSON"},
	{"{" T("a\xff", "F32", "[1]", 0, 4) "}", 4, "unable to decode byte"},
	{"{" T("a\xc0\xaf", "F32", "[1]", 0, 4) "}", 4, "unable to decode byte"},
	{"{" T("a\xed\xa0\x80", "F32", "[1]", 0, 4) "}", 4, "unable to decode byte"},
	{"{" T("a\x01", "F32", "[1]", 0, 4) "}", 4, "control character"},
};

static void headers_that_break_a_rule_are_refused_in_words_and_odd_ones_that_do_not_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		expect_header(headers[i].header, headers[i].header, strlen(headers[i].header), headers[i].data,
		              headers[i].fragment);
}

static void lengths_of_the_header_that_cannot_be_are_refused(void **state)
{
	static const struct {
		uint64_t length;
		const char *fragment;
	} rows[] = {
		{1, "not valid JSON"}, {0, "not valid JSON"}, {3, "4 bytes after the last tensor"},
		{8, "truncated: its header has 8 bytes, 7 are there"},
		{(uint64_t)1 << 26, "truncated: its header"}, {100000000, "truncated: its header"},
	};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes.size = 0;
		craft_safetensors(&bytes, rows[i].length, "{}     ", 7, 0);
		expect("length", &bytes, rows[i].fragment);
	}
	buffer_free(&bytes);
}

/* Beyond the limit of a header nothing says any longer that it is one. */
static void lengths_beyond_the_limit_are_no_safetensors(void **state)
{
	static const uint64_t lengths[] = {100000001, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, INT64_MAX,
	                                   (uint64_t)1 << 63, UINT64_MAX, UINT64_MAX - 7};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		bytes.size = 0;
		craft_safetensors(&bytes, lengths[i], "{}", 2, 0);
		expect("length", &bytes, "download it again");
	}
	buffer_free(&bytes);
}

static void files_of_0_to_7_bytes_are_refused(void **state)
{
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t size = 0; size < 8; size++) {
		expect("short", &bytes, "download it again");
		craft_add(&bytes, "\x02", 1);
	}
	buffer_free(&bytes);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
	static const char header[] = "{" T("a", "F32", "[2]", 0, 8) "," T("b", "F16", "[4]", 8, 16) "}";
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	craft_safetensors(&bytes, sizeof header - 1, header, sizeof header - 1, 16);
	expect("whole", &bytes, NULL);
	while (bytes.size > 0) {
		bytes.size--;
		expect("cut", &bytes, "download it again");
	}
	buffer_free(&bytes);
}

static void names_up_to_1024_bytes_are_read_and_no_longer_ones(void **state)
{
	static const size_t sizes[] = {1024, 1025, 1 << 20};
	struct buffer header = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		header.size = 0;
		craft_add(&header, "{\"", 2);
		for (size_t j = 0; j < sizes[i]; j++)
			craft_add(&header, "n", 1);
		assert_true(buffer_add_text(&header, "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"));
		expect_header("name", header.data, header.size, 1, i == 0 ? NULL : "a tensor's name of");
	}
	buffer_free(&header);
}

static void a_million_brackets_are_refused_without_recursion(void **state)
{
	static const char *const openings[] = {"{\"a\":", "[", "{\"__metadata__\":{\"x\":["};
	struct buffer header = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		header.size = 0;
		craft_add(&header, " ", 1);
		for (size_t j = 0; j < 1000000 / strlen(openings[i]); j++)
			assert_true(buffer_add_text(&header, openings[i]));
		expect_header("depth", header.data, header.size, 0, i == 0 ? "more than 100000 tensors" : "nested deeper");
	}
	buffer_free(&header);
}

/* count tensors of one byte each. */
static void many_tensors(struct buffer *header, int count)
{
	header->size = 0;
	craft_add(header, "{", 1);
	for (int i = 0; i < count; i++)
		assert_true(buffer_format(header, "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
		                          i ? "," : "", i, i, i + 1));
	craft_add(header, "}", 1);
}

static void a_hundred_thousand_tensors_are_read_quickly_and_no_more(void **state)
{
	struct buffer header = {.maximum = CRAFT_MAX};
	double start;

	(void)state;
	many_tensors(&header, 100000);
	start = clock_seconds();
	expect_header("many", header.data, header.size, 100000, NULL);
	/* 0.2 s here; ten times that under sanitizers on a busy machine. Quadratic would be minutes. */
	assert_true(clock_seconds() - start < 10);
	many_tensors(&header, 100001);
	expect_header("too many", header.data, header.size, 100001, "more than 100000 tensors");
	header.size = 0;
	for (int i = 0; i < 3000000; i++)
		craft_add(&header, i ? "0," : "{\"a\":[", i ? 2 : 6);
	expect_header("values", header.data, header.size, 0, "a header of more than 2000000 values");
	buffer_free(&header);
}

static void what_is_not_weights_is_named_with_a_remedy(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *fragment;
	} rows[] = {
#define BYTES(text) text, sizeof text - 1
		{BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n"), "git lfs pull"},
		{BYTES("<!DOCTYPE html>\n<html>"), "is a web page"},
		{BYTES("\n\n  <HTML lang=en>"), "is a web page"},
		{BYTES("\xef\xbb\xbf<html>"), "is a web page"},
		{BYTES("<?xml version='1.0'?><Error>"), "is a web page"},
		{BYTES("{\"error\":\"Entry not found\"}"), "is JSON text, not weights"},
		{BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3xxxxxxxxxxxx"), "gunzip"},
		{BYTES("\xfd" "7zXZ\0\0\4xxxxxxxxxxxx"), "xz"},
		{BYTES("\x28\xb5\x2f\xfdxxxxxxxxxxxxxxxxx"), "zstd"},
		{BYTES("7z\xbc\xaf\x27\x1cxxxxxxxxxxxxxxx"), "7z archive"},
		{BYTES("BZh91AY&SYxxxxxxxxxxxxx"), "bzip2"},
		{BYTES("GGUF\3\0\0\0xxxxxxxxxxxxxx"), "GGUF"},
		{BYTES("\x89HDF\r\n\x1a\nxxxxxxxxxxx"), "HDF5"},
		{BYTES("\x93NUMPY\1\0xxxxxxxxxxxxx"), "NumPy"},
		{BYTES("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "empty zip archive"},
		{BYTES("\x80\x02}q\0X\1\0\0\0aK\1s."), "plain Python pickle, not weights of torch.save: it is never run"},
		{BYTES("\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\5posix\x94\x8c\6system\x94\x93\x94"), "never run"},
		{BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "zero bytes only"},
		{BYTES("What is this?"), "neither safetensors nor a file of torch.save"},
#undef BYTES
	};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes.size = 0;
		craft_add(&bytes, rows[i].bytes, rows[i].size);
		expect(rows[i].fragment, &bytes, rows[i].fragment);
	}
	bytes.size = 0;
	for (int i = 0; i < 600; i++)
		craft_add(&bytes, i >= 257 && i < 262 ? "ustar" + (i - 257) : "n", 1);
	expect("tar", &bytes, "tar archive");
	buffer_free(&bytes);
}

static void fifos_devices_and_folders_are_no_files(void **state)
{
	struct error error = {0};
	char other[300];

	(void)state;
	snprintf(other, sizeof other, "%s/fifo", folder);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_null(tensor_file_open(other, &error));
	assert_non_null(strstr(error.text, "not a regular file"));
	assert_null(tensor_file_open("/dev/zero", &error));
	assert_null(tensor_file_open(folder, &error));
	assert_non_null(strstr(error.text, "is a directory"));
	snprintf(other, sizeof other, "%s/loop", folder);
	assert_int_equal(symlink("loop", other), 0);
	assert_null(tensor_file_open(other, &error));
	assert_int_equal(error.kind, ERROR_IO);
}

/* A folder with two shards of one tensor each (a in 1.safetensors, b in 2.safetensors) and this index. */
static void expect_index(const char *index, const char *fragment)
{
	static const char *const shards[] = {"{" T("a", "F32", "[1]", 0, 4) "}", "{" T("b", "F32", "[1]", 0, 4) "}",
	                                     "{" T("a", "F32", "[1]", 0, 4) "}"};
	struct error error = {0};
	struct tensor_file *file;
	char name[400];

	unlink(path);
	for (int i = 0; i < 3; i++) {
		struct buffer bytes = {.maximum = CRAFT_MAX};
		craft_safetensors(&bytes, strlen(shards[i]), shards[i], strlen(shards[i]), 4);
		snprintf(name, sizeof name, "%s/%d.safetensors", folder, i + 1);
		craft_write(name, bytes.data, bytes.size);
		buffer_free(&bytes);
	}
	snprintf(name, sizeof name, "%s/pointer", folder);
	craft_write(name, "version https://git-lfs.github.com/spec/v1\n", 43);
	snprintf(name, sizeof name, "%s/model.safetensors.index.json", folder);
	craft_write(name, index, strlen(index));
	file = tensor_file_open_folder(folder, &error);
	failures += !craft_verdict(index, file != NULL, error.text, fragment);
	tensor_file_close(file);
	unlink(name);
}

static void an_index_of_shards_names_plain_files_and_says_the_truth(void **state)
{
	static const char *const rows[][2] = {
		{"{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}", NULL},
		{"{\"metadata\":{},\"weight_map\":{\"b\":\"2.safetensors\"}}", NULL},
		{"{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"1.safetensors\"}}", "tensor b is not in 1.safetensors"},
		{"{\"weight_map\":{\"a\":\"2.safetensors\",\"b\":\"1.safetensors\"}}", "tensor a is not in 2.safetensors"},
		{"{\"weight_map\":{\"c\":\"1.safetensors\"}}", "tensor c is not in 1.safetensors"},
		{"{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"3.safetensors\"}}", "tensor a occurs twice"},
		{"{\"weight_map\":{\"a\":\"../x\"}}", "not the name of a file in the same folder"},
		{"{\"weight_map\":{\"a\":\"..\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"sub/1.safetensors\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"sub\\\\1\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"x\\u001b\"}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":7}}", "not the name of a file"},
		{"{\"weight_map\":{\"a\":\"absent.safetensors\"}}", "could not open"},
		{"{\"weight_map\":{\"a\":\"pointer\"}}", "git lfs pull"},
		{"{\"weight_map\":{}}", "no weight_map"},
		{"{\"weight_map\":[]}", "no weight_map"},
		{"{}", "no weight_map"},
		{"[]", "no weight_map"},
		{"{\"weight_map\":", "not valid JSON"},
		{"{\"weight_map\":{\"a\":\"1.safetensors\",\"a\":\"2.safetensors\"}}", "duplicate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_index(rows[i][0], rows[i][1]);
}

static void an_index_of_too_many_shards_is_refused(void **state)
{
	struct buffer index = {.maximum = CRAFT_MAX};

	(void)state;
	assert_true(buffer_add_text(&index, "{\"weight_map\":{"));
	for (int i = 0; i < 1001; i++)
		assert_true(buffer_format(&index, "%s\"t%d\":\"s%d\"", i ? "," : "", i, i));
	assert_true(buffer_add_text(&index, "}}"));
	expect_index(index.data, "1001 shards; at most 1000");
	buffer_free(&index);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset_failures, check_failures)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(headers_that_break_a_rule_are_refused_in_words_and_odd_ones_that_do_not_are_read),
		TEST(lengths_of_the_header_that_cannot_be_are_refused),
		TEST(lengths_beyond_the_limit_are_no_safetensors),
		TEST(files_of_0_to_7_bytes_are_refused),
		TEST(a_file_cut_anywhere_is_refused),
		TEST(names_up_to_1024_bytes_are_read_and_no_longer_ones),
		TEST(a_million_brackets_are_refused_without_recursion),
		TEST(a_hundred_thousand_tensors_are_read_quickly_and_no_more),
		TEST(what_is_not_weights_is_named_with_a_remedy),
		TEST(fifos_devices_and_folders_are_no_files),
		TEST(an_index_of_shards_names_plain_files_and_says_the_truth),
		TEST(an_index_of_too_many_shards_is_refused),
	};

	return cmocka_run_group_tests_name("hostile safetensors", tests, make_folder, remove_folder);
}
