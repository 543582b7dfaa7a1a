/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: what a header is, where it comes again, and which format a text file has. */
#include "tests/unit/dataset_picture.h"

/* --- headers ----------------------------------------------------------------------------------------------------- */

static void questions_over_dates_and_figures_are_a_header(void **state)
{
	static const struct data_expected files[] = {
		{"form.csv",
		 "How was your stay?,Timestamp,Would you recommend us? Please explain in a few words\n"
		 "it was lovely,2024/01/05 10:33:21 AM GMT+1,yes to all my friends and their friends\n"
		 "it was loud,2024/01/06 9:12:01 PM GMT+1,no because of the street below\n",
		 "csv How was your stay?,Timestamp,Would you recommend us? Please explain in a few words: "
		 "Would you recommend us? Please explain in a few words/-:; 2 rows: 2 used, 0 skipped"},
		{"form.csv",
		 "What did you think about the film that you saw?,How many stars would you give it\n"
		 "a dull film,2\na warm film,5\nwooden acting,2\n",
		 "csv What did you think about the film that you saw?,How many stars would you give it: "
		 "What did you think about the film that you saw?/How many stars would you give it: 2 2, 5 1; "
		 "3 rows: 3 used, 0 skipped"},
		{"form.csv",
		 "What did you like best about the hotel and its rooms?,What did you like least about it?\n"
		 "the pool,the noise\nthe breakfast,the lift\n",
		 "csv What did you like best about the hotel and its rooms?,What did you like least about it?: "
		 "What did you like best about the hotel and its rooms?/-:; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void a_review_that_asks_is_no_header(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "neg,Was it any good? No way would I come back for this\npos,I liked it\nneg,I did not\n",
		 "csv column 1,column 2: column 2/column 1: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "1,Was it any good?\n5,I liked it\n1,I did not\n",
		 "csv column 1,column 2: column 2/column 1: 1 2, 5 1; 3 rows: 3 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void the_numbers_that_pandas_gives_columns_without_names_are_a_header(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", ",0,1\n0,a dull film,neg\n1,a warm film,pos\n2,a long film,neg\n",
		 "csv column 1,0,1: 0/1: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "0,1\na dull film,neg\na warm film,pos\na long film,neg\n", "csv 0,1: 0/1: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.tsv", "\t0\t1\n0\ta dull film\tneg\n1\ta warm film\tpos\n2\ta long film\tneg\n",
		 "tsv column 1,0,1: 0/1: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "0,1\n1,0\n0,0\n", "csv column 1,column 2: -/-:; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "0,1,0\n0,a dull film,1\n1,a warm film,0\n",
		 "csv column 1,column 2,column 3: column 2/-:; 3 rows: 3 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void a_header_that_comes_again_is_skipped_and_told(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\nfine film,pos\ntext,label\nbad film,neg\n",
		 "csv text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "\"text\",\"label\"\n\"fine film\",\"pos\"\n\"text\",\"label\"\n\"bad film\",\"neg\"\n",
		 "csv text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.tsv", "text\tlabel\nfine film\tpos\ntext\tlabel\nbad film\tneg\ntext\tlabel\n",
		 "tsv text,label: text/label: neg 1, pos 1; 4 rows: 2 used, 2 skipped (2 header again, first on line 3)"},
		{"a.csv", "text,label\nfine film,pos\n\xEF\xBB\xBFtext,label\nbad film,neg\n",
		 "csv text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "\"text\",\"label\"\n\"fine film\",\"pos\"\n\xEF\xBB\xBF\"text\",\"label\"\n\"bad film\",\"neg\"\n",
		 "csv text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", ",text,label\n0,fine film,pos\n,text,label\n0,bad film,neg\n",
		 "csv column 1,text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "\"text\",\"label\"\n\"1\",\"fine film\",\"pos\"\n\"text\",\"label\"\n\"2\",\"bad film\",\"neg\"\n"
		          "\"3\",\"long film\",\"neg\"\n\"4\",\"new film\",\"pos\"\n\"5\",\"a film\",\"neg\"\n\"6\",\"no film\",\"pos\"\n"
		          "\"7\",\"my film\",\"neg\"\n\"8\",\"our film\",\"pos\"\n\"9\",\"his film\",\"neg\"\n\"10\",\"her film\",\"pos\"\n",
		 "csv column 1,text,label: text/label: neg 5, pos 5; 11 rows: 10 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "review\na fine film\nreview\na bad film\n",
		 "csv review: review/-:; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "0,1\nfine film,pos\n0,1\nbad film,neg\nlong film,neg\n",
		 "csv 0,1: 0/1: neg 2, pos 1; 4 rows: 3 used, 1 skipped (1 header again, on line 3)"},
	};

	(void)state;
	PICTURES(files);
}

