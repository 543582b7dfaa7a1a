/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: which column is the text, which the label, and what is no label. */
#include "tests/unit/dataset_picture.h"

/* --- names ------------------------------------------------------------------------------------------------------- */

/* Files of one row with these columns, where each could be the text or the label by what it holds. */
static void check_names(const char *names, const char *text, const char *label)
{
	char bytes[2000];
	size_t used = (size_t)snprintf(bytes, sizeof bytes, "%s\n", names);
	struct dataset *dataset;
	int columns = 1;

	for (const char *at = names; *at; at++)
		columns += *at == ',';
	for (int i = 0; i < 6; i++)
		for (int c = 0; c < columns; c++)
			used += (size_t)snprintf(bytes + used, sizeof bytes - used, "word %d%s", c + i % 2, c + 1 < columns ? "," : "\n");
	dataset = data_open("names.csv", bytes, used, NULL);
	if (strcmp(data_column(dataset, dataset_text_column(dataset)), text) != 0 ||
	    strcmp(data_column(dataset, dataset_label_column(dataset)), label) != 0)
		fail_msg("%s: text %s, label %s", names, data_column(dataset, dataset_text_column(dataset)),
		         data_column(dataset, dataset_label_column(dataset)));
	dataset_close(dataset);
}

static void names_are_found_whatever_their_case_with_what_stands_before_and_behind(void **state)
{
	static const struct {
		const char *names, *text, *label;
	} files[] = {
		{"reviews.id,reviews.rating,reviews.text,reviews.title", "reviews.text", "reviews.rating"},
		{"tweet_id,airline_sentiment,airline_sentiment_confidence,text,name", "text", "airline_sentiment"},
		{"marketplace,customer_id,star_rating,review_headline,review_body,review_date", "review_body", "star_rating"},
		{"asin,summary,reviewText,review_score", "reviewText", "review_score"},
		{"Clothing ID,Age,Title,Review Text,Star Rating,Recommended IND", "Review Text", "Star Rating"},
		{"Id,ProductId,UserId,HelpfulnessNumerator,Score,Time,Summary,Text", "Text", "Score"},
		{"UserName,Location,TweetAt,OriginalTweet,Sentiment", "OriginalTweet", "Sentiment"},
		{"text,label,label_text", "text", "label"},
		{"label_text,labels,sentence", "sentence", "labels"},
		{"comment_text,user_rating", "comment_text", "user_rating"},
		{"Review,Rating (1-5)", "Review", "Rating (1-5)"},
		{"clean_text,category", "clean_text", "category"},
		{"helpful_score,review,overall", "review", "overall"},
		{"rating_count,average_rating,text,verdict", "text", "verdict"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		check_names(files[i].names, files[i].text, files[i].label);
}

static void names_of_labels_are_believed_in_their_order(void **state)
{
	static const char *const order[] = {
		"label", "labels", "sentiment", "stars", "rating", "overall", "score", "target", "class", "polarity",
		"airline_sentiment", "star_rating", "category", "type", "topic", "product", "product_category",
	};
	char names[200];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++)
		for (size_t j = i + 1; j < sizeof order / sizeof *order; j++) {
			snprintf(names, sizeof names, "%s,text,%s", order[j], order[i]);
			check_names(names, "text", order[i]);
		}
}

static void a_column_that_is_called_label_is_one_however_many_values_it_has(void **state)
{
	struct buffer text = {.maximum = 1 << 16};
	struct dataset *dataset;

	(void)state;
	assert_true(buffer_add_text(&text, "Label,text,kind\n"));
	for (int i = 0; i < 100; i++)
		assert_true(buffer_format(&text, "value %d,some text of number %d,%s\n", i, i, i % 2 ? "a" : "b"));
	dataset = data_open("a.csv", text.data, text.size, NULL);
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "Label");
	dataset_close(dataset);
	memcpy(text.data, "Score", 5);
	dataset = data_open("a.csv", text.data, text.size, NULL);
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "kind");
	dataset_close(dataset);
	buffer_free(&text);
}

/* --- contents ---------------------------------------------------------------------------------------------------- */

