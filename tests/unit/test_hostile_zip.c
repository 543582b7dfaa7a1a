/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives around a right pickle that are wrong in one place, and the words that each is refused with. */
#include "tests/unit/craft_torch.h"

static const char good_pickle[] = PROTO "}" NAME TENSOR "s.";
static const char zeros[24];

/* The archive that is right, with one field wrong. */
#define PICKLE .name = "m/data.pkl", .data = good_pickle, .size = sizeof good_pickle - 1
#define RECORD .name = "m/data/0", .data = zeros, .size = 24
#define VERSION {.name = "m/version", .data = "3\n", .size = 2}

static void expect_zip(const char *what, const struct craft_entry *entries, size_t count, struct craft_zip zip,
                       const char *fragment)
{
	struct buffer bytes = {.maximum = CRAFT_MAX};

	craft_zip(&bytes, entries, count, &zip);
	expect(what, &bytes, fragment);
	buffer_free(&bytes);
}

static void entries_of_a_zip_that_two_programs_could_read_differently_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct craft_entry record;
		const char *fragment;
	} rows[] = {
		{"plain", {RECORD}, NULL},
		{"with a descriptor", {RECORD, .flags = 8}, NULL},
		{"UTF-8 names", {RECORD, .flags = 0x800}, NULL},
		{"64-bit sizes", {RECORD, .zip64 = true}, NULL},
		{"64-bit descriptor", {RECORD, .zip64 = true, .flags = 8}, NULL},
		{"aligned", {RECORD, .extra = 40}, NULL},
		{"encrypted", {RECORD, .flags = 1}, "m/data/0 is encrypted"},
		{"strongly encrypted", {RECORD, .flags = 0x40}, "has flags 0x0040"},
		{"masked headers", {RECORD, .flags = 0x2000}, "has flags 0x2000"},
		{"patched data", {RECORD, .flags = 0x20}, "has flags 0x0020"},
		{"deflate", {RECORD, .method = 8}, "is compressed (method 8)"},
		{"bzip2", {RECORD, .method = 12}, "is compressed (method 12)"},
		{"LZMA", {RECORD, .method = 14}, "is compressed (method 14)"},
		{"zstd", {RECORD, .method = 93}, "is compressed (method 93)"},
		{"deflate in the local header", {RECORD, .local_method = 8}, "the two headers of entry m/data/0 disagree"},
		{"another local name", {RECORD, .local_name = "m/data/1"}, "the two headers of entry m/data/0 disagree"},
		{"a longer local name", {RECORD, .local_name = "m/data/00"}, "the two headers of entry m/data/0 disagree"},
		{"another local flag", {RECORD, .local_flags_xor = 0x800}, "the two headers of entry m/data/0 disagree"},
		{"locally encrypted", {RECORD, .local_flags_xor = 1}, "the two headers of entry m/data/0 disagree"},
		{"another local size", {RECORD, .local_size_add = -4}, "the two headers of entry m/data/0 disagree"},
		{"another local checksum", {RECORD, .local_crc_xor = 1}, "the two headers of entry m/data/0 disagree"},
		{"a wrong checksum", {RECORD, .crc_xor = 1, .local_crc_xor = 1}, "the checksum of the record at byte"},
		{"a wrong descriptor", {RECORD, .flags = 8, .local_size_add = 1}, "the data descriptor of entry m/data/0"},
		{"no descriptor", {RECORD, .flags = 8, .no_descriptor = true}, "no data descriptor after entry m/data/0"},
		{"two sizes", {RECORD, .packed_add = 1}, "is stored but has two sizes"},
		{"a shorter size", {RECORD, .size_add = -4, .packed_add = -4, .local_size_add = -4}, "a gap after entry m/data/0"},
		{"a longer size", {RECORD, .size_add = 4, .packed_add = 4, .local_size_add = 4}, "overlaps the next one"},
		{"a size beyond the file", {RECORD, .size_add = 1 << 20, .packed_add = 1 << 20, .local_size_add = 1 << 20},
		 "lies outside of the archive"},
		{"a 64-bit size that wraps", {RECORD, .zip64 = true, .size_add = -25, .packed_add = -25}, "outside of the archive"},
		{"64-bit sizes that differ", {RECORD, .zip64 = true, .size_add = 1}, "is stored but has two sizes"},
		{"a gap", {RECORD, .gap = 1}, "a gap after entry m/data/0"},
		{"a gap after a descriptor", {RECORD, .flags = 8, .gap = 3}, "no data descriptor after entry m/data/0"},
		{"another offset", {RECORD, .offset_add = 1}, "the two headers of entry m/data/0 disagree"},
		{"an offset beyond the file", {RECORD, .offset_add = 1 << 20}, "lies outside of the archive"},
		{"an absolute name", {.name = "/m/data/0", .data = zeros, .size = 24}, "is not a plain path"},
		{"a name with ..", {.name = "m/../data/0", .data = zeros, .size = 24}, "is not a plain path"},
		{"a name that ends with ..", {.name = "m/..", .data = zeros, .size = 24}, "is not a plain path"},
		{"a backslash", {.name = "m\\data\\0", .data = zeros, .size = 24}, "is not a plain path"},
		{"a control character", {.name = "m/\x1b", .data = zeros, .size = 24}, "is not a plain path"},
		{"not UTF-8", {.name = "m/\xff", .data = zeros, .size = 24}, "is not a plain path"},
		{"no name", {.name = "", .data = zeros, .size = 24}, "an entry's name of 0 bytes"},
		{"a name twice", {.name = "m/version", .data = zeros, .size = 24}, "m/version occurs twice"},
		{"another root", {.name = "n/data/0", .data = zeros, .size = 24}, "does not belong to a file of torch.save"},
		{"a second pickle", {.name = "m/x/data.pkl", .data = zeros, .size = 24}, "has more than one data.pkl"},
		{"TorchScript code", {.name = "m/code/a.py", .data = zeros, .size = 24}, "is a TorchScript program"},
		{"TorchScript constants", {.name = "m/constants.pkl", .data = zeros, .size = 24}, "is a TorchScript program"},
		{"big-endian", {.name = "m/byteorder", .data = "big", .size = 3}, "was written with big-endian numbers"},
		{"a long byte order", {.name = "m/byteorder", .data = zeros, .size = 24}, "record byteorder of 24 bytes"},
		{"a damaged byte order", {.name = "m/byteorder", .data = "little", .size = 6, .crc_xor = 1, .local_crc_xor = 1},
		 "the checksum of record byteorder is wrong"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct craft_entry entries[] = {{PICKLE}, rows[i].record, VERSION};
		expect_zip(rows[i].what, entries, 3, (struct craft_zip){0}, rows[i].fragment);
	}
}