static void a_header_that_comes_again_with_another_name_is_skipped_too(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "Text,label\nfine film,pos\ntext,label\nbad film,neg\n",
		 "csv Text,label: Text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 header again, on line 3)"},
		{"a.csv", "review,label\nfine film,pos\nlong film,neg\ntext,label\nbad film,neg\n",
		 "csv review,label: review/label: neg 2, pos 1; 4 rows: 3 used, 1 skipped (1 header again, on line 4)"},
		{"a.csv", "id,opinion,label\n1,a fine film,pos\n2,a long film,neg\n3,a dull film,neg\n4,no film,pos\nid,my view,label\n5,a bad film,neg\n",
		 "csv id,opinion,label: opinion/label: neg 3, pos 2; 6 rows: 5 used, 1 skipped (1 header again, on line 6)"},
	};

	(void)state;
	PICTURES(files);
}

static void a_row_of_data_that_holds_a_name_stays(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\na fine film,pos\ntext,neg\nfine words,label\n",
		 "csv text,label: text/label: label 1, neg 1, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "review\na fine film\nReview\n", "csv review: review/-:; 2 rows: 2 used, 0 skipped"},
		/* a box that was ticked holds what stands beside it */
		{"a.csv", "no,comment,Friendly,Clean\n1,nice,Friendly,Clean\n2,fine place,Friendly,\n3,my bed was hard,,Clean\n"
		          "4,good,Friendly,Clean\n",
		 "csv no,comment,Friendly,Clean: comment/-:; 4 rows: 4 used, 0 skipped"},
		{"a.jsonl", "{\"text\":\"text\",\"label\":\"label\"}\n{\"text\":\"fine\",\"label\":\"pos\"}\n",
		 "jsonl text,label: text/label: label 1, pos 1; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void a_header_is_recognised_far_beyond_the_sample_and_in_utf16(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 22}, wide = {.maximum = (size_t)1 << 22};

	(void)state;
	for (int part = 0; part < 2; part++) {
		assert_true(buffer_add_text(&text, part ? "\xEF\xBB\xBFtext,label\r\n" : "text,label\r\n"));
		for (int i = 0; i < 20000; i++)
			assert_true(buffer_format(&text, "film number %d of many that we saw,%s\r\n", i, i % 2 ? "pos" : "neg"));
	}
	assert_string_equal(data_picture("far.csv", text.data, text.size),
	                    "csv text,label: text/label: neg 20000, pos 20000; 40,001 rows: 40,000 used, 1 skipped "
	                    "(1 header again, on line 20,002)");
	assert_true(buffer_add(&wide, "\xFF\xFE", 2));
	for (size_t i = 0; i < text.size; i++) {
		bool mark = (unsigned char)text.data[i] == 0xEF;

		assert_true(buffer_add(&wide, mark ? "\xFF\xFE" : (char[]){text.data[i], 0}, 2));
		i += mark ? 2 : 0;
	}
	assert_string_equal(data_picture("far.csv", wide.data, wide.size),
	                    "csv text,label: text/label: neg 20000, pos 20000; 40,001 rows: 40,000 used, 1 skipped "
	                    "(1 header again, on line 20,002)");
	buffer_free(&text);
	buffer_free(&wide);
}

/* --- formats ----------------------------------------------------------------------------------------------------- */

static void the_content_decides_and_the_name_is_a_hint(void **state)
{
	static const struct data_expected files[] = {
		{"a.txt", "17\tpos\ta fine film, \"really\n18\tneg\ta bad film\n19\tneg\ta long film\n",
		 "tsv column 1,column 2,column 3: column 3/column 2: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.TXT", "text\tlabel\na fine film\t1\na bad film\t0\n", "tsv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"reviews.csv.txt", "text,label\na fine film,1\na bad film,0\n", "csv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.data", "a fine film,1\na bad film,0\na long film,0\n",
		 "csv column 1,column 2: column 1/column 2: 0 2, 1 1; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "{\"text\":\"a fine film\",\"label\":1}\n{\"text\":\"a bad film\",\"label\":0}\n",
		 "jsonl text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.csv", "{\"text\":\"a fine film\",\"label\":1}\n{\"text\":\"a bad film\",\"label\":0}\n",
		 "jsonl text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.jsonl", "text,label\na fine film,1\na bad film,0\n", "csv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.json", "text;label\na fine film;1\na bad film;0\n", "csv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.tsv", "text,label\na fine film,1\na bad film,0\n", "csv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.csv", "text\tlabel\na fine, long film\t1\na bad film\t0\n", "tsv text,label: text/label: 0 1, 1 1; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "\"a fine film\",\"pos\"\n\"a bad, long film\",\"neg\"\n",
		 "csv a fine film,pos: a fine film/-:; 1 row: 1 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void a_text_of_one_review_a_line_stays_one(void **state)
{
	static const struct data_expected files[] = {
		{"a.txt", "Good film, bad ending\nNice room, poor food\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "Good film,bad ending\nNice room,poor food\nFine,really\n", "lines text: text/-:; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "Well, I liked it\nWell, I did not\nOh, it was long\nWell, it was short\n", "lines text: text/-:; 4 rows: 4 used, 0 skipped"},
		{"a.txt", "It was long; I slept\nIt was good; I laughed\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
		{"a", "Good film, bad ending\nNice room, poor food\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "I give it 5, really\nI give it 4, 2 of them for the food\nNot one\n", "lines text: text/-:; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "one\ttab\nnone here\nnor here\n", "lines text: text/-:; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "[review] it was fine, really\n[review] not at all, sorry\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

/* The list of engine/data/README, a row a line of it. */
static void files_of_two_or_three_rows_are_guessed_as_the_list_says(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "good,bad\nfine film,poor film\n", "csv good,bad: good/-:; 1 row: 1 used, 0 skipped"},
		{"a.csv", "fine film,1\nbad film,0\n", "csv column 1,column 2: column 1/-:; 2 rows: 2 used, 0 skipped"},
		{"a.csv", "fine film,pos\nbad film,pos\n", "csv column 1,column 2: column 1/column 2: pos 2; 2 rows: 2 used, 0 skipped"},
		{"a.csv", "fine film,verdict\nbad film,0\nlong film,1\n", "csv fine film,verdict: fine film/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "text,label\nfine film,pos\n", "csv text,label: text/label: pos 1; 1 row: 1 used, 0 skipped"},
		{"a.txt", "text, label\nfine film, pos\n", "csv text,label: text/label: pos 1; 1 row: 1 used, 0 skipped"},
		{"a.txt", "Comment, please\nfine film, really\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "fine film,1\nbad film,0\n", "lines text: text/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "fine film,1\nbad film,0\nlong film,0\nold film,1\n",
		 "csv column 1,column 2: column 1/column 2: 0 2, 1 2; 4 rows: 4 used, 0 skipped"},
		{"a.txt", "film,verdict\nfine,0\nbad,1\n", "csv film,verdict: film/-:; 2 rows: 2 used, 0 skipped"},
		{"a.txt", "fine\tpos\nbad\tneg\n", "tsv fine,pos: fine/-:; 1 row: 1 used, 0 skipped"},
		{"a", "good,bad\nfine film,poor film\n", "csv good,bad: good/-:; 1 row: 1 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void options_decide_over_name_and_content(void **state)
{
	static const char table[] = "text\tlabel\na fine film\t1\na bad film\t0\n";
	const struct dataset_options lines = {.dialect.format = DATASET_LINES};
	struct dataset *dataset = data_open("a.tsv", table, sizeof table - 1, &lines);

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_LINES);
	assert_int_equal(dataset_rows(dataset, NULL), 3);
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
}

static void a_notice_tells_where_name_and_content_disagree(void **state)
{
	static const char tabs[] = "text\tlabel\na fine film\t1\na bad film\t0\n";
	static const char json[] = "{\"text\":\"a fine film\",\"label\":1}\n";

	(void)state;
	assert_string_equal(data_notices("a.txt", tabs), "is a table separated by TABs, whatever its name says\n");
	assert_string_equal(data_notices("a.csv", tabs), "the fields are separated by TABs (--delimiter says otherwise)\n");
	assert_string_equal(data_notices("a.tsv", tabs), "");
	assert_string_equal(data_notices("a", tabs), "");
	assert_string_equal(data_notices("a.csv", json), "is JSON lines, whatever its name says\n");
	assert_string_equal(data_notices("a.json", json), "");
	assert_string_equal(data_notices("a.jsonl", "text;label\na fine film;1\na bad film;0\n"),
	                    "is a table separated by semicolons, whatever its name says\n");
	assert_string_equal(data_notices("a.csv", "text;label\na fine film;1\na bad film;0\n"),
	                    "the fields are separated by semicolons (--delimiter says otherwise)\n");
}

/* --- what programs write ----------------------------------------------------------------------------------------- */

static void tables_of_r_with_row_names_are_tables_whatever_their_name(void **state)
{
	static const struct data_expected files[] = {
		{"a.txt", "\"text\" \"label\"\n\"1\" \"a \\\"fine\\\" film, really\" 1\n\"2\" \"a bad film\" 0\n\"3\" \"so so\" 0\n",
		 "csv column 1,text,label: text/label: 0 2, 1 1; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "text\tlabel\n1\ta fine film, really\t1\n2\ta bad film\t0\n3\tso so\t0\n",
		 "tsv column 1,text,label: text/label: 0 2, 1 1; 3 rows: 3 used, 0 skipped"},
		{"a.txt", "\"Well\" \"well\"\n\"So\" he said it was \"good\", and left\nNo more\n", "lines text: text/-:; 3 rows: 3 used, 0 skipped"},
		/* No name and no label tells, but every row is wider by one. */
		{"a.txt", "airline_sentiment,reviews.text\n1,-1,\"a, b\"\n2,0,fine\n3,1,bad\n4,1,so so\n5,0,warm\n6,-1,cold\n"
		 "7,0,\"it, too\"\n8,1,dull\n",
		 "csv column 1,airline_sentiment,reviews.text: reviews.text/airline_sentiment: -1 2, 0 3, 1 3; "
		 "8 rows: 8 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
	assert_string_equal(data_notices(files[0].name, files[0].bytes), "quotes inside quotes are written \\\": a backslash is "
	                    "taken out before what comes after it (--escape none keeps it)\n"
	                    "is a table separated by blanks, whatever its name says\n");
}

static void neither_a_time_nor_an_identity_is_the_text_of_a_form(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "Timestamp,How was it?,Again?\n2024/01/05 10:33:21 AM GMT+1,Great,Yes\n2024/01/06 11:33:21 AM GMT+1,Bad,No\n"
		          "2024/01/06 11:34:21 AM GMT+1,So so,No\n",
		 "csv Timestamp,How was it?,Again?: How was it?/Again?: No 2, Yes 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "0,Mon Apr 06 22:19:45 PDT 2009,is upset\n4,Tue Apr 07 22:19:49 PDT 2009,good and well\n0,Wed Apr 08 22:19:53 PDT 2009,no\n",
		 "csv column 1,column 2,column 3: column 3/column 1: 0 2, 4 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "7f3c9a60-0b1d-4f0e-9d55-1c2a3b4c5d6e,good,1\n7f3c9a61-0b1d-4f0e-9d55-1c2a3b4c5d6e,bad,0\n"
		          "7f3c9a62-0b1d-4f0e-9d55-1c2a3b4c5d6e,so so,0\n",
		 "csv column 1,column 2,column 3: column 2/column 3: 0 2, 1 1; 3 rows: 3 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void quotes_quote_beside_tabs_and_row_names_or_an_empty_column(void **state)
{
	static const struct data_expected files[] = {
		{"a.tsv", "text\tlabel\n1\t\"a fine\nfilm\"\tpos\n2\ta bad film\tneg\n3\tso so\tneg\n",
		 "tsv column 1,text,label: text/label: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
		{"a.tsv", "text\tlabel\n\"a fine\nfilm\"\tpos\t\n\"a bad\nfilm\"\tneg\t\n\"so\nso\"\tneg\t\n",
		 "tsv text,label,column 3: text/label: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void apostrophes_quote_beside_quotes_in_the_text(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "'text','label'\n'a fine, \"really\" fine, film','pos'\n'bad, \"so\" bad','neg'\n'so','neg'\n",
		 "csv text,label: text/label: neg 2, pos 1; 3 rows: 3 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

/* So long that a sample of a fixed size would show two rows. */
static void a_long_text_does_not_hide_the_rows_after_it_from_the_guesses(void **state)
{
	struct buffer file = {.maximum = 1 << 20};
	struct survey survey = {0};
	struct dataset *dataset;

	(void)state;
	assert_true(buffer_add_text(&file, "text\tlabel\nplain\tpos\n"));
	for (int i = 0; i < 30000; i++)
		assert_true(buffer_add_text(&file, "words "));
	assert_true(buffer_add_text(&file, "\tneg\n\"two\nlines\"\tpos\n\"three\nlines\"\tneg\n"));
	dataset = data_open("long.tsv", file.data, file.size, NULL);
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	assert_int_equal(survey.rows, 4);
	assert_int_equal(survey.used, 4);
	survey_free(&survey);
	dataset_close(dataset);
	buffer_free(&file);
}

static void what_the_user_said_is_no_notice(void **state)
{
	static const char table[] = "text^label\na fine film^1\na bad film^0\n";
	const struct dataset_options said = {.dialect.delimiter = '^'};
	struct dataset *dataset = data_open("a.txt", table, sizeof table - 1, &said);

	(void)state;
	assert_int_equal(dataset_columns(dataset), 2);
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
}

static void what_is_the_quote_or_the_escape_does_not_delimit(void **state)
{
	static const char table[] = "text;label\na fine, long film;1\na bad, long film;0\n";
	static const struct dataset_options said[] = {{.dialect.quote = ';'}, {.dialect.escape = ';'}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct dataset *dataset = data_open("a.csv", table, sizeof table - 1, &said[i]);

		assert_int_equal(dataset_delimiter(dataset), 0);
		dataset_close(dataset);
	}
}

static void comments_are_the_same_whether_the_format_or_its_delimiter_was_said(void **state)
{
	static const char table[] = "# one\n# two\ntext|label\na|1\nb|0\ntext|label\n";
	const struct dataset_options format = {.dialect.format = DATASET_TSV}, delimiter = {.dialect.delimiter = '\t'};
	struct dataset *a = data_open("a.txt", table, sizeof table - 1, &format);
	struct dataset *b = data_open("a.txt", table, sizeof table - 1, &delimiter);

	(void)state;
	assert_int_equal(dataset_rows(a, NULL), 5); /* "# one" reads like a name */
	assert_int_equal(dataset_rows(b, NULL), 5);
	dataset_close(a);
	dataset_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_over_dates_and_figures_are_a_header),
		cmocka_unit_test(a_review_that_asks_is_no_header),
		cmocka_unit_test(the_numbers_that_pandas_gives_columns_without_names_are_a_header),
		cmocka_unit_test(a_header_that_comes_again_is_skipped_and_told),
		cmocka_unit_test(a_header_that_comes_again_with_another_name_is_skipped_too),
		cmocka_unit_test(a_row_of_data_that_holds_a_name_stays),
		cmocka_unit_test(a_header_is_recognised_far_beyond_the_sample_and_in_utf16),
		cmocka_unit_test(the_content_decides_and_the_name_is_a_hint),
		cmocka_unit_test(a_text_of_one_review_a_line_stays_one),
		cmocka_unit_test(files_of_two_or_three_rows_are_guessed_as_the_list_says),
		cmocka_unit_test(options_decide_over_name_and_content),
		cmocka_unit_test(a_notice_tells_where_name_and_content_disagree),
		cmocka_unit_test(tables_of_r_with_row_names_are_tables_whatever_their_name),
		cmocka_unit_test(neither_a_time_nor_an_identity_is_the_text_of_a_form),
		cmocka_unit_test(quotes_quote_beside_tabs_and_row_names_or_an_empty_column),
		cmocka_unit_test(apostrophes_quote_beside_quotes_in_the_text),
		cmocka_unit_test(a_long_text_does_not_hide_the_rows_after_it_from_the_guesses),
		cmocka_unit_test(what_the_user_said_is_no_notice),
		cmocka_unit_test(what_is_the_quote_or_the_escape_does_not_delimit),
		cmocka_unit_test(comments_are_the_same_whether_the_format_or_its_delimiter_was_said),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
