/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/reviews/expression.c and engine/nearest.h: which rows an expression means, and what is told of one that is wrong. */
#include "tests/unit/check.h"

#include "engine/nearest.h"
#include "ui/reviews/expression_complete.h"

enum { STARS, TEXT, LABELS, DAY, MINE, ERROR };

static const char *const names[] = {"stars", "text", "label", "day", "my column", "error", "negative", "neutral", "positive", NULL};

static enum expression_name find(const void *of, struct span name, int *field)
{
	(void)of;
	for (int i = 0; names[i]; i++) {
		if (!span_equal(span_of(names[i]), name))
			continue;
		*field = i > ERROR ? LABELS : i;
		return i < ERROR ? NAME_FIELD : i == ERROR ? NAME_FLAG : NAME_WORD;
	}
	return NAME_UNKNOWN;
}

static const char *name(const void *of, int index)
{
	(void)of;
	return names[index];
}

static const char *label_at(const void *of, int field, int index)
{
	static const char *const labels[] = {"negative", "neutral", "Rude", NULL};

	(void)of;
	return field == LABELS ? labels[index] : NULL;
}

static const struct expression_names known = {NULL, find, name, NULL}, spelled = {NULL, find, name, label_at};

/* A review with four stars, of two labels, on a day. */
static void value(const void *of, int field, struct expression_value *out)
{
	static const struct span labels[] = {{"neutral", 7}, {"Rude", 4}};

	(void)of;
	out->kind = VALUE_TEXTS;
	out->texts = &out->text;
	out->count = 1;
	switch (field) {
	case STARS:
		out->text = span_of(" 4.0");
		break;
	case TEXT:
		out->text = span_of("The Waitress was rude (again)");
		break;
	case LABELS:
		out->texts = labels;
		out->count = 2;
		break;
	case DAY:
		out->text = span_of("2011-01-26");
		break;
	case ERROR:
		out->kind = VALUE_NUMBER;
		out->number = 1;
		break;
	default:
		out->kind = VALUE_NONE;
	}
}

static bool holds(const char *text)
{
	struct error error = {0};
	struct expression *expression = expression_parse(text, &known, &error);
	bool result;

	if (!expression)
		fail_msg("%s: %s", text, error.text);
	result = expression_holds(expression, value, NULL);
	expression_free(expression);
	return result;
}

static void numbers_are_compared_by_value(void **state)
{
	(void)state;
	assert_true(holds("stars=4"));
	assert_true(holds("stars>=4.0 stars<=4"));
	assert_false(holds("stars>4"));
	assert_true(holds("stars != 5"));
	assert_true(holds("stars<10"));
	assert_false(holds("text<10"));
}

static void words_are_compared_in_any_case_unless_a_capital_was_typed(void **state)
{
	(void)state;
	assert_true(holds("label=rude"));
	assert_true(holds("label=Rude"));
	assert_false(holds("label=RUDE"));
	assert_true(holds("text~waitress"));
	assert_true(holds("text~Waitress"));
	assert_false(holds("text~WAITRESS"));
}

static void one_of_several_labels_is_enough_and_none_may_be_where_it_is_negated(void **state)
{
	(void)state;
	assert_true(holds("label=neutral"));
	assert_false(holds("label!=neutral"));
	assert_true(holds("label!=positive"));
}

static void words_are_in_the_order_of_their_bytes_so_that_dates_are(void **state)
{
	(void)state;
	assert_true(holds("day>=2011-01-01"));
	assert_true(holds("day<2011-02"));
	assert_false(holds("day>2012"));
}

static void conditions_are_joined_by_and_or_not_and_parentheses(void **state)
{
	(void)state;
	assert_true(holds("stars=4 label=rude"));
	assert_false(holds("stars=4 and label=positive"));
	assert_true(holds("stars=1 or label=rude"));
	assert_true(holds("stars=4 or stars=5 label=positive"));
	assert_false(holds("(stars=4 or stars=5) label=positive"));
	assert_true(holds("not stars=1 label=rude"));
	assert_false(holds("not (stars=4 label=rude)"));
	assert_true(holds("NOT not stars=4"));
}

static void a_regular_expression_may_have_parentheses_and_quotes_hold_blanks(void **state)
{
	(void)state;
	assert_true(holds("text~(rude|slow)"));
	assert_true(holds("(text~(rude|slow))"));
	assert_true(holds("text~\"was rude\""));
	assert_true(holds("text~'rude \\(again'"));
	assert_false(holds("text!~rude"));
}

static void flags_and_labels_stand_alone(void **state)
{
	(void)state;
	assert_true(holds("error"));
	assert_false(holds("not error"));
	assert_true(holds("neutral"));
	assert_false(holds("positive"));
}

static void what_is_not_known_holds_only_where_it_is_negated(void **state)
{
	(void)state;
	assert_false(holds("'my column'=1"));
	assert_false(holds("'my column'<1"));
	assert_true(holds("'my column'!=1"));
	assert_true(holds("\"my column\"!~a"));
}

static const char *complaint_of(const char *text, const struct expression_names *of)
{
	static struct error error;
	struct expression *expression;

	error = (struct error){0};
	expression = expression_parse(text, of, &error);
	if (expression)
		fail_msg("%s was taken", text);
	return error.text;
}

