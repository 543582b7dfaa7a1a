/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: what a survey counts, and the real files: rows, words and every byte of text and label as Python's csv
 * module reads them. */
#include "tests/unit/dataset_check.h"

#define OPEN(name, text) data_open(name, text, sizeof text - 1, NULL)

static struct survey survey_of(struct dataset *dataset)
{
	struct survey survey = {0};
	struct error error = {0};

	if (!dataset_survey(dataset, &survey, NULL, &error))
		fail_msg("%s", error.text);
	assert_true(survey.complete);
	return survey;
}

static void labels_are_counted_and_sorted_by_value_or_by_bytes(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\na,10\nb,9\nc,-2\nd,9\ne,1.5\n");
	struct survey survey = survey_of(dataset);
	static const char *const numbers[] = {"-2", "1.5", "9", "10"};

	(void)state;
	assert_int_equal(survey.label_count, 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(survey.labels[i].name, numbers[i]);
	assert_int_equal(survey.labels[2].count, 2);
	survey_free(&survey);
	dataset_close(dataset);

	dataset = OPEN("b.csv", "text,label\na,positive\nb,True\nc,False\nd,positive\ne,\xC3\xBC\nf,Positive\ng,3\n");
	survey = survey_of(dataset);
	static const char *const words[] = {"3", "False", "Positive", "True", "positive", "\xC3\xBC"};
	assert_int_equal(survey.label_count, 6);
	for (int i = 0; i < 6; i++)
		assert_string_equal(survey.labels[i].name, words[i]);
	survey_free(&survey);
	dataset_close(dataset);
}

static void labels_are_listed_by_their_counts_those_of_one_count_in_their_order(void **state)
{
	struct dataset *dataset = OPEN("c.csv", "text,label\na,b\nb,c\nc,c\nd,a\ne,e\nf,e\ng,e\nh,d\ni,d\n");
	struct survey survey = survey_of(dataset);
	struct survey nothing = {0};
	char listed[16] = "", *end = listed;

	(void)state;
	for (int i = survey_label_after(&survey, -1); i >= 0; i = survey_label_after(&survey, i))
		*end++ = *survey.labels[i].name;
	assert_string_equal(listed, "ecdab");
	assert_string_equal(survey.labels[0].name, "a");
	assert_int_equal(survey_label_after(&nothing, -1), -1);
	survey_free(&survey);
	dataset_close(dataset);
}

static void check_doubt(const char *name, const char *text, size_t size, const char *expected)
{
	struct dataset *dataset = data_open(name, text, size, NULL);
	struct survey survey = survey_of(dataset);
	char doubt[SURVEY_DOUBT_MAX];

	assert_int_equal(survey_doubt(&survey, doubt, sizeof doubt), *expected != '\0');
	assert_string_equal(doubt, expected);
	survey_free(&survey);
	dataset_close(dataset);
}

static void dates_ids_and_thousands_of_labels_are_doubted(void **state)
{
	static const char dates[] = "text,label\na,2023-01-05\nb,2023-02-05 10:00\nc,5.1.2023\nd,01/05/23\n"
				    "e,2023-01-05\nf,2023-02-05 10:00\ng,5.1.2023\nh,01/05/23\n";
	static const char versions[] = "text,label\na,1-2\nb,1-2\nc,3.5\nd,3.5\ne,1.2-3\nf,1.2-3\n";
	static const char ids[] = "text,label\na,x1\nb,x2\nc,x3\nd,x3\n";
	char many[64 * 1024] = "text,label\n";
	size_t used = strlen(many);

	(void)state;
	check_doubt("a.csv", dates, sizeof dates - 1, "4 of 4 labels look like dates");
	check_doubt("b.csv", versions, sizeof versions - 1, "");
	check_doubt("c.csv", ids, sizeof ids - 1, "2 of 3 labels stand in one row only");
	for (int i = 0; i < 4000; i++)
		used += (size_t)snprintf(many + used, sizeof many - used, "t,k%d\n", i % 2000);
	check_doubt("d.csv", many, strlen(many), "2000 different labels");
}

static void without_a_label_column_no_row_lacks_a_label(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\na,\nb,-1\nc,x\n");
	struct survey survey = survey_of(dataset);

	(void)state;
	assert_int_equal(survey.used, 1);
	assert_int_equal(survey.skipped[ROW_NO_LABEL], 2);
	assert_int_equal(survey.first_line[ROW_NO_LABEL], 2);
	survey_free(&survey);
	dataset_set_label_column(dataset, -1);
	survey = survey_of(dataset);
	assert_int_equal(survey.used, 3);
	assert_int_equal(survey.label_count, 0);
	survey_free(&survey);
	dataset_close(dataset);
}

static void more_labels_than_the_limit_are_said_to_be_too_many(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 24};

	(void)state;
	assert_true(buffer_add_text(&text, "text,label\n"));
	for (int i = 0; i < LABELS_MAX + 5000; i++)
		assert_true(buffer_format(&text, "a b,l%d\n", i));
	struct dataset *dataset = dataset_open(data_write("many.csv", text.data, text.size),
	                                       &(struct dataset_options){.label_column = "label"}, NULL);
	assert_non_null(dataset);
	struct survey survey = survey_of(dataset);
	assert_true(survey.too_many_labels);
	assert_int_equal(survey.label_count, LABELS_MAX);
	assert_int_equal(survey.used, LABELS_MAX + 5000);
	survey_free(&survey);
	dataset_close(dataset);
	buffer_free(&text);
}