static void ends_of_a_zip_that_say_something_else_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct craft_zip zip;
		const char *fragment;
	} rows[] = {
		{"32-bit end", {0}, NULL},
		{"64-bit end", {.end64 = true}, NULL},
		{"bytes before", {.prefix = "MZ"}, "neither safetensors nor"},
		{"an entry before", {.prefix = "PK\3\4"}, "4 bytes before the first entry"},
		{"a comment", {.comment = "hello"}, "the end of the archive is missing"},
		{"an end in the comment", {.comment = "PK\5\6aaaaaaaaaaaaaaaaaa"}, "the end of the archive is missing"},
		{"no end", {.no_end = true}, "the end of the archive is missing"},
		{"two ends", {.two_ends = true}, "22 bytes after the directory"},
		{"one entry more", {.entries_add = 1}, "4 entries in a directory"},
		{"one entry less", {.entries_add = -1}, "bytes after the directory"},
		{"no entries", {.entries_add = -3}, "0 entries in a directory"},
		{"many entries", {.entries_add = 60000}, "60003 entries in a directory"},
		{"directory elsewhere", {.directory_add = 1}, "the directory is not where the end record says"},
		{"directory far away", {.directory_add = 0x7fffffff}, "the directory is not where the end record says"},
		{"directory shorter", {.directory_size_add = -1}, "the directory is not where the end record says"},
		{"directory elsewhere and shorter", {.directory_add = 1, .directory_size_add = -1}, "damaged directory"},
		{"64-bit end says more", {.end64 = true, .end64_entries_add = 1}, "its two end records disagree"},
		{"old end says more", {.end64 = true, .entries_add = 1}, "its two end records disagree"},
		{"locator elsewhere", {.end64 = true, .locator_add = 1}, "the 64-bit end record is not where its locator says"},
		{"locator far away", {.end64 = true, .locator_add = INT64_MAX}, "the 64-bit end record is not where"},
	};
	static const struct craft_entry entries[] = {{PICKLE}, {RECORD}, VERSION};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_zip(rows[i].what, entries, 3, rows[i].zip, rows[i].fragment);
}