static void flags_identities_languages_dates_and_users_are_no_labels_by_content(void **state)
{
	static const struct data_expected files[] = {
		{"verified.csv", "verified,review,opinion\n1,a fine film,good\n0,a bad film,bad\n1,an old film,so\n0,a new film,good\n1,no film,bad\n",
		 "csv verified,review,opinion: review/opinion: bad 2, good 2, so 1; 5 rows: 5 used, 0 skipped"},
		{"flag.csv", "spam,review,opinion\nTrue,a fine film,good\nFalse,a bad film,bad\nTrue,an old film,so\nTrue,a new film,good\n",
		 "csv spam,review,opinion: review/opinion: bad 1, good 2, so 1; 4 rows: 4 used, 0 skipped"},
		{"flags.csv", "one,review,other\nTrue,a fine film,True\nFalse,a bad film,True\nTrue,an old film,False\n",
		 "csv one,review,other: review/-:; 3 rows: 3 used, 0 skipped"},
		{"only.csv", "spam,review\nTrue,a fine film\nFalse,a bad film\nTrue,an old film\n",
		 "csv spam,review: review/spam: False 1, True 2; 3 rows: 3 used, 0 skipped"},
		{"ids.csv", "thing,review,view\nB0001234,a fine film,x\nB0001234,a bad film,y\nB0001234,an old film,z\nB0001235,a new film,x\n",
		 "csv thing,review,view: review/view: x 2, y 1, z 1; 4 rows: 4 used, 0 skipped"},
		{"languages.csv", "spoken,review,view\nen,a fine film,x\nde,a bad film,y\nen,an old film,z\nen-US,a new film,x\nde,film,x\n",
		 "csv spoken,review,view: review/view: x 3, y 1, z 1; 5 rows: 5 used, 0 skipped"},
		{"dates.csv", "seen,review,view\n2024-01-05,a fine film,x\n2024-01-05,a bad film,y\n2024-01-05,old film,z\n2024-01-06,new film,x\n",
		 "csv seen,review,view: review/view: x 2, y 1, z 1; 4 rows: 4 used, 0 skipped"},
		{"users.csv", "user,review,view\nann,a fine film,x\nann,a bad film,y\nbob,an old film,z\nann,a new film,x\n",
		 "csv user,review,view: review/view: x 2, y 1, z 1; 4 rows: 4 used, 0 skipped"},
		{"sarcasm.csv", "article_link,headline,is_sarcastic\nhttp://a,the sun rises,0\nhttp://b,cat elected,1\nhttp://c,rain again,0\n",
		 "csv article_link,headline,is_sarcastic: headline/is_sarcastic: 0 2, 1 1; 3 rows: 3 used, 0 skipped"},
		{"reviews.json", "{\"overall\": 1.0, \"verified\": true, \"reviewText\": \"a fine film\"}\n"
		                 "{\"overall\": 5.0, \"verified\": false, \"reviewText\": \"a bad film\"}\n",
		 "jsonl overall,verified,reviewText: reviewText/overall: 1.0 1, 5.0 1; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void the_columns_of_a_multi_label_set_are_told_and_none_is_taken(void **state)
{
	static const char toxic[] = "id,comment_text,toxic,obscene,threat\n1,be nice,0,0,0\n2,go away now,1,0,0\n3,well done,0,1,0\n"
	                            "4,no no no,1,1,0\n5,thanks,0,0,1\n";
	const struct dataset_options named = {.label_column = "obscene"};
	struct dataset *dataset = data_open("toxic.csv", toxic, sizeof toxic - 1, &named);

	(void)state;
	assert_int_equal(dataset_notice_count(dataset), 0);
	assert_string_equal(data_row(dataset, 3), "no no no|1");
	dataset_close(dataset);
	assert_string_equal(data_picture("toxic.csv", toxic, sizeof toxic - 1),
	                    "csv id,comment_text,toxic,obscene,threat: comment_text/-:; 5 rows: 5 used, 0 skipped");
	assert_string_equal(data_notices("toxic.csv", toxic),
	                    "has several columns of 0 and 1, as sets with several labels a review have: toxic, obscene, threat; "
	                    "--label-column \"toxic,obscene,threat\" takes them all, --label-column NAME one of them\n");
}

/* --- what is said ------------------------------------------------------------------------------------------------ */

static const char *described(const char *bytes, const struct dataset_options *options)
{
	static char text[500];
	struct dataset *dataset = data_open("a.csv", bytes, strlen(bytes), options);

	dataset_describe_columns(dataset, text, sizeof text);
	dataset_close(dataset);
	return text;
}

static void the_columns_are_described_with_what_was_guessed(void **state)
{
	static const char reviews[] = "stars,review\n5,a fine film\n1,a bad film\n5,an old film\n";
	static const char others[] = "v1,v2\nham,hello you there\nspam,buy it now\nham,see you soon\n";
	const struct dataset_options label = {.label_column = "1"}, both = {.text_column = "v2", .label_column = "v1"};
	const struct dataset_options none = {.label_column = ""};
	struct dataset *dataset;
	char text[500];

	(void)state;
	assert_string_equal(described(reviews, NULL), "text \"review\", label \"stars\" (guessed; --label-column names another)");
	assert_string_equal(described(reviews, &label), "text \"review\", label \"stars\"");
	assert_string_equal(described(reviews, &none), "text \"review\"");
	assert_string_equal(described(others, NULL), "text \"v2\" (guessed; --text-column names another), "
	                                             "label \"v1\" (guessed; --label-column names another)");
	assert_string_equal(described(others, &both), "text \"v2\", label \"v1\"");
	assert_string_equal(described("opinion\na fine film\n", NULL), "text \"opinion\"");
	dataset = data_open("a.csv", reviews, sizeof reviews - 1, NULL);
	dataset_set_label_column(dataset, 0);
	dataset_describe_columns(dataset, text, sizeof text);
	assert_string_equal(text, "text \"review\", label \"stars\"");
	dataset_close(dataset);
}

/* --- no label ---------------------------------------------------------------------------------------------------- */

static void words_for_a_missing_value_are_no_label_and_counted_each(void **state)
{
	static const char *const words[] = {
		"nan", "NaN", "NULL", "null", "None", "N/A", "NA", "#N/A", "<NA>", "n/a", "-nan", "-NaN", "#NA", "1.#IND", "-1.#QNAN", "#N/A N/A",
	};
	char bytes[300], picture[300];

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		snprintf(bytes, sizeof bytes, "text,label\na,pos\nb,neg\nc,%s\nd,\ne, %s \n", words[i], words[i]);
		snprintf(picture, sizeof picture,
		         "csv text,label: text/label: neg 1, pos 1; 5 rows: 2 used, 3 skipped (3 no label (empty 1, %s 2), first on line 4)",
		         words[i]);
		assert_string_equal(data_picture("a.csv", bytes, strlen(bytes)), picture);
		snprintf(picture, sizeof picture, "in \"label\" %s counts as no label\n", words[i]);
		assert_string_equal(data_notices("a.csv", bytes), picture);
	}
	assert_string_equal(data_notices("a.csv", "text,label\na,pos\nb,neg\nc,NA\nd,NULL\n"), "in \"label\" NULL, NA count as no label\n");
	assert_string_equal(data_notices("a.csv", "text,label\na,pos\nb,neg\nc,\n"), "");
}

static void words_that_only_look_like_one_are_labels(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\na,FAVOR\nb,AGAINST\nc,NONE\n", "csv text,label: text/label: AGAINST 1, FAVOR 1, NONE 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "text,label\na,none\nb,some\nc,none\n", "csv text,label: text/label: none 2, some 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "text,label\na,None\nb,Some\nc,None\n", "csv text,label: text/label: None 2, Some 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "text,label\na,None\nb,Sarcasm\nc,None\n", "csv text,label: text/label: None 2, Sarcasm 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "text,label\na,None\nb,Mild\nc,Severe\nd,\n",
		 "csv text,label: text/label: Mild 1, None 1, Severe 1; 4 rows: 3 used, 1 skipped (1 no label on line 5)"},
		{"a.csv", "text,label\na,None\nb,pos\nc,neg\n",
		 "csv text,label: text/label: neg 1, pos 1; 3 rows: 2 used, 1 skipped (1 no label (None 1) on line 2)"},
		{"a.csv", "text,label\na,nandini\nb,na\n", "csv text,label: text/label: na 1, nandini 1; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
	assert_string_equal(data_notices("a.csv", files[2].bytes), "\"None\" counts as a label here, for what stands beside it in \"label\"\n");
}

static void missing_words_do_not_hide_that_minus_one_is_on_a_scale(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\na,-1\nb,0\nc,1\nd,nan\n",
		 "csv text,label: text/label: -1 1, 0 1, 1 1; 4 rows: 3 used, 1 skipped (1 no label (nan 1) on line 5)"},
		{"a.csv", "text,label\na,-1\nb,0\nc,1\nd,2\ne,\n",
		 "csv text,label: text/label: 0 1, 1 1, 2 1; 5 rows: 3 used, 2 skipped (2 no label (empty 1, -1 1), first on line 2)"},
	};

	(void)state;
	PICTURES(files);
}

