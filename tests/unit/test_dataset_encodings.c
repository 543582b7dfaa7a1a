/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: encodings that are named, marked, guessed, doubted. Writing can fail here as on a full disk (--wrap). */
#include "tests/unit/dataset_check.h"
#include "tests/unit/encoded.h"

#include "engine/data/encoding.h"
#include "engine/data/suggest.h"

#include <errno.h>
#include <stdlib.h>

#define BYTES(bytes) bytes, sizeof bytes - 1
#define COUNT(array) (sizeof(array) / sizeof *(array))

static long writes_left = -1; /* until the disk is full; -1: it never is */

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	if (writes_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	writes_left -= writes_left > 0;
	return __real_write(fd, data, size);
}

static struct dataset_options named(const char *name)
{
	struct dataset_options options = {0};

	snprintf(options.dialect.encoding, sizeof options.dialect.encoding, "%s", name);
	return options;
}

static const char *first_text(struct dataset *dataset)
{
	static char text[2000];

	snprintf(text, sizeof text, "%s", data_row(dataset, 0));
	text[strlen(text) - 2] = '\0'; /* "|1" */
	return text;
}

/* A table of `rows` rows with ASCII beside the text; the caller frees it. */
static struct buffer make_table(const struct encoded *sample, int rows, bool ascii)
{
	struct buffer table = {.maximum = (size_t)1 << 24};

	assert_true(buffer_add_text(&table, "text,label,link\n"));
	for (int i = 0; i < rows; i++)
		assert_true(buffer_add_text(&table, "\"") && buffer_add(&table, sample->bytes, sample->size) &&
		            buffer_format(&table, "\",%d,%s\n", i % 2,
		                          ascii ? "https://example.org/hotels/in/some/town/and/some/street/reviews/of/last/year/and/"
		                                  "the/year/before/page/one/of/a/hundred/sorted/by/date/with/pictures" : ""));
	return table;
}

static const char *only_notice(const struct dataset *dataset)
{
	assert_int_equal(dataset_notice_count(dataset), 1);
	return dataset_notice(dataset, 0);
}

/* --- named ----------------------------------------------------------------------------------------------------- */

static void a_named_encoding_gives_the_text_that_was_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encoded); i++) {
		struct dataset_options options = named(encoded[i].name);
		struct buffer table = make_table(&encoded[i], 3, false);
		struct dataset *dataset = data_open("a.csv", table.data, table.size, &options);

		assert_string_equal(dataset_encoding_name(dataset), encoded[i].name);
		assert_int_equal(dataset_notice_count(dataset), 0);
		assert_int_equal(dataset_file_size(dataset), table.size);
		assert_int_equal(dataset_rows(dataset, NULL), 3);
		assert_string_equal(first_text(dataset), encoded[i].text);
		dataset_close(dataset);
		buffer_free(&table);
	}
}

static void encodings_in_which_ascii_is_not_ascii_are_read_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encoded_tables); i++) {
		struct dataset_options options = named(encoded_tables[i].name);
		struct dataset *dataset = data_open("a.csv", encoded_tables[i].bytes, encoded_tables[i].size, &options);

		assert_string_equal(data_column(dataset, 1), "label");
		assert_string_equal(first_text(dataset), encoded_tables[i].text);
		dataset_close(dataset);
	}
}

static void characters_that_blocks_cut_are_whole_in_a_long_file(void **state)
{
	struct dataset_options options = named("GB18030");
	struct buffer table = make_table(&encoded[0], 5001, false);
	struct error error = {0};
	struct dataset *dataset = dataset_open(data_write("long.csv", table.data, table.size), &options, &error);
	struct survey survey = {0};

	(void)state;
	assert_non_null(dataset);
	assert_true(dataset_survey(dataset, &survey, NULL, &error));
	assert_int_equal(survey.used, 5001);
	assert_int_equal(dataset_notice_count(dataset), 0);
	for (uint64_t i = 0; i < 5001; i += 100) {
		char text[300];

		snprintf(text, sizeof text, "%s|%d", encoded[0].text, (int)(i % 2));
		assert_string_equal(data_row(dataset, i), text);
	}
	survey_free(&survey);
	dataset_close(dataset);
	buffer_free(&table);
}

static bool count_call(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)what;
	assert_true(done < total);
	++*(int *)context;
	return true;
}