static void archives_that_lack_a_record_are_refused(void **state)
{
	static const struct craft_entry no_pickle[] = {{RECORD}, VERSION};
	static const struct craft_entry no_version[] = {{PICKLE}, {RECORD}};
	static const struct craft_entry odd_version[] = {{PICKLE}, {RECORD}, {.name = "m/version", .data = "3\nx", .size = 3}};
	static const struct craft_entry no_root[] = {{.name = "data.pkl", .data = good_pickle, .size = sizeof good_pickle - 1},
	                                             VERSION};
	static const struct craft_entry damaged[] = {{PICKLE, .crc_xor = 1, .local_crc_xor = 1}, {RECORD}, VERSION};

	(void)state;
	expect_zip("no pickle", no_pickle, 2, (struct craft_zip){0}, "without data.pkl: not a file of torch.save");
	expect_zip("no version", no_version, 2, (struct craft_zip){0}, "no record that says the version");
	expect_zip("odd version", odd_version, 3, (struct craft_zip){0}, "no record that says the version");
	expect_zip("no root", no_root, 2, (struct craft_zip){0}, "without data.pkl");
	expect_zip("a damaged pickle", damaged, 3, (struct craft_zip){0}, "the checksum of the record at byte");
}

static void a_zip_cut_anywhere_is_refused(void **state)
{
	static const struct craft_entry entries[] = {{PICKLE}, {RECORD}, VERSION};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	craft_zip(&bytes, entries, 3, &(struct craft_zip){.end64 = true});
	while (--bytes.size > 8)
		expect("cut", &bytes, "zip: ");
	buffer_free(&bytes);
}

/* Every byte of the file is either checked or not meant to be read: a flip is refused, or changes nothing that is
 * taken from the file. */
static void a_flipped_bit_never_changes_a_value(void **state)
{
	static const struct craft_entry entries[] = {{PICKLE}, {RECORD}, VERSION};
	struct buffer bytes = {.maximum = CRAFT_MAX};
	struct error error = {0};

	(void)state;
	craft_zip(&bytes, entries, 3, &(struct craft_zip){.end64 = true});
	for (size_t i = 0; i < bytes.size * 8; i++) {
		struct tensor_file *file;
		float out[6] = {1, 1, 1, 1, 1, 1};
		bytes.data[i / 8] = (char)(bytes.data[i / 8] ^ 1 << i % 8);
		craft_write(path, bytes.data, bytes.size);
		file = tensor_file_open(path, &error);
		if (file && tensor_file_read(file, tensor_file_at(file, 0), out, &error)) {
			assert_string_equal(tensor_file_at(file, 0)->name, "w");
			assert_int_equal(tensor_file_at(file, 0)->count, 6);
			assert_memory_equal(out, zeros, sizeof out);
		}
		tensor_file_close(file);
		bytes.data[i / 8] = (char)(bytes.data[i / 8] ^ 1 << i % 8);
	}
	buffer_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(entries_of_a_zip_that_two_programs_could_read_differently_are_refused),
		TEST(ends_of_a_zip_that_say_something_else_are_refused),
		TEST(archives_that_lack_a_record_are_refused),
		TEST(a_zip_cut_anywhere_is_refused),
		TEST(a_flipped_bit_never_changes_a_value),
	};

	return cmocka_run_group_tests_name("hostile zip archives", tests, make_folder, remove_folder);
}