static void json_has_the_same_words_beside_null_numbers_and_booleans(void **state)
{
	static const struct data_expected files[] = {
		{"a.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":1.0}\n{\"text\":\"c\",\"label\":null}\n"
		            "{\"text\":\"d\",\"label\":\"N/A\"}\n{\"text\":\"e\",\"label\":0}\n",
		 "jsonl text,label: text/label: 0 1, 1 2; 5 rows: 3 used, 2 skipped (2 no label (empty 1, N/A 1), first on line 3)"},
		{"a.jsonl", "{\"text\":\"a\",\"label\":true}\n{\"text\":\"b\",\"label\":false}\n",
		 "jsonl text,label: text/label: false 1, true 1; 2 rows: 2 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
}

static void white_space_of_any_kind_is_no_part_of_a_label(void **state)
{
	static const char *const spaces[] = {
		"\xC2\xA0", "\xE2\x80\xAF", "\xEF\xBB\xBF", "\xE3\x80\x80", "\xE2\x80\x83", "\xE2\x80\x8B", "\xE1\x9A\x80", "\xC2\x85", " \xC2\xA0 ",
	};
	char bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
		snprintf(bytes, sizeof bytes, "text,label\na,pos%s\nb,%spos\nc,pos\nd,%s\n", spaces[i], spaces[i], spaces[i]);
		assert_string_equal(data_picture("a.csv", bytes, strlen(bytes)),
		                    "csv text,label: text/label: pos 3; 4 rows: 3 used, 1 skipped (1 no label on line 5)");
	}
}

static void a_number_is_one_label_however_it_is_written(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\na,1.0\nb,1\nc,2.0\nd,2.50\ne,2.5\nf,01\n",
		 "csv text,label: text/label: 1 3, 2.0 1, 2.5 2; 6 rows: 6 used, 0 skipped"},
		{"a.csv", "text,label\na,0.0\nb,1.0\nc,2.0\n", "csv text,label: text/label: 0.0 1, 1.0 1, 2.0 1; 3 rows: 3 used, 0 skipped"},
		{"a.csv", "text,label\na,-0.5\nb,-.5\nc,+3\nd,3\n", "csv text,label: text/label: -.5 2, 3 2; 4 rows: 4 used, 0 skipped"},
		/* numbers that a double cannot tell apart, and what is no number */
		{"a.csv", "text,label\na,628949369883000832\nb,628949369883000833\nc,1.\nd,1.0.0\ne,1\n",
		 "csv text,label: text/label: 1 2, 628949369883000832 1, 628949369883000833 1, 1.0.0 1; 5 rows: 5 used, 0 skipped"},
	};

	(void)state;
	PICTURES(files);
	assert_true(label_equal(span_of("1"), span_of("1.0")));
	assert_false(label_equal(span_of("1"), span_of("1.1")));
	assert_false(label_equal(span_of("one"), span_of("One")));
}