static void the_beginning_alone_is_converted_for_whoever_looks_at_the_first_rows(void **state)
{
	int calls = 0;
	const struct progress progress = {count_call, &calls};
	struct dataset_options options = named("GB18030");
	struct buffer table = make_table(&encoded[0], 5001, false);
	struct error error = {0};
	struct dataset *dataset;
	char expected[300];
	bool complete;

	(void)state;
	snprintf(expected, sizeof expected, "%s|0", encoded[0].text);
	options.convert_bytes = 1;
	options.progress = &progress;
	dataset = dataset_open(data_write("long.csv", table.data, table.size), &options, &error);
	assert_non_null(dataset);
	assert_int_equal(calls, 1);
	assert_true(dataset_rows(dataset, &complete) > 100 && dataset_rows(dataset, &complete) < 5001);
	assert_string_equal(data_row(dataset, 0), expected);
	dataset_close(dataset);
	buffer_free(&table);
}

static void sequences_that_are_not_valid_become_replacements_and_are_told(void **state)
{
	struct dataset_options options = named("GB18030");
	static const char text[] = "text,label\nfine \xFF one,1\n\xB5\xC4 \xC4\"\n,0\nlast,\xC4";
	struct dataset *dataset = data_open("a.csv", text, sizeof text - 1, &options);

	(void)state;
	assert_rows(dataset, "2:fine \xEF\xBF\xBD one|1\n3!ragged\n4:|0\n5:last|\xEF\xBF\xBD\n");
	assert_string_equal(only_notice(dataset), "3 sequences are not valid GB18030: U+FFFD stands there");
	dataset_close(dataset);
}

static void a_backslash_of_shift_jis_stays_one(void **state)
{
	struct dataset_options options = named("Shift_JIS");
	static const char text[] = "text,label\n\"\x89\xF6 \\\"\x82\xE6\x82\xA2\\\"\",1\n\"a \\\"b\\\"\",0\n";
	struct dataset *dataset = data_open("a.csv", text, sizeof text - 1, &options);

	(void)state;
	assert_rows(dataset, "2:\xE6\x80\xAA \"\xE3\x82\x88\xE3\x81\x84\"|1\n3:a \"b\"|0\n");
	dataset_close(dataset);
}

static void names_of_the_common_encodings_need_no_conversion(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t size;
		const char *encoding;
	} files[] = {
		{"utf-8", "text,label\ncaf\xC3\xA9,1\n", 19, "UTF-8"},
		{"latin1", "text,label\ncaf\xE9,1\n", 18, "Windows-1252"},
		{"ISO-8859-1", "text,label\ncaf\xE9,1\n", 18, "Windows-1252"},
		{"windows-1252", "text,label\ncaf\xE9,1\n", 18, "Windows-1252"},
		{"UTF-16LE", "c\0a\0f\0\xE9\0,\0" "1\0\n\0", 14, "UTF-16LE"},
		{"utf-16be", "\0c\0a\0f\0\xE9\0,\0" "1\0\n", 14, "UTF-16BE"},
		{"utf-16", "\0c\0a\0f\0\xE9\0,\0" "1\0\n", 14, "UTF-16BE"},
		{"utf-16", "c\0a\0f\0\xE9\0,\0" "1\0\n\0", 14, "UTF-16LE"},
	};

	(void)state;
	writes_left = 0;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct dataset_options options = named(files[i].name);
		struct dataset *dataset = data_open("a.csv", files[i].bytes, files[i].size, &options);

		assert_string_equal(dataset_encoding_name(dataset), files[i].encoding);
		assert_int_equal(dataset_notice_count(dataset), 0);
		assert_memory_equal(data_row(dataset, 0), "caf\xC3\xA9|", 6);
		dataset_close(dataset);
	}
	writes_left = -1;
}

static void each_file_of_a_folder_is_read_in_the_named_encoding(void **state)
{
	struct dataset_options options = named("KOI8-R");
	struct error error = {0};

	(void)state;
	assert_int_equal(mkdir(data_path("koi"), 0777), 0);
	assert_int_equal(mkdir(data_path("koi/neg"), 0777), 0);
	data_write("koi/neg/1.txt", "\xD0\xCC\xCF\xC8\xCF", 5);
	data_write("koi/neg/2.txt", "\xEF\xBB\xBFgood", 7);
	struct dataset *dataset = dataset_open(data_path("koi"), &options, &error);
	assert_non_null(dataset);
	assert_string_equal(dataset_encoding_name(dataset), "KOI8-R");
	assert_rows(dataset, "0:плохо|neg\n0:good|neg\n");
	dataset_close(dataset);
}