static void words_are_counted_between_any_white_space(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "one\n two  three\tfour \n\n"
	                                        "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l\n"
	                                        "a-word-of-more-than-sixty-four-bytes-that-crosses-the-edge-of-a-block-of-bytes "
	                                        "b\n");
	struct survey survey = survey_of(dataset);

	(void)state;
	assert_int_equal(survey.rows, 5);
	assert_int_equal(survey.words_total, 1 + 3 + 0 + 38 + 2);
	assert_int_equal(survey.words_longest, 38);
	survey_free(&survey);
	dataset_close(dataset);
}

static void ninety_five_of_a_hundred_rows_lie_before_the_last_bin(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 24};

	(void)state;
	for (int row = 1; row <= 1000; row++) {
		for (int word = 0; word < (row > 990 ? 20000 : row % 100); word++)
			assert_true(buffer_add_text(&text, "w "));
		assert_true(buffer_add_text(&text, "\n"));
	}
	struct dataset *dataset = dataset_open(data_write("long.txt", text.data, text.size), NULL, NULL);
	assert_non_null(dataset);
	struct survey survey = survey_of(dataset);
	uint64_t sum = 0;
	for (int i = 0; i < SURVEY_BINS; i++)
		sum += survey.histogram[i];
	assert_int_equal(sum, 1000);
	assert_int_equal(survey.words_longest, 20000);
	assert_int_equal(survey.bin_words, 5);
	assert_int_equal(survey.histogram[0], 49);
	assert_int_equal(survey.histogram[SURVEY_BINS - 1], 10);
	survey_free(&survey);
	dataset_close(dataset);
	buffer_free(&text);
}

static void a_file_of_very_long_texts_still_has_a_histogram(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 24};

	(void)state;
	for (int row = 0; row < 20; row++) {
		for (int word = 0; word < 50000; word++)
			assert_true(buffer_add_text(&text, "w "));
		assert_true(buffer_add_text(&text, "\n"));
	}
	struct dataset *dataset = dataset_open(data_write("longer.txt", text.data, text.size), NULL, NULL);
	assert_non_null(dataset);
	struct survey survey = survey_of(dataset);
	assert_int_equal(survey.bin_words, 2000);
	assert_int_equal(survey.histogram[50000 / 2000] + survey.histogram[49999 / 2000], 20);
	survey_free(&survey);
	dataset_close(dataset);
	buffer_free(&text);
}

static void describe_groups_digits(void **state)
{
	struct survey survey = {.rows = 1234567, .used = 1234566, .skipped = {[ROW_TOO_LONG] = 1},
	                        .first_line = {[ROW_TOO_LONG] = 12345}, .replaced = 1};
	char text[200];

	(void)state;
	survey_describe(&survey, text, sizeof text);
	assert_string_equal(text, "1,234,567 rows: 1,234,566 used, 1 skipped (1 too long on line 12,345), "
	                          "1 invalid UTF-8 sequence replaced");
}

/* --- random files ------------------------------------------------------------------------------------------------ */

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

#define PIECE(text) {text, sizeof text - 1}

static size_t random_file(char *out, size_t capacity)
{
	static const struct span pieces[] = {
		PIECE("text,label\n"), PIECE("\""), PIECE("\"\""), PIECE(","), PIECE(";"), PIECE("\t"),
		PIECE("|"), PIECE("\n"), PIECE("\r\n"), PIECE("\r"), PIECE("word here"), PIECE("-1"),
		PIECE("1"), PIECE("{\"text\":\"a\",\"label\":1}\n"), PIECE("{"), PIECE("["),
		PIECE("\xC3\xA9"), PIECE("\xE9"), PIECE("\xFF"), PIECE("\xEF\xBB\xBF"), PIECE("\xFF\xFE"),
		PIECE("\0"), PIECE("a\0"), PIECE("\n\0"), PIECE("\xF0\x9F\x98\x80"),
		PIECE("{\"text\": [1.5e9, null, {\"a\": true}]}\n"), PIECE(" "),
	};
	size_t size = 0;

	for (uint32_t count = 1 + draw(60); count > 0; count--) {
		struct span piece = pieces[draw(sizeof pieces / sizeof *pieces)];
		if (size + piece.size <= capacity) {
			memcpy(out + size, piece.data, piece.size);
			size += piece.size;
		}
	}
	return size;
}