static void empty_texts_are_counted_and_told(void **state)
{
	static const struct data_expected files[] = {
		{"a.csv", "text,label\nfine,pos\n,neg\n\xC2\xA0,neg\n", "csv text,label: text/label: neg 2, pos 1; 3 rows: 3 used, 0 skipped, 2 empty texts"},
		{"a.csv", "text,label\nfine,pos\n\"\",neg\n", "csv text,label: text/label: neg 1, pos 1; 2 rows: 2 used, 0 skipped, 1 empty text"},
	};

	(void)state;
	PICTURES(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_whatever_their_case_with_what_stands_before_and_behind),
		cmocka_unit_test(names_of_labels_are_believed_in_their_order),
		cmocka_unit_test(a_column_that_is_called_label_is_one_however_many_values_it_has),
		cmocka_unit_test(flags_identities_languages_dates_and_users_are_no_labels_by_content),
		cmocka_unit_test(the_columns_of_a_multi_label_set_are_told_and_none_is_taken),
		cmocka_unit_test(the_columns_are_described_with_what_was_guessed),
		cmocka_unit_test(words_for_a_missing_value_are_no_label_and_counted_each),
		cmocka_unit_test(words_that_only_look_like_one_are_labels),
		cmocka_unit_test(missing_words_do_not_hide_that_minus_one_is_on_a_scale),
		cmocka_unit_test(json_has_the_same_words_beside_null_numbers_and_booleans),
		cmocka_unit_test(white_space_of_any_kind_is_no_part_of_a_label),
		cmocka_unit_test(a_number_is_one_label_however_it_is_written),
		cmocka_unit_test(empty_texts_are_counted_and_told),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