/* --- marked ---------------------------------------------------------------------------------------------------- */

static void a_mark_beats_the_name_and_a_line_says_so(void **state)
{
	struct dataset_options options = named("GB18030");
	static const char text[] = "\xEF\xBB\xBFtext,label\ncaf\xC3\xA9,1\n";
	struct dataset *dataset = data_open("a.csv", text, sizeof text - 1, &options);

	(void)state;
	assert_string_equal(dataset_encoding_name(dataset), "UTF-8");
	assert_string_equal(only_notice(dataset), "begins with the byte order mark of UTF-8 and is read so, not as GB18030");
	assert_string_equal(data_row(dataset, 0), "caf\xC3\xA9|1");
	dataset_close(dataset);

	options = named("utf-16");
	dataset = data_open("a.csv", "\xFF\xFE" "a\0,\0" "b\0\n\0", 10, &options);
	assert_string_equal(dataset_encoding_name(dataset), "UTF-16LE");
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
}

static void utf32_with_a_mark_is_read_in_both_orders(void **state)
{
	static const char little[] = "\xFF\xFE\0\0a\0\0\0,\0\0\0b\0\0\0\n\0\0\0\xE9\0\0\0,\0\0\0" "1\0\0\0";
	static const char big[] = "\0\0\xFE\xFF\0\0\0a\0\0\0,\0\0\0b\0\0\0\n\0\0\0\xE9\0\0\0,\0\0\0" "1";
	struct dataset *dataset = data_open("a.csv", little, sizeof little - 1, NULL);

	(void)state;
	assert_string_equal(dataset_encoding_name(dataset), "UTF-32LE");
	assert_rows(dataset, "2:\xC3\xA9|1\n");
	dataset_close(dataset);
	dataset = data_open("a.csv", big, sizeof big - 1, NULL);
	assert_string_equal(dataset_encoding_name(dataset), "UTF-32BE");
	assert_rows(dataset, "2:\xC3\xA9|1\n");
	dataset_close(dataset);
}

/* --- guessed --------------------------------------------------------------------------------------------------- */

static void utf16_without_a_mark_is_read_in_both_orders_and_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(utf16_tables); i++) {
		struct dataset *dataset = data_open("a.csv", utf16_tables[i].bytes, utf16_tables[i].size, NULL);
		char told[100];

		snprintf(told, sizeof told, "read as %s by its bytes: it has no byte order mark", utf16_tables[i].name);
		assert_string_equal(dataset_encoding_name(dataset), utf16_tables[i].name);
		assert_string_equal(only_notice(dataset), told);
		assert_int_equal(dataset_rows(dataset, NULL), 2);
		assert_string_equal(first_text(dataset), utf16_tables[i].text);
		dataset_close(dataset);
	}
}

static void text_of_bytes_with_some_nuls_is_not_taken_for_utf16(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} texts[] = {
		{BYTES("text,label\nfi\0ne,1\n\0bad,0\n\0so so,1\n")},
		{BYTES("name\0\0\0\0\0\0\0\0text\0\0\0\0\0\0\0\0\nabc\0\0\0\0\0\0\0\0\0\n")},
		{BYTES("a,b\n\0c,d\n\0e,f\n\0g,h\n\0caf\xE9,\xE9t\xE9\n\0")},
	};
	enum dataset_encoding encoding;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(encoding_guess_utf16(texts[i].bytes, texts[i].size, &encoding));
}

static void what_is_read_as_windows_1252_says_so_without_doubt_in_its_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(western); i++) {
		struct buffer table = make_table(&western[i], 3, false);
		struct dataset *dataset = data_open("a.csv", table.data, table.size, NULL);

		assert_string_equal(dataset_encoding_name(dataset), "Windows-1252");
		assert_string_equal(only_notice(dataset), "read as Windows-1252");
		assert_string_equal(first_text(dataset), western[i].text);
		dataset_close(dataset);
		buffer_free(&table);
	}
}