static void check_counts(struct dataset *dataset)
{
	struct survey survey = {0};
	struct error error = {0};
	uint64_t skipped = 0;
	bool done = dataset_survey(dataset, &survey, NULL, &error);

	for (int i = ROW_OK + 1; i < ROW_STATUS_COUNT; i++)
		skipped += survey.skipped[i];
	assert_int_equal(survey.rows, survey.used + skipped);
	assert_int_equal(survey.rows, dataset_rows(dataset, NULL));
	assert_int_equal(done, dataset_index_error(dataset) == NULL);
	survey_free(&survey);
}

static void random_files_are_refused_in_one_line_or_every_row_is_counted(void **state)
{
	static const char *const names[] = {"r.csv", "r.tsv", "r.jsonl", "r.txt", "r", "r.json"};
	char bytes[2000];
	int opened = 0;

	(void)state;
	for (uint64_t number = 0; number < 2000; number++) {
		struct error error = {0};

		random_state = number * 2654435761u;
		const char *path = data_write(names[draw(6)], bytes, random_file(bytes, sizeof bytes));
		struct dataset *dataset = dataset_open(path, &(struct dataset_options){.block_size = 2 + 2 * draw(40)}, &error);
		if (dataset) {
			check_counts(dataset);
			opened++;
		} else {
			assert_int_equal(error.kind, ERROR_DATA);
			assert_true(error.text[0] && !strchr(error.text, '\n'));
		}
		dataset_close(dataset);
	}
	assert_in_range(opened, 1000, 1990);
}

/* --- real files -------------------------------------------------------------------------------------------------- */

struct real {
	const char *name;
	uint64_t rows, words, longest;
	uint32_t sum; /* Adler-32 of text 1F label 1E of every row, blanks at both ends of the text left out */
	const char *text, *label, *labels;
	const char *encoding;
	char delimiter;
	uint64_t replaced;
};

static const struct real real_files[] = {
	{"imdb_train.csv", 25000, 5844464, 2470, 0x6EC3FDDF, "review", "sentiment", "negative 12500, positive 12500",
	 "UTF-8", ',', 0},
	{"imdb_test5k.csv", 5000, 1148217, 2108, 0xB2B54335, "review", "sentiment", "negative 2500, positive 2500",
	 "UTF-8", ',', 0},
	{"imdb_unsup.csv", 50000, 11721119, 2367, 0x4D146C1C, "review", "(none)", "", "UTF-8", ',', 0},
	{"imdb_kaggle_head.csv", 974, 225149, 1296, 0x23EE2629, "review", "sentiment", "negative 482, positive 492",
	 "UTF-8", ',', 0},
	{"airline_tweets.csv", 14640, 258245, 36, 0x3608D720, "text", "airline_sentiment",
	 "negative 9178, neutral 3099, positive 2363", "UTF-8", ',', 2},
	{"yelp_stars.csv", 10000, 1310396, 945, 0x4E930385, "text", "stars", "1 749, 2 927, 3 1461, 4 3526, 5 3337",
	 "UTF-8", ',', 0},
	{"amazon_bom_crlf.csv", 20000, 678829, 61, 0x75E5150A, "reviewText", "Positive", "0 4767, 1 15233", "UTF-8",
	 ',', 0},
	{"spam_latin1_crlf.csv", 5575, 86380, 171, 0x1AC84A1E, "v2", "v1", "ham 4825, spam 750", "Windows-1252", ',', 0},
	{"tr_magaza_utf16le.csv", 11428, 249732, 422, 0x670071E4, "G\xC3\xB6r\xC3\xBC\xC5\x9F", "Durum",
	 "Olumlu 4253, Olumsuz 4237, Tarafs\xC4\xB1z 2938", "UTF-16LE", ',', 0},
	{"sst2_train.tsv", 67349, 633724, 52, 0xC1A0E707, "sentence", "label", "0 29780, 1 37569", "UTF-8", '\t', 0},
	{"sst2_dev.tsv", 872, 17046, 47, 0x7588EEE7, "content", "label", "0 428, 1 444", "UTF-8", '\t', 0},
	{"tr_polarity.pos", 5331, 101470, 49, 0x57420388, "text", "(none)", "", "UTF-8", 0, 0},
	{"tr_polarity.neg", 5331, 106109, 50, 0x74CBF516, "text", "(none)", "", "UTF-8", 0, 0},
};