static const char *complaint(const char *text)
{
	return complaint_of(text, &known);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *complaint;
	} cases[] = {
		{"nuetral", "at 1: \"nuetral\" is neither a column nor a label: did you mean \"neutral\"?"},
		{"stars=4 starz>3", "at 9: \"starz\" is neither a column nor a label: did you mean \"stars\"?"},
		{"wonderful", "at 1: \"wonderful\" is neither a column nor a label; text~wonderful finds a text"},
		{"stars", "at 6: \"stars\" is to be compared: an operator is missing (= != < <= > >= ~ !~)"},
		{"stars=", "at 7: a value is missing after = (\"\" is an empty one)"},
		{"(stars=4", "at 1: a parenthesis that does not close"},
		{"stars=4)", "at 8: a ) that nothing opened"},
		{"text~'a", "at 6: a quote that does not close"},
		{"text~\"a(\"", "at 6: not a regular expression: Unmatched ( or \\("},
		{"=4", "at 1: a name is missing before =4"},
		{"stars=4 or", "at 11: a condition is missing"},
		{"", "at 1: a condition is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(complaint(cases[i].text), cases[i].complaint);
}

static void a_value_that_is_nearly_one_of_its_field_is_misspelled(void **state)
{
	static const char *const right[] = {"label=rude", "label=neutral or label!=Rude", "label=excellent", "label~nuetral",
	                                    "label=3", "text=nuetral", "label<nuetral"};
	struct error error = {0};

	(void)state;
	assert_string_equal(complaint_of("stars=4 label=nuetral", &spelled),
	                    "at 15: no review has \"nuetral\" there: did you mean \"neutral\"?");
	assert_string_equal(complaint_of("label!='negativ'", &spelled),
	                    "at 8: no review has \"negativ\" there: did you mean \"negative\"?");
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		struct expression *expression = expression_parse(right[i], &spelled, &error);

		if (!expression)
			fail_msg("%s: %s", right[i], error.text);
		expression_free(expression);
	}
}

static void too_much_is_refused(void **state)
{
	char text[8000];
	size_t size = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "(");
	assert_non_null(strstr(complaint(text), "too deep"));
	size = 0;
	for (int i = 0; i < 800; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "stars=4 ");
	assert_non_null(strstr(complaint(text), "too many"));
	memset(text, 'a', 2000);
	text[2000] = '\0';
	assert_non_null(strstr(complaint(text), "too long"));
}

/* Any bytes are an expression or a complaint; what is read holds or not. */
static void no_line_breaks_it(void **state)
{
	static const char *const parts[] = {"stars", "=", "!", "~", "<", ">", "(", ")", "'", "\"", " ", "not", "or ", "and ", "a", "[", "\\",
	                                    "*", "{9", "4", "text", "error", "\xff", "neutral", "-", "|"};
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct error error = {0};
		struct expression *expression;
		char text[200] = "";

		for (int i = 0; i < 12; i++) {
			random = random * 1664525 + 1013904223;
			strncat(text, parts[(random >> 16) % (sizeof parts / sizeof *parts)], sizeof text - strlen(text) - 1);
		}
		expression = expression_parse(text, &known, &error);
		assert_true(expression || error.text[0]);
		if (expression)
			expression_holds(expression, value, NULL);
		expression_free(expression);
	}
}

static void an_expression_is_told_from_a_text(void **state)
{
	(void)state;
	assert_true(expression_is_meant("stars>=4", &known));
	assert_true(expression_is_meant(" not (text ~ a", &known));
	assert_true(expression_is_meant("error label=neutral", &known));
	assert_true(expression_is_meant("(not error and stars=4)", &known));
	assert_true(expression_is_meant("error=1", &known));
	assert_false(expression_is_meant("error", &known));
	assert_false(expression_is_meant("error or not", &known));
	assert_false(expression_is_meant("starz>=4", &known));
	assert_false(expression_is_meant("stars are bad", &known));
	assert_false(expression_is_meant("number 2[46]", &known));
	assert_false(expression_is_meant("neutral", &known));
}

static void check_completed(const char *word, int index, const char *expected)
{
	char *found = expression_complete(&spelled, word, index);

	if (!expected)
		assert_null(found);
	else
		assert_string_equal(found, expected);
	free(found);
}

static void names_and_values_are_completed(void **state)
{
	(void)state;
	check_completed("st", 0, "stars");
	check_completed("st", 1, NULL);
	check_completed("((ne", 0, "((negative");
	check_completed("ne", 1, "neutral");
	check_completed("\"m", 0, "\"my column\"");
	check_completed("label=n", 0, "label=negative");
	check_completed("(label!=", 2, "(label!=Rude");
	check_completed("\"label\"=R", 0, "\"label\"=Rude");
	check_completed("text~", 0, NULL);
	check_completed("error=", 0, NULL);
	check_completed("starz=", 0, NULL);
}

static void the_nearest_name_is_found(void **state)
{
	struct nearest near = {.wanted = "Confidnece"};

	(void)state;
	nearest_offer(&near, "label");
	assert_null(near.name);
	nearest_offer(&near, "condition");
	nearest_offer(&near, "confidence");
	nearest_offer(&near, "confidant");
	assert_string_equal(near.name, "confidence");
	near = (struct nearest){.wanted = "x"};
	nearest_offer(&near, "label");
	assert_null(near.name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_compared_by_value),
		cmocka_unit_test(words_are_compared_in_any_case_unless_a_capital_was_typed),
		cmocka_unit_test(one_of_several_labels_is_enough_and_none_may_be_where_it_is_negated),
		cmocka_unit_test(words_are_in_the_order_of_their_bytes_so_that_dates_are),
		cmocka_unit_test(conditions_are_joined_by_and_or_not_and_parentheses),
		cmocka_unit_test(a_regular_expression_may_have_parentheses_and_quotes_hold_blanks),
		cmocka_unit_test(flags_and_labels_stand_alone),
		cmocka_unit_test(what_is_not_known_holds_only_where_it_is_negated),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(a_value_that_is_nearly_one_of_its_field_is_misspelled),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(no_line_breaks_it),
		cmocka_unit_test(an_expression_is_told_from_a_text),
		cmocka_unit_test(names_and_values_are_completed),
		cmocka_unit_test(the_nearest_name_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