static void utf8_and_ascii_say_nothing(void **state)
{
	struct dataset *dataset = data_open("a.csv", "text,label\ncaf\xC3\xA9,1\n", 20, NULL);

	(void)state;
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
	dataset = data_open("a.csv", "text,label\nfine,1\n", 18, NULL);
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
}

/* Names under which the same text is the same bytes. */
static bool same_encoding(const char *suggested, const char *name)
{
	static const char *const same[][2] = {
		{"GB18030", "GBK"}, {"BIG5", "Big5"}, {"CP932", "Shift_JIS"}, {"CP949", "EUC-KR"},
		{"Windows-1251", "windows-1251"}, {"Windows-1254", "windows-1254"},
	};

	for (size_t i = 0; i < COUNT(same); i++)
		if (strcmp(suggested, same[i][0]) == 0 && strcmp(name, same[i][1]) == 0)
			return true;
	return strcmp(suggested, name) == 0;
}

static void the_letters_tell_which_encoding_a_text_is_probably_in(void **state)
{
	struct suggestion suggestion;

	(void)state;
	for (size_t i = 0; i < COUNT(encoded); i++) {
		if (strcmp(encoded[i].name, "ISO-2022-JP") == 0)
			continue; /* its bytes are ASCII */
		assert_true(suggest_encoding(encoded[i].bytes, encoded[i].size, &suggestion));
		if (!suggestion.name || !same_encoding(suggestion.name, encoded[i].name))
			fail_msg("%s looks like %s", encoded[i].name, suggestion.name ? suggestion.name : "nothing");
		assert_true(suggestion.doubtful);
	}
}

static void the_probable_encoding_is_named_where_a_file_is_read_otherwise_or_refused(void **state)
{
	char text[1024], wanted[200];

	(void)state;
	for (size_t i = 0; i < COUNT(encoded); i++) {
		bool russian = strcmp(encoded[i].name, "windows-1251") == 0;

		if (!russian && strcmp(encoded[i].name, "GB18030") != 0 && strcmp(encoded[i].name, "windows-1254") != 0)
			continue;
		struct buffer table = make_table(&encoded[i], 3, true);
		struct dataset *dataset = data_open("a.csv", table.data, table.size, NULL);
		assert_non_null(strstr(only_notice(dataset), "read as Windows-1252, but many letters are unusual for it, probably it is "));
		assert_non_null(strstr(only_notice(dataset), russian ? "--encoding Windows-1251 reads it so" : "reads it so"));
		dataset_close(dataset);
		buffer_free(&table);
		if (!russian)
			continue;
		table = make_table(&encoded[i], 3, false);
		assert_int_equal(data_refused("a.csv", table.data, table.size, text), ERROR_DATA);
		snprintf(wanted, sizeof wanted, "is neither UTF-8 nor Latin-1 text, probably Windows-1251: --encoding Windows-1251 reads it");
		assert_string_equal(text, wanted);
		buffer_free(&table);
	}
}

static void the_escapes_of_iso_2022_jp_are_told(void **state)
{
	struct dataset *dataset = data_open("a.csv", BYTES("text,label\n\033$B$3$l\033(B,1\n"), NULL);

	(void)state;
	assert_string_equal(only_notice(dataset), "is probably ISO-2022-JP: --encoding ISO-2022-JP reads it so");
	dataset_close(dataset);
}

static void letters_that_fit_no_language_are_doubted_without_a_name(void **state)
{
	static const struct encoded odd = ENCODED("odd", "x\xDE x\xD0 x\xDD x\xD7 x\xF7 x\xDE x\xD0 x\xD7 xx xx\xF7 xx xx xx x\xDE xx"
	                                          "xx xx xx x\xD7 x\xD7", "");
	struct buffer table = make_table(&odd, 3, false);
	struct dataset *dataset = data_open("a.csv", table.data, table.size, NULL);

	(void)state;
	assert_string_equal(only_notice(dataset), "read as Windows-1252, but many letters are unusual for it; --encoding NAME reads "
	                                          "another (GB18030, Windows-1251, ...)");
	dataset_close(dataset);
	buffer_free(&table);
}

/* --- conversions that fail ------------------------------------------------------------------------------------- */