static uint32_t adler32_of(uint32_t sum, const char *data, size_t size)
{
	uint32_t a = sum & 0xFFFF, b = sum >> 16;

	for (size_t i = 0; i < size; i++) {
		a = (a + (unsigned char)data[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static struct span trim_blanks(struct span text)
{
	while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text.data++, text.size--;
	while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
		text.size--;
	return text;
}

static uint32_t sum_rows(struct dataset *dataset)
{
	struct row *row = row_new(NULL);
	uint32_t sum = 1;

	for (uint64_t i = 0; i < dataset_rows(dataset, NULL); i++) {
		assert_true(dataset_read(dataset, i, row, NULL));
		assert_int_equal(row->status, ROW_OK);
		struct span text = trim_blanks(row->text);
		sum = adler32_of(sum, text.data, text.size);
		sum = adler32_of(sum, "\x1F", 1);
		sum = adler32_of(sum, row->label.data, row->label.size);
		sum = adler32_of(sum, "\x1E", 1);
	}
	row_free(row);
	return sum;
}

static void check_labels(const struct survey *survey, const char *expected)
{
	char text[300] = "";
	size_t used = 0;

	for (int i = 0; i < survey->label_count && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %llu", i ? ", " : "", survey->labels[i].name,
		                         (unsigned long long)survey->labels[i].count);
	assert_string_equal(text, expected);
}

static void check_real_file(const char *path, const struct real *real)
{
	struct error error = {0};
	struct dataset *dataset = dataset_open(path, NULL, &error);

	if (!dataset)
		fail_msg("%s", error.text);
	assert_string_equal(data_column(dataset, dataset_text_column(dataset)), real->text);
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), real->label);
	assert_string_equal(dataset_encoding_name(dataset), real->encoding);
	assert_int_equal(dataset_delimiter(dataset), real->delimiter);
	struct survey survey = survey_of(dataset);
	assert_int_equal(survey.rows, real->rows);
	assert_int_equal(survey.used, real->rows);
	assert_int_equal(survey.replaced, real->replaced);
	assert_int_equal(survey.words_total, real->words);
	assert_int_equal(survey.words_longest, real->longest);
	check_labels(&survey, real->labels);
	survey_free(&survey);
	assert_int_equal(sum_rows(dataset), real->sum);
	dataset_close(dataset);
}

static void real_files_are_read_as_python_reads_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof real_files / sizeof *real_files; i++) {
		const char *path = check_real("REVUE_DATA", real_files[i].name);
		if (!path)
			skip();
		check_real_file(path, &real_files[i]);
	}
}

static void the_first_screen_of_a_real_file_is_there_after_opening(void **state)
{
	const char *path = check_real("REVUE_DATA", "imdb_train.csv");

	(void)state;
	if (!path)
		skip();
	struct row *row = row_new(NULL);
	struct dataset *dataset = dataset_open(path, NULL, NULL);
	assert_true(dataset_rows(dataset, NULL) > 100);
	assert_true(dataset_read(dataset, 0, row, NULL));
	assert_memory_equal(row->text.data, "This film moves the Cinderella story", 36);
	assert_memory_equal(row->label.data, "positive", 8);
	row_free(row);
	dataset_close(dataset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_counted_and_sorted_by_value_or_by_bytes),
		cmocka_unit_test(labels_are_listed_by_their_counts_those_of_one_count_in_their_order),
		cmocka_unit_test(dates_ids_and_thousands_of_labels_are_doubted),
		cmocka_unit_test(without_a_label_column_no_row_lacks_a_label),
		cmocka_unit_test(more_labels_than_the_limit_are_said_to_be_too_many),
		cmocka_unit_test(words_are_counted_between_any_white_space),
		cmocka_unit_test(ninety_five_of_a_hundred_rows_lie_before_the_last_bin),
		cmocka_unit_test(a_file_of_very_long_texts_still_has_a_histogram),
		cmocka_unit_test(describe_groups_digits),
		cmocka_unit_test(random_files_are_refused_in_one_line_or_every_row_is_counted),
		cmocka_unit_test(real_files_are_read_as_python_reads_them),
		cmocka_unit_test(the_first_screen_of_a_real_file_is_there_after_opening),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