static enum error_kind refused_long(struct dataset_options *options, struct error *error)
{
	struct buffer table = make_table(&encoded[0], 5001, false);
	const char *path = data_write("long.csv", table.data, table.size);

	buffer_free(&table);
	assert_null(dataset_open(path, options, error));
	assert_null(strchr(error->text, '\n'));
	return error->kind;
}

static void a_full_disk_ends_the_conversion_with_one_line(void **state)
{
	struct dataset_options options = named("GB18030");
	struct error error = {0};

	(void)state;
	for (long i = 0; i < 3; i++) {
		writes_left = i;
		assert_int_equal(refused_long(&options, &error), ERROR_IO);
		writes_left = -1;
		assert_string_equal(error.text, "temporary file (in TMPDIR, else /tmp): could not write: No space left on device");
	}
}

static void a_folder_for_temporary_files_that_is_not_there_is_named(void **state)
{
	struct dataset_options options = named("GB18030");
	struct error error = {0};
	char kept[600];
	const char *before = getenv("TMPDIR");

	(void)state;
	snprintf(kept, sizeof kept, "%s", before ? before : "");
	assert_int_equal(setenv("TMPDIR", data_path("nowhere"), 1), 0);
	assert_int_equal(refused_long(&options, &error), ERROR_IO);
	assert_int_equal(before ? setenv("TMPDIR", kept, 1) : unsetenv("TMPDIR"), 0);
	assert_non_null(strstr(error.text, "nowhere/revue-input-"));
}

static bool stop_second(void *context, const char *what, uint64_t done, uint64_t total)
{
	assert_string_equal(what, "converting bytes");
	assert_true(done < total);
	return ++*(int *)context < 2;
}

static void a_conversion_can_be_stopped(void **state)
{
	int calls = 0;
	const struct progress progress = {stop_second, &calls};
	struct dataset_options options = named("GB18030");
	struct error error = {0};

	(void)state;
	options.progress = &progress;
	assert_int_equal(refused_long(&options, &error), ERROR_INTERRUPTED);
	assert_int_equal(calls, 2);
}

static void a_name_that_iconv_does_not_know_is_refused(void **state)
{
	struct dataset_options options = named("no-such-encoding");
	struct error error = {0};

	(void)state;
	assert_int_equal(refused_long(&options, &error), ERROR_USAGE);
	assert_non_null(strstr(error.text, "\"no-such-encoding\": iconv does not know it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_encoding_gives_the_text_that_was_encoded),
		cmocka_unit_test(encodings_in_which_ascii_is_not_ascii_are_read_too),
		cmocka_unit_test(characters_that_blocks_cut_are_whole_in_a_long_file),
		cmocka_unit_test(the_beginning_alone_is_converted_for_whoever_looks_at_the_first_rows),
		cmocka_unit_test(sequences_that_are_not_valid_become_replacements_and_are_told),
		cmocka_unit_test(a_backslash_of_shift_jis_stays_one),
		cmocka_unit_test(names_of_the_common_encodings_need_no_conversion),
		cmocka_unit_test(each_file_of_a_folder_is_read_in_the_named_encoding),
		cmocka_unit_test(a_mark_beats_the_name_and_a_line_says_so),
		cmocka_unit_test(utf32_with_a_mark_is_read_in_both_orders),
		cmocka_unit_test(utf16_without_a_mark_is_read_in_both_orders_and_told),
		cmocka_unit_test(text_of_bytes_with_some_nuls_is_not_taken_for_utf16),
		cmocka_unit_test(what_is_read_as_windows_1252_says_so_without_doubt_in_its_languages),
		cmocka_unit_test(utf8_and_ascii_say_nothing),
		cmocka_unit_test(the_letters_tell_which_encoding_a_text_is_probably_in),
		cmocka_unit_test(the_probable_encoding_is_named_where_a_file_is_read_otherwise_or_refused),
		cmocka_unit_test(the_escapes_of_iso_2022_jp_are_told),
		cmocka_unit_test(letters_that_fit_no_language_are_doubted_without_a_name),
		cmocka_unit_test(a_full_disk_ends_the_conversion_with_one_line),
		cmocka_unit_test(a_folder_for_temporary_files_that_is_not_there_is_named),
		cmocka_unit_test(a_conversion_can_be_stopped),
		cmocka_unit_test(a_name_that_iconv_does_not_know_is_refused),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
